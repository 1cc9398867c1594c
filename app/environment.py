"""The environment beside the program: is it ready, and how it becomes so. Needs the standard library only."""

import importlib
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from app.virtual_environment import VirtualEnvironment
from core.messages import StudioError, text

CPU_INDEX = "https://download.pytorch.org/whl/cpu"
REEXECUTED = "STUDIO_REEXECUTED"  # set for the program inside .venv: it never starts itself a second time
OPERATORS: dict[str, Callable[[tuple[int, ...], tuple[int, ...]], bool]] = {
    "==": lambda found, wanted: found == wanted,
    "!=": lambda found, wanted: found != wanted,
    ">=": lambda found, wanted: found >= wanted,
    "<=": lambda found, wanted: found <= wanted,
    ">": lambda found, wanted: found > wanted,
    "<": lambda found, wanted: found < wanted,
}


def ensure(files: Sequence[Path], *, root: Path, arguments: Sequence[str], cpu: bool = False) -> None:
    """Returns once this interpreter satisfies ``files``; otherwise starts the program again in ``root/.venv``.

    Args:
        files: requirement files, every line ``name==1.2.3`` or a range such as ``name>=6.31,<7``.
        root: the folder that holds ``launch.py``.
        arguments: what the program is started with again.
        cpu: take PyTorch's CPU build, which is much smaller than the CUDA build of PyPI's Linux.

    Raises:
        StudioError: the environment cannot be made; the next run starts where that is safe.
    """
    environment = VirtualEnvironment(root / ".venv")
    inside = Path(sys.prefix).resolve() == environment.folder.resolve()
    started_again = os.environ.pop(REEXECUTED, None) is not None
    ready = environment.holds(files)
    if not unsatisfied(files) and (ready or not inside):
        return
    if not ready or inside:
        prepare(environment, files, cpu=cpu)
    if not inside and not started_again:
        start_again(environment.python, [str(root / "launch.py"), *arguments])
    importlib.invalidate_caches()
    if missing := unsatisfied(files):
        raise StudioError("cli.still_missing", missing=", ".join(missing))


def prepare(environment: VirtualEnvironment, files: Sequence[Path], *, cpu: bool) -> None:
    """Makes, repairs or completes ``environment``; a second run at the same time waits for the first."""
    with environment.locked():
        if not environment.works():
            refuse_full_disk(environment.folder.parent)
            announce(environment, files, cpu=cpu)
            environment.make()
        elif not environment.holds(files):
            announce(environment, files, cpu=cpu)
        commands = [[argument for file in files for argument in ("-r", str(file))]]
        if cpu and sys.platform.startswith("linux"):
            commands.insert(0, ["--no-deps", "--extra-index-url", CPU_INDEX, f"torch=={pin(files, 'torch')}+cpu"])
        environment.install(commands, files)


def announce(environment: VirtualEnvironment, files: Sequence[Path], *, cpu: bool) -> None:
    """Says once what is about to be downloaded, and how it could be less."""
    runtime, *tests = files
    if environment.held_before(runtime):
        print(text("cli.updating", folder=environment.folder), flush=True)
    elif not environment.holds([runtime]):
        cuda = sys.platform.startswith("linux") and not cpu
        print(text("cli.preparing_cuda" if cuda else "cli.preparing_cpu", folder=environment.folder), flush=True)
    if tests and not environment.holds(tests):
        print(text("cli.preparing_tests"), flush=True)


def refuse_full_disk(folder: Path) -> None:
    """Raises StudioError where even the smallest installation cannot fit."""
    free, needed = shutil.disk_usage(folder).free / 1e9, 2.0
    if free < needed:
        raise StudioError("cli.disk_small", needed=f"{needed:.0f}", free=f"{free:.1f}", folder=folder)


def start_again(python: Path, command: Sequence[str]) -> None:
    """Replaces this process by ``python command``; on Windows, which cannot, waits for it and exits with its code."""
    surroundings = {**os.environ, REEXECUTED: "1"}
    sys.stdout.flush()
    sys.stderr.flush()
    if sys.platform == "win32":
        sys.exit(subprocess.call([str(python), *command], env=surroundings))
    os.execve(python, [str(python), *command], surroundings)


def unsatisfied(files: Sequence[Path]) -> list[str]:
    """The requirement lines that this interpreter's installed packages do not meet."""
    return [line for file in files for line in requirements(file) if not satisfied(line)]


def requirements(file: Path) -> list[str]:
    """A requirement file's lines without comments and blank lines."""
    lines = (line.split("#")[0].strip() for line in file.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line]


def pin(files: Sequence[Path], name: str) -> str:
    """The exact version that ``files`` ask of package ``name``."""
    lines = [line for file in files for line in requirements(file)]
    return next(line.partition("==")[2] for line in lines if line.startswith(f"{name}=="))


def satisfied(requirement: str) -> bool:
    """True where the installed release meets ``name==1.2``, ``name>=1.2,<2`` or a bare ``name``."""
    name = re.split(r"[\s=!<>]", requirement)[0]
    try:
        installed = release(importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return False
    bounds = (bound.strip() for bound in requirement.removeprefix(name).split(","))
    return all(within(installed, bound) for bound in bounds if bound)


def within(installed: tuple[int, ...], bound: str) -> bool:
    """True where ``installed`` keeps one bound such as ``>=6.31``."""
    operator = next((sign for sign in OPERATORS if bound.startswith(sign)), None)
    if operator is None:
        raise ValueError(f"a bound must start with one of {', '.join(OPERATORS)}, got {bound!r}")
    return OPERATORS[operator](installed, release(bound.removeprefix(operator)))


def release(version: str) -> tuple[int, ...]:
    """``2.13.0+cpu`` as (2, 13): a local build counts as its release, and trailing zeros mean nothing (PEP 440)."""
    digits = re.split(r"[^\d.]", version.strip(), maxsplit=1)[0]
    numbers = [int(number) for number in digits.split(".") if number]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
