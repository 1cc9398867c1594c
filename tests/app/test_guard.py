"""The guard refuses bodies that are too long, however they come, and dresses every answer."""

from concurrent.futures import ThreadPoolExecutor

import anyio
import pytest
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from app.guard import Guard

LIMIT = 1000


async def measure(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


def guarded() -> Guard:
    return Guard(Starlette(routes=[Route("/", measure, methods=["GET", "POST"])]), most_bytes=LIMIT)


def test_a_body_within_the_limit_passes():
    assert TestClient(guarded()).post("/", content=b"x" * LIMIT).text == str(LIMIT)


@pytest.mark.parametrize("declared", ["1001", "-1", "a lot"])
def test_a_declared_length_that_is_too_large_or_nonsense_is_refused(declared):
    answer = TestClient(guarded()).post("/", content=b"x", headers={"content-length": declared})
    assert answer.status_code == 413


def test_a_body_that_hides_its_length_is_cut_off():
    async def send_in_pieces() -> None:
        pieces = iter([{"type": "http.request", "body": b"x" * 600, "more_body": True}] * 3)

        async def receive() -> dict[str, object]:
            return next(pieces)

        async def send(message: object) -> None:
            pass

        scope = {"type": "http", "method": "POST", "path": "/", "headers": [], "query_string": b""}
        await guarded()(scope, receive, send)

    with ThreadPoolExecutor() as other_thread, pytest.raises(ClientDisconnect):  # a browser's loop may run in this one
        other_thread.submit(anyio.run, send_in_pieces).result()


def test_answers_forbid_other_hosts():
    policy = TestClient(guarded()).get("/").headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy
