"""What every HTTP exchange has to keep to: no endless bodies, and a page that talks to nobody but its own server."""

from collections.abc import MutableMapping
from typing import Any, TypeAlias

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FORM_OVERHEAD = 1024 * 1024  # what a multipart form may hold beside the picture itself

# Gradio's page needs inline scripts and eval (the templates of gr.HTML); everything else comes from this server.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_Body: TypeAlias = MutableMapping[str, Any]


class Guard:
    """ASGI middleware: refuses bodies above ``most_bytes``, declared or not, and sets the security headers."""

    def __init__(self, app: ASGIApp, most_bytes: int) -> None:
        self._app = app
        self._most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "0")
        if not declared.isdecimal() or int(declared) > self._most_bytes:
            await PlainTextResponse("Too large", status_code=413)(scope, receive, send)
            return
        await self._app(scope, self._counting(receive), _with_headers(send))

    def _counting(self, receive: Receive) -> Receive:
        """A body that grows past the limit without having said so is cut off like a lost connection."""
        arrived = 0

        async def counted() -> Message:
            nonlocal arrived
            message: _Body = await receive()
            arrived += len(message.get("body", b""))
            return {"type": "http.disconnect"} if arrived > self._most_bytes else message

        return counted


def _with_headers(send: Send) -> Send:
    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return dressed
