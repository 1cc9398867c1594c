"""The budget for open pictures follows the memory there is, and what a container leaves of it."""

from pathlib import Path

import pytest

from app import memory
from app.memory import GIBIBYTE, LEAST_BUDGET, picture_budget


@pytest.mark.parametrize(
    ("installed", "limit", "budget"),
    [
        (24 * GIBIBYTE, None, 8 * GIBIBYTE),
        (24 * GIBIBYTE, "max\n", 8 * GIBIBYTE),
        (24 * GIBIBYTE, f"{12 * GIBIBYTE}\n", 4 * GIBIBYTE),
        (3 * GIBIBYTE, None, LEAST_BUDGET),
        (None, None, LEAST_BUDGET),
        (None, f"{9 * GIBIBYTE}", 3 * GIBIBYTE),
    ],
)
def test_a_third_of_what_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installed: int | None, limit: str | None, budget: int
) -> None:
    monkeypatch.setattr(memory, "_installed", lambda: installed)
    monkeypatch.setattr(memory, "_CONTAINER_LIMITS", (tmp_path / "none", tmp_path / "limit"))
    if limit is not None:
        (tmp_path / "limit").write_text(limit)
    assert picture_budget() == budget


def test_this_computer_tells_its_memory() -> None:
    assert picture_budget() >= LEAST_BUDGET
