"""The directions of imports and the sizes of files, read from the source."""

import ast
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LONGEST_FILE = 350

# A file imports lower floors and its own package; core/__init__.py, messages and files stand on the ground.
FLOORS = {
    "core.messages": 0,
    "core.files": 1,
    "core.types": 1,
    "core.taxonomies": 2,
    "core.masks": 2,
    "core.images": 2,
    "core.model": 3,
    "core.checkpoints": 4,
    "core.inference": 5,
    "core.refinement": 6,
    "core.document": 6,
    "core.formats": 6,
    "core.evaluation": 7,
    "core.datasets": 7,
    "core.training": 8,
    "core.bulk": 9,
    "core.explain": 9,
}
NOT_IN_CORE = {"app", "launch", "tests", "gradio", "supervision", "matplotlib", "torchvision", "timm", "transformers"}


def python_files(*folders: str) -> list[Path]:
    return sorted(chain.from_iterable((ROOT / folder).rglob("*.py") for folder in folders))


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported(source: str) -> Iterator[str]:
    """Full names of every module, and every name of a module, that the source imports anywhere."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room_of(name: str) -> str | None:
    """The row of ``FLOORS`` that a dotted name belongs to."""
    return next((room for room in FLOORS if f"{name}.".startswith(f"{room}.")), None)


def trespasses(module: str, source: str) -> list[str]:
    """What ``module`` imports against the table."""
    own = room_of(module)
    rooms = {name: room_of(name) for name in imported(source)}
    return [
        f"{module} imports {name}"
        for name, room in rooms.items()
        if room is not None and own is not None and room != own and FLOORS[room] >= FLOORS[own]
    ]


@pytest.mark.parametrize("path", python_files("core"), ids=module_of)
def test_core_imports_only_lower_floors(path: Path) -> None:
    module = module_of(path)
    source = path.read_text(encoding="utf-8")
    assert module == "core" or room_of(module), f"{module} has no floor"
    assert trespasses(module, source) == []


@pytest.mark.parametrize("path", python_files("core"), ids=module_of)
def test_core_knows_no_screen(path: Path) -> None:
    packages = {name.partition(".")[0] for name in imported(path.read_text(encoding="utf-8"))}
    assert packages & NOT_IN_CORE == set()


@pytest.mark.parametrize("path", python_files("app"), ids=module_of)
def test_app_imports_neither_launch_nor_tests(path: Path) -> None:
    packages = {name.partition(".")[0] for name in imported(path.read_text(encoding="utf-8"))}
    assert packages & {"launch", "tests"} == set()


def test_files_stay_short() -> None:
    paths = [*python_files("app", "core", "tests"), ROOT / "launch.py", *sorted((ROOT / "assets/browser").glob("*.*"))]
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("core.model.config", "import core.inference"),
        ("core.model.config", "from core import checkpoints"),
        ("core.document.history", "from core.formats.coco import verify"),
        ("core.masks", "from core.images import read"),
    ],
)
def test_the_floor_test_sees_a_trespass(module: str, line: str) -> None:
    assert trespasses(module, f"def inside():\n    {line}\n")


def test_the_floor_test_allows_going_down_and_staying_in() -> None:
    assert trespasses("core.formats.coco", "from core.masks import encode\nimport core.formats.id_png\n") == []
