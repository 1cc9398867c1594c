"""Who owns a request: the cookie that a page is given, signed, renewed, and worth nothing once it is touched."""

import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from app.data_folder import default_data_folder
from app.owner_cookie import OwnerCookie
from app.owners import KEY_FILE, Owners, current_owner
from core.messages import StudioError


def page(request: Request) -> HTMLResponse:
    return HTMLResponse("<p>page</p>")


def whose(request: Request) -> PlainTextResponse:
    """In a worker thread, as Gradio runs its server functions."""
    try:
        return PlainTextResponse(current_owner())
    except StudioError as error:
        return PlainTextResponse(error.key)


def browser(folder: Path, address: str = "http://studio") -> TestClient:
    routes = [Route("/", page), Route("/whose", whose, methods=["GET", "POST"])]
    middleware = [Middleware(OwnerCookie, owners=Owners(folder))]
    return TestClient(Starlette(routes=routes, middleware=middleware), base_url=address)


def test_a_page_makes_its_browser_somebody(tmp_path: Path) -> None:
    client = browser(tmp_path)
    assert client.post("/whose").text == "error.no_cookie"
    cookie = client.get("/").headers["set-cookie"]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    owner = client.post("/whose").text
    assert owner.startswith("cookie:")
    assert client.cookies[Owners(tmp_path).cookie_name] not in owner


def test_the_same_browser_stays_the_same_after_a_restart(tmp_path: Path) -> None:
    first = browser(tmp_path)
    first.get("/")
    later = browser(tmp_path)
    later.cookies = first.cookies
    assert later.get("/").headers["set-cookie"].partition(";")[0].endswith(first.cookies[Owners(tmp_path).cookie_name])
    assert first.post("/whose").text == later.post("/whose").text
    assert browser(tmp_path).post("/whose").text == "error.no_cookie"


def test_two_browsers_are_two_owners(tmp_path: Path) -> None:
    clients = [browser(tmp_path) for _ in range(2)]
    for client in clients:
        client.get("/")
    assert len({client.post("/whose").text for client in clients}) == 2


@pytest.mark.parametrize("forge", [str.upper, lambda c: c[:-1], lambda c: c + "0", lambda c: "x" + c, lambda c: "."])
def test_a_touched_cookie_is_nobodys(tmp_path: Path, forge: Any) -> None:
    owners, client = Owners(tmp_path), browser(tmp_path)
    client.cookies.set(owners.cookie_name, forge(owners.new_cookie()))
    assert client.post("/whose").text == "error.no_cookie"


def test_another_studios_cookie_is_nobodys(tmp_path: Path) -> None:
    mine, theirs = Owners(tmp_path / "a"), Owners(tmp_path / "b")
    assert mine.cookie_name != theirs.cookie_name
    client = browser(tmp_path / "a")
    client.cookies.set(mine.cookie_name, theirs.new_cookie())
    assert client.post("/whose").text == "error.no_cookie"


def test_https_and_a_space_ask_for_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Secure" in browser(tmp_path, "https://studio").get("/").headers["set-cookie"].split("; ")
    monkeypatch.setenv("SPACE_ID", "someone/studio")
    cookie = browser(tmp_path).get("/").headers["set-cookie"]
    assert {"SameSite=None", "Secure", "Partitioned", "HttpOnly"} <= set(cookie.split("; "))


def test_only_pages_hand_out_cookies(tmp_path: Path) -> None:
    assert "set-cookie" not in browser(tmp_path).get("/whose").headers


def test_the_key_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    Owners(tmp_path).new_cookie()
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]


@pytest.mark.parametrize(("token", "owner"), [("t", "user:olive"), ("other", None), (None, None)])
def test_with_a_login_the_user_is_the_owner(tmp_path: Path, token: str | None, owner: str | None) -> None:
    app = SimpleNamespace(auth=[("olive", "secret")], cookie_id="7", tokens={"t": "olive"})
    cookies = {"access-token-unsecure-7": token} if token else {}
    cookies[Owners(tmp_path).cookie_name] = Owners(tmp_path).new_cookie()
    assert Owners(tmp_path).of(SimpleNamespace(app=app, cookies=cookies)) == owner


def test_the_data_folder_is_the_platforms() -> None:
    home = Path.home()
    assert default_data_folder({}, "linux") == home / ".local/share/maskformer-studio"
    assert default_data_folder({"XDG_DATA_HOME": "/data"}, "linux") == Path("/data/maskformer-studio")
    assert default_data_folder({}, "darwin") == home / "Library/Application Support/maskformer-studio"
    assert default_data_folder({"LOCALAPPDATA": "/local"}, "win32") == Path("/local/maskformer-studio")
