"""A loopback server that answers like Hugging Face: small files by themselves, large ones from another host."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

COMMIT = "0123456789abcdef0123456789abcdef01234567"
LARGE = (".safetensors", ".bin")


@dataclass
class FakeHub:
    """What the server holds, how it misbehaves, and what it was asked.

    Attributes:
        files: contents by repository and file name.
        served: contents by file name that are sent instead of the announced ones.
        cuts: how many bytes each of the next connections sends of a large file before it breaks.
        refusals: status and ``X-Error-Code`` by repository.
        takes_ranges: False sends a file from its beginning, whatever was asked.
        etags: what is announced instead of a hash, by file name.
    """

    port: int = 0
    files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    served: dict[str, bytes] = field(default_factory=dict)
    cuts: list[int] = field(default_factory=list)
    refusals: dict[str, tuple[int, str]] = field(default_factory=dict)
    takes_ranges: bool = True
    etags: dict[str, str] = field(default_factory=dict)
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    while_sending: Callable[[], None] = lambda: None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def elsewhere(self) -> str:
        """The same server under a name that counts as another host."""
        return f"http://localhost:{self.port}"

    def asked(self, method: str, ending: str) -> list[dict[str, str]]:
        """The headers of every request of that kind."""
        return [headers for used, path, headers in self.requests if used == method and path.endswith(ending)]

    def etag(self, name: str, content: bytes) -> str:
        small = hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()
        hashed = hashlib.sha256(content).hexdigest() if name.endswith(LARGE) else small
        return f'"{self.etags.get(name, hashed)}"'


@contextmanager
def running() -> Iterator[FakeHub]:
    """The server, for as long as the ``with`` statement lasts."""
    hub = FakeHub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(hub))
    server.daemon_threads = True
    hub.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(hub: FakeHub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._answer()

        def do_GET(self) -> None:
            self._answer()

        def log_message(self, format: str, *values: Any) -> None:
            """Stays quiet."""

        def _answer(self) -> None:
            hub.requests.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}))
            kind, _, rest = self.path.lstrip("/").partition("/")
            if kind in ("cdn", "cache"):  # /cdn/owner/name/file
                owner, repository, name = rest.split("/", 2)
                self._send(f"{owner}/{repository}", name)
            else:  # /owner/name/resolve/revision/file
                repository, _, place = self.path.lstrip("/").partition("/resolve/")
                self._resolve(repository, place.partition("/")[2])

        def _resolve(self, repository: str, name: str) -> None:
            refusal = hub.refusals.get(repository) or (None if repository in hub.files else (401, "RepoNotFound"))
            if refusal is None and name not in hub.files[repository]:
                refusal = (404, "EntryNotFound")
            if refusal is not None:
                return self._head(refusal[0], {"X-Error-Code": refusal[1], "Content-Length": "0"})
            headers = {"X-Repo-Commit": COMMIT, "Content-Length": "0"}
            content = hub.files[repository][name]
            if name.endswith(LARGE):
                headers |= {"X-Linked-Etag": hub.etag(name, content), "X-Linked-Size": str(len(content))}
                return self._head(302, headers | {"Location": f"{hub.elsewhere}/cdn/{repository}/{name}"})
            return self._head(307, headers | {"Location": f"/cache/{repository}/{name}"})

        def _send(self, repository: str, name: str) -> None:
            content = hub.served.get(name, hub.files[repository][name])
            asked = self.headers.get("Range")
            start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and hub.takes_ranges else 0
            headers = {
                "X-Repo-Commit": COMMIT,
                "ETag": hub.etag(name, content),
                "Content-Length": str(len(content) - start),
            }
            if start:
                headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
            self._head(206 if start else 200, headers)
            if self.command == "GET":
                self._body(content[start:], name)

        def _body(self, content: bytes, name: str) -> None:
            cut = hub.cuts.pop(0) if hub.cuts and name.endswith(LARGE) else len(content)
            for at in range(0, min(cut, len(content)), 4096):
                self.wfile.write(content[at : min(at + 4096, cut)])
                hub.while_sending()
            self.close_connection = cut < len(content)

        def _head(self, status: int, headers: dict[str, str]) -> None:
            self.send_response(status)
            for key, value in headers.items():
                self.send_header(key, value)
            self.end_headers()

    return Handler
