"""``launch.py models``: the table in terminals of several widths, and the same as JSON."""

import json
from pathlib import Path

import pytest

from app import cli
from app.commands.models import UNLIMITED, table
from core.checkpoints.published import published
from core.checkpoints.zoo import ModelEntry, State, models


@pytest.fixture(autouse=True)
def empty_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))


def test_json_says_everything(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["models", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["street"]["state"] == "bundled"
    tiny = rows["facebook/maskformer-swin-tiny-coco"]
    assert (tiny["state"], tiny["data"], tiny["task"]) == ("downloadable", "COCO panoptic", "panoptic")
    assert (tiny["megabytes"], tiny["parameters"], tiny["figure"]) == (167, 41.8, "PQ 47.7")
    assert (tiny["license"], tiny["source"]) == ("CC BY-NC 4.0", published()[0].source)


def test_all_that_the_table_says_where_there_is_room(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["models"]) == 0
    printed = capsys.readouterr().out
    line = next(line for line in printed.splitlines() if "swin-base-coco" in line)
    said = ("facebook/maskformer-swin-base-coco", "COCO panoptic", "PQ 51.8", "411 MB", "101.8 M", "CC BY-NC 4.0")
    assert all(part in line for part in said)
    assert all(row.source in printed and (row.url in printed) == row.by_hand for row in published())


@pytest.mark.parametrize("width", [60, 80, 100, 132, UNLIMITED])
def test_lines_fit(width: int) -> None:
    lines = [line for line in table(models(), width) if "https://" not in line]
    assert max(map(len, lines)) <= max(width, 80)
    rows = [line for line in lines if line.startswith("  ")]
    assert max(map(len, rows)) <= width
    assert len(rows) == len(models())


def test_eighty_columns_hold_name_data_figure_and_size() -> None:
    line = next(line for line in table(models(), 80) if "resnet101-ade20k-full" in line)
    assert line.split() == ["facebook/maskformer-resnet101-ade20k-full", "ADE20K-Full", "mIoU", "16.8", "243", "MB"]


def test_columns_stand_below_each_other() -> None:
    lines = [line for line in table(models(), UNLIMITED) if "facebook/" in line]
    assert {line.index(" MB") for line in lines} == {lines[0].index(" MB")}
    assert {line.index("CC BY") for line in lines} == {lines[0].index("CC BY")}


def test_what_is_unknown_takes_no_column() -> None:
    entries = [ModelEntry("someone/own", "someone/own", State.CACHED, megabytes=3)]
    assert list(table(entries, 80))[1] == "  someone/own  3 MB"
