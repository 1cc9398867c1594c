"""One checkpoint of Hugging Face into the cache: which files it takes, and each of them whole or not at all."""

import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from core.checkpoints import hub_cache
from core.checkpoints.hub_cache import CARD, CONFIG, INDEX, PICKLE, PREPROCESSOR, SAFETENSORS
from core.checkpoints.hub_transfer import HubClient, HubError, RemoteFile, size_of

Progress = Callable[[int, int], None]  # bytes done, bytes in all

BETWEEN_REPORTS = 0.1  # seconds


class Download:
    """The least of a repository that makes a checkpoint; what is in the cache already is not asked for again.

    Raises:
        HubError: from :meth:`run`, where there is no such checkpoint, no network, no room, or a wrong file.
    """

    def __init__(self, client: HubClient, repository: str, progress: Progress) -> None:
        self._client = client
        self._repository = repository
        self._progress = progress
        self._folder = hub_cache.storage(repository) / "blobs"
        self._blobs: dict[str, Path] = {}  # whole files by their names
        self._here: dict[str, int] = {}  # bytes on this computer, by hash
        self._total = 0
        self._next_report = 0.0

    def run(self) -> Path:
        """Downloads what is missing; the folder of the snapshot."""
        try:
            config = self._required(CONFIG, self._client.find(self._repository, CONFIG))
            self._store(config)
            self._require_maskformer()
            files = [config, *self._optional(config, PREPROCESSOR, CARD), *self._weights(config)]
            self._announce(files)
            for file in files:
                self._store(file)
            return hub_cache.keep_snapshot(self._repository, config.commit, self._blobs)
        except OSError as error:
            reason = error.strerror or str(error)
            raise HubError("error.hub_not_kept", folder=self._folder, reason=reason) from error

    def _find(self, config: RemoteFile, name: str) -> RemoteFile | None:
        return self._client.find(self._repository, name, config.commit)

    def _required(self, name: str, found: RemoteFile | None) -> RemoteFile:
        if found is None:
            raise HubError("error.hub_lacks", file=name)
        return found

    def _optional(self, config: RemoteFile, *names: str) -> list[RemoteFile]:
        return [found for name in names if (found := self._find(config, name)) is not None]

    def _weights(self, config: RemoteFile) -> list[RemoteFile]:
        """One safetensors file, else several and their index, else one in PyTorch's own format."""
        whole, index = (self._find(config, name) for name in (SAFETENSORS, INDEX))
        if whole is not None:
            return [whole]
        if index is None:
            return [self._required(SAFETENSORS, self._find(config, PICKLE))]
        self._store(index)
        names = hub_cache.shards(self._blobs[INDEX]) or [SAFETENSORS]
        return [index, *(self._required(name, self._find(config, name)) for name in names)]

    def _require_maskformer(self) -> None:
        """Refuses another kind of network before its weights are downloaded; our own folders state none."""
        kind = hub_cache.model_type(self._blobs[CONFIG])
        if kind not in (None, "maskformer"):
            raise HubError("error.hub_other_kind", kind=kind)

    def _announce(self, files: Sequence[RemoteFile]) -> None:
        """Knows from here on how much it is in all, and that the disk has room for what is missing."""
        self._total = sum({file.digest: file.size for file in files}.values())
        self._here = {file.digest: max(map(size_of, self._places(file))) for file in files}
        missing, free = self._total - sum(self._here.values()), shutil.disk_usage(self._folder).free
        if missing > free:
            raise HubError("error.hub_disk", folder=self._folder, needed=_megabytes(missing), free=_megabytes(free))

    def _places(self, file: RemoteFile) -> tuple[Path, Path]:
        """Where a whole blob lies, and where a part of one."""
        return self._folder / file.digest, self._folder / f"{file.digest}.incomplete"

    def _store(self, file: RemoteFile) -> None:
        """Puts one file among the blobs, unless it is there, or another program is just putting it there."""
        blob, part = self._places(file)
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._locked(file):
            if size_of(blob) != file.size or not blob.is_file():
                self._client.download(file, part, lambda size: self._report({file.digest: size}))
                part.replace(blob)
        self._blobs[file.name] = blob
        self._report({file.digest: file.size})

    @contextmanager
    def _locked(self, file: RemoteFile) -> Iterator[None]:
        """Waits for whoever downloads the same file; reports follow it, so that the wait can be ended."""
        path = hub_cache.lock_file(self._repository, file.digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path)
        while not lock.is_locked:
            try:
                lock.acquire(timeout=BETWEEN_REPORTS)
            except Timeout:
                self._report({file.digest: max(map(size_of, self._places(file)))})
        try:
            yield
        finally:
            lock.release()

    def _report(self, news: Mapping[str, int]) -> None:
        """Passes the sizes of parts on, not too often, and always the last one."""
        self._here |= news
        done, moment = sum(self._here.values()), time.monotonic()
        if self._total and (done == self._total or moment >= self._next_report):
            self._next_report = moment + BETWEEN_REPORTS
            self._progress(done, self._total)


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.0f}"
