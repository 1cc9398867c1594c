"""A folder made by Python's venv, with a stamp that says what it surely holds. Needs the standard library only."""

import contextlib
import errno
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from core.messages import StudioError, text

OURS = "ours"  # a line of the stamp: made by this program, so it may be rebuilt
INCOMPLETE = "incomplete"  # a line of the stamp from the first file until everything is installed
FULL_DISK = ("No space left", "Errno 28", "WinError 112", "Disk quota exceeded")
BROKEN_CONNECTION = (
    "Retrying (",
    "Could not fetch URL",
    "ConnectionError",
    "ProtocolError",
    "IncompleteRead",
    "incomplete-download",
    "timed out",
    "SSLError",
    "HTTP error",
    "DO NOT MATCH THE HASHES",
)


class VirtualEnvironment:
    """``folder`` may be rebuilt where this program made it; anybody else's is only added to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stamp = folder / "studio-stamp"
        self.python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def holds(self, files: Sequence[Path]) -> bool:
        """True where exactly these requirement files were installed to the end."""
        return self.python.exists() and set(map(_fingerprint, files)) <= set(self._stamped())

    def held_before(self, file: Path) -> bool:
        """True where an earlier state of this requirement file was installed to the end."""
        return not self.holds([file]) and any(line.split()[0] == file.name for line in self._stamped())

    def works(self) -> bool:
        """True where its Python starts and has pip, and no installation broke off in it."""
        if not self.python.exists() or INCOMPLETE in self._stamped():
            return False
        try:
            return subprocess.run([self.python, "-c", "import pip"], capture_output=True).returncode == 0
        except OSError:
            return False

    @property
    def ours(self) -> bool:
        """True where rebuilding takes nothing from anybody."""
        return OURS in self._stamped() or not self.folder.exists() or not any(self.folder.iterdir())

    def make(self) -> None:
        """Makes the environment from nothing; what an earlier run left half-made goes first.

        Raises:
            StudioError: this Python has no venv or ensurepip, the disk refuses, or the folder is somebody else's.
        """
        if not self.ours:
            raise StudioError("cli.foreign_environment", folder=self.folder)
        if not all(map(importlib.util.find_spec, ("venv", "ensurepip"))):
            raise StudioError("cli.no_venv_module")
        with _one_sentence(self.folder):
            if self.folder.exists():
                shutil.rmtree(self.folder)
            self.folder.mkdir(parents=True)
            self._write_stamp([OURS, INCOMPLETE])
            base = getattr(sys, "_base_executable", sys.executable)
            made = subprocess.run(
                [base, "-m", "venv", self.folder], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            )
        if made.returncode:
            raise _failure(made.stdout, "cli.venv_failed")

    def install(self, commands: Sequence[Sequence[str]], files: Sequence[Path]) -> None:
        """Runs ``pip install`` for each of ``commands``, then stamps ``files`` as held.

        Raises:
            StudioError: one of them failed; in an environment of ours the next run begins anew.
        """
        fingerprints = [_fingerprint(file) for file in files]
        replaced = {INCOMPLETE, *(file.name for file in files)}
        others = [line for line in self._stamped() if line.split()[0] not in replaced]
        with _one_sentence(self.folder):
            if OURS in others:
                self._write_stamp([OURS, INCOMPLETE])
            for command in commands:
                self._pip("install", *command)
            self._write_stamp([*others, *fingerprints])

    def _pip(self, *command: str) -> None:
        """Runs pip: its progress goes to the screen, its complaints become one sentence."""
        complaints = []
        pip = [str(self.python), "-m", "pip", "--disable-pip-version-check", "--no-input", *command]
        with subprocess.Popen(pip, stderr=subprocess.PIPE, text=True, errors="replace") as running:
            assert running.stderr is not None
            for line in running.stderr:
                complaints.append(line)
                if "Retrying (" in line:
                    print(text("cli.retrying"), flush=True)
        if running.returncode:
            raise _failure("".join(complaints), "cli.install_failed")

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Holds the environment for one process; the lock dies with its process."""
        path = self.folder.with_name(f"{self.folder.name}.lock")
        with _one_sentence(path):
            file = path.open("w")
        with file:
            waiting = False
            while not _try_lock(file):
                if not waiting:
                    print(text("cli.waiting", folder=self.folder), flush=True)
                waiting = True
                time.sleep(0.5)
            yield

    def _stamped(self) -> list[str]:
        return self.stamp.read_text(encoding="utf-8").split("\n")[:-1] if self.stamp.is_file() else []

    def _write_stamp(self, lines: Sequence[str]) -> None:
        unfinished = self.stamp.with_suffix(".part")
        unfinished.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        unfinished.replace(self.stamp)


def _fingerprint(file: Path) -> str:
    return f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}"


@contextlib.contextmanager
def _one_sentence(path: Path) -> Iterator[None]:
    """Turns what the disk refuses into a sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StudioError("cli.disk_full") from error
        raise StudioError("cli.cannot_write", path=path, reason=error.strerror or error) from error


def _failure(output: str, otherwise: str) -> StudioError:
    """The sentence for a failed run of pip or venv, told by what it printed."""
    if any(sign in output for sign in FULL_DISK):
        return StudioError("cli.disk_full")
    if any(sign in output for sign in BROKEN_CONNECTION):
        return StudioError("cli.download_failed")
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return StudioError(otherwise, reason=(errors or lines or ["-"])[-1].rstrip("."))


def _try_lock(file: IO[str]) -> bool:
    """True where nobody else held the lock."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EAGAIN, errno.EDEADLK):
            return False
        raise
    return True
