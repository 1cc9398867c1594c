"""Whose pictures a request is about: the logged-in user's, or those of whoever carries a cookie that we signed.

A cookie is ``token.signature``: 192 random bits, and a HMAC of them under a key that lies beside the pictures. Nobody
can make one up, the browser shows it to no script, and the database knows only its SHA-256. Two studios on one machine
share a browser's cookies whatever their ports, so the cookie's name tells their keys apart.

Who owns a request is known while it runs (:func:`current_owner`). Queued events run outside of their request: they ask
:meth:`Owners.of` with what Gradio kept of it.
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cached_property
from pathlib import Path
from typing import Any

from core.messages import StudioError

KEY_FILE, KEY_BYTES = "owners.key", 32
_current: ContextVar[str | None] = ContextVar("owner", default=None)


class Owners:
    """Makes and reads cookies with the key of one data folder, which is made when it is asked for first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def cookie_name(self) -> str:
        return f"studio_owner_{hashlib.sha256(self._key).hexdigest()[:12]}"

    def new_cookie(self) -> str:
        """A cookie for somebody who has none."""
        return self._signed(secrets.token_urlsafe(24))

    def cookie_of(self, request: Any) -> str | None:
        """The request's cookie, if it is one of ours."""
        cookie = request.cookies.get(self.cookie_name, "")
        signed = self._signed(cookie.partition(".")[0])
        return cookie if hmac.compare_digest(cookie.encode(), signed.encode()) else None

    def of(self, request: Any) -> str | None:
        """The owner of a request (Starlette's, or Gradio's around it); None where nothing says who it is."""
        if getattr(request.app, "auth", None) is not None:
            user = logged_in(request)
            return f"user:{user}" if user else None
        cookie = self.cookie_of(request)
        return None if cookie is None else self.owner_of(cookie)

    def owner_of(self, cookie: str) -> str:
        """The owner whom one of our cookies stands for."""
        return f"cookie:{hashlib.sha256(cookie.encode()).hexdigest()}"

    def _signed(self, token: str) -> str:
        return f"{token}.{hmac.new(self._key, token.encode(), hashlib.sha256).hexdigest()}"

    @cached_property
    def _key(self) -> bytes:
        """Made once; of two servers that start together one makes it and both read it."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / KEY_FILE
        fresh = path.with_name(f"{KEY_FILE}.{secrets.token_hex(8)}")
        if not path.exists():
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(secrets.token_bytes(KEY_BYTES))
            with suppress(OSError):  # who comes second finds the other's key
                os.link(fresh, path)
            if not path.exists():  # a file system without links
                fresh.replace(path)
            fresh.unlink(missing_ok=True)
        return path.read_bytes()


def logged_in(request: Any) -> str | None:
    """The user that Gradio's login knows the request's browser as."""
    app = request.app
    names = (f"access-token-{app.cookie_id}", f"access-token-unsecure-{app.cookie_id}")
    token = next(filter(None, map(request.cookies.get, names)), None)
    user: str | None = app.tokens.get(token)
    return user


@contextmanager
def acting_as(owner: str | None) -> Iterator[None]:
    """Makes somebody the owner of what runs inside, threads that it waits for included."""
    token = _current.set(owner)
    try:
        yield
    finally:
        _current.reset(token)


def current_owner() -> str:
    """Whose request is being answered.

    Raises:
        StudioError: nobody's: the browser keeps no cookies.
    """
    return require_owner(_current.get())


def require_owner(owner: str | None) -> str:
    """Raises StudioError for None."""
    if owner is None:
        raise StudioError("error.no_cookie")
    return owner
