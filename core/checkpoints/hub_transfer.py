"""Files from Hugging Face, or the server that ``HF_ENDPOINT`` names: resumed after a cut, checked against their hashes.

``huggingface_hub`` 2.4 starts an interrupted file anew in the next run, checks only its size, and reads the
environment once, when it is imported; hence this small client. It tells the server no more than the files it wants
and, where there is one, the person's token.
"""

import hashlib
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
from huggingface_hub import get_token

HUGGING_FACE = "https://huggingface.co"
AGENT = "MaskFormer-Studio"
COMMIT, SIZE, ETAG, ERROR = "X-Repo-Commit", "X-Linked-Size", "X-Linked-Etag", "X-Error-Code"

ATTEMPTS, PAUSE = 4, 1.0  # in a row without a new byte; seconds between them
MOST_REDIRECTS = 5
TRANSIENT = {408, 429, 500, 502, 503, 504}
HASH = re.compile(r"[0-9a-f]{64}|[0-9a-f]{40}")  # SHA-256 of a large file, or git's SHA-1 of a small one
HEX = re.compile(r"[0-9a-f]{7,64}")


class HubError(Exception):
    """Why there is no download: a key of the message catalogue and its values."""

    def __init__(self, key: str, **values: Any) -> None:
        self.key = key
        self.values = values
        super().__init__(key)


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file of a repository at one commit; ``digest`` names its content."""

    name: str
    url: str
    commit: str
    size: int
    digest: str


class HubClient:
    """One conversation with the server; use it in a ``with`` statement.

    Raises:
        HubError: from every method, where the server does not answer, or refuses.
    """

    def __init__(self) -> None:
        self.endpoint = (os.environ.get("HF_ENDPOINT") or HUGGING_FACE).rstrip("/")
        token = None if os.environ.get("HF_HUB_DISABLE_IMPLICIT_TOKEN") else get_token()
        headers = {"User-Agent": AGENT, "Accept-Encoding": "identity"}  # sizes and ranges count the bytes of the file
        headers |= {"Authorization": f"Bearer {token}"} if token else {}  # httpx sends it to no other host
        patience = float(os.environ.get("HF_HUB_DOWNLOAD_TIMEOUT") or 10)
        try:
            self._client = httpx.Client(base_url=self.endpoint, headers=headers, timeout=patience)
        except httpx.InvalidURL as error:
            raise HubError("error.hub_no_network", host=self.endpoint) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._client.close()

    def find(self, repository: str, name: str, revision: str = "main") -> RemoteFile | None:
        """What the server announces about a file, or None where the repository has none of that name."""
        url = f"{self.endpoint}/{repository}/resolve/{revision}/{name}"
        response = self._head(self._client.build_request("HEAD", url))
        commit = response.headers.get(COMMIT)
        for _ in range(MOST_REDIRECTS):  # up to the answer that describes the file: a large one lies elsewhere
            if response.next_request is None or ETAG in response.headers:
                break
            response = self._head(response.next_request)
            commit = commit or response.headers.get(COMMIT)
        if response.status_code == httpx.codes.NOT_FOUND and response.headers.get(ERROR) != "RepoNotFound":
            return None
        self._refuse(response, repository)
        return self._announced(response, name, commit or "", url)

    def _head(self, request: httpx.Request) -> httpx.Response:
        try:
            return self._client.send(request)
        except httpx.RequestError as error:
            raise HubError("error.hub_no_network", host=self.endpoint) from error

    def _announced(self, response: httpx.Response, name: str, commit: str, url: str) -> RemoteFile:
        digest = response.headers.get(ETAG, response.headers.get("ETag", "")).removeprefix("W/").strip('"')
        own_size = "" if response.is_redirect else response.headers.get("Content-Length", "")
        size = response.headers.get(SIZE, own_size)
        if not HASH.fullmatch(digest) or not HEX.fullmatch(commit) or not size.isdecimal():
            raise HubError("error.hub_unverifiable", host=self.endpoint, file=name)
        pinned = url.replace("/resolve/main/", f"/resolve/{commit}/")
        return RemoteFile(name=name, url=pinned, commit=commit, size=int(size), digest=digest)

    def _refuse(self, response: httpx.Response, repository: str) -> None:
        status, code = response.status_code, response.headers.get(ERROR)
        if code == "GatedRepo":
            raise HubError("error.hub_gated", page=f"{self.endpoint}/{repository}")
        if code == "RepoNotFound" or status in (httpx.codes.NOT_FOUND, httpx.codes.UNAUTHORIZED):
            raise HubError("error.hub_unknown")
        if status >= httpx.codes.BAD_REQUEST:
            raise HubError("error.hub_refused", host=self.endpoint, status=status)

    def download(self, file: RemoteFile, part: Path, report: Callable[[int], None]) -> None:
        """Completes ``part``, going on where it ends, and checks it; a wrong one is deleted.

        Args:
            part: what is there already of the file, if anything; it stays after a cut.
            report: is told the bytes of ``part``; what it raises ends the download.
        """
        part.touch()
        idle = 0
        while (size := size_of(part)) < file.size:
            try:
                self._stream(file, part, report)
            except httpx.RequestError:
                time.sleep(PAUSE)
            idle = 0 if size_of(part) > size else idle + 1
            if idle == ATTEMPTS:
                raise HubError("error.hub_cut", file=file.name, done=size, size=file.size)
        if size != file.size or digest_of(part, file.digest) != file.digest:
            part.unlink()
            raise HubError("error.hub_hash", file=file.name)

    def _stream(self, file: RemoteFile, part: Path, report: Callable[[int], None]) -> None:
        """One connection: appends to ``part``, or begins it anew where the server cannot go on in the middle."""
        start = size_of(part)
        wanted = {"Range": f"bytes={start}-"} if start else {}
        with self._client.stream("GET", file.url, headers=wanted, follow_redirects=True) as response:
            if response.status_code in TRANSIENT:
                raise httpx.RemoteProtocolError(f"status {response.status_code}")
            self._refuse(response, file.name)
            continued = response.headers.get("Content-Range", "").startswith(f"bytes {start}-")
            written = start if continued else 0
            with part.open("ab" if continued else "wb") as stream:
                for chunk in response.iter_bytes():
                    stream.write(chunk)
                    written += len(chunk)
                    report(min(written, file.size))
                    if written > file.size:
                        return


def digest_of(path: Path, like: str) -> str:
    """The SHA-256 of a file, or git's SHA-1 where ``like`` is as short."""
    with path.open("rb") as stream:
        if len(like) == 64:
            return hashlib.file_digest(stream, "sha256").hexdigest()
        header = f"blob {path.stat().st_size}\0".encode()
        return hashlib.sha1(header + stream.read(), usedforsecurity=False).hexdigest()


def size_of(path: Path) -> int:
    """Bytes of a file; 0 where there is none."""
    return path.stat().st_size if path.is_file() else 0
