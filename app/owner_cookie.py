"""ASGI middleware: every request knows its owner, and every page that is loaded hands out a cookie or renews it."""

import os
from http.cookies import Morsel

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.owners import Owners, acting_as

_SECONDS = 400 * 24 * 3600  # as long as browsers keep a cookie at most


class OwnerCookie:
    """Sets :func:`app.owners.current_owner` for what it wraps.

    Inside a Space the page stands in a frame of another site: there the cookie is partitioned, or browsers drop it.
    """

    def __init__(self, app: ASGIApp, owners: Owners) -> None:
        self._app = app
        self._owners = owners

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        with acting_as(self._owners.of(request)):
            await self._app(scope, receive, self._renewing(request, send) if scope["method"] == "GET" else send)

    def _renewing(self, request: HTTPConnection, send: Send) -> Send:
        async def renewed(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_page(message):
                cookie = self._owners.cookie_of(request) or self._owners.new_cookie()
                header = set_cookie(self._owners.cookie_name, cookie, is_secure=_is_secure(request))
                MutableHeaders(scope=message).append("set-cookie", header)
            await send(message)

        return renewed


def set_cookie(name: str, value: str, *, is_secure: bool) -> str:
    """The header's value."""
    in_space = bool(os.environ.get("SPACE_ID"))
    morsel: Morsel[str] = Morsel()
    morsel.set(name, value, value)
    morsel.update({"path": "/", "max-age": str(_SECONDS), "samesite": "None" if in_space else "Lax"})
    flags = ["HttpOnly", *(["Secure"] if in_space or is_secure else []), *(["Partitioned"] if in_space else [])]
    return "; ".join([morsel.OutputString(), *flags])


def _is_page(message: Message) -> bool:
    return Headers(raw=message["headers"]).get("content-type", "").startswith("text/html")


def _is_secure(request: HTTPConnection) -> bool:
    return "https" in (request.url.scheme, request.headers.get("x-forwarded-proto"))
