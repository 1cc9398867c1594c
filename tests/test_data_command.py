"""``launch.py data``: what is said of a data set that was built."""

from pathlib import Path

import numpy as np
import pytest

from app import cli
from app.commands import data
from core.datasets.build import BUILDS
from tests.core.datasets.originals import write_camvid, write_facade


def build(*words: Path | str) -> int:
    return cli.main(["data", *map(str, words)])


def test_what_was_written_and_what_is_missing_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = np.full((20, 30), "sky")
    write_facade(tmp_path, "somewhere__1", names)
    write_camvid(tmp_path, "val", "0016E5_07959", names)
    assert build("street", "--raw", tmp_path, "--output", tmp_path / "out") == 0
    printed = capsys.readouterr()
    assert f"1 pictures for val written to {tmp_path / 'out'}." in printed.out
    assert "train 1080, val 224" in printed.out
    assert "2/2" in printed.err
    assert build("street", "--raw", tmp_path, "--output", tmp_path / "out") == 2
    assert "already holds a data set" in capsys.readouterr().err


def test_every_data_set_can_be_named() -> None:
    assert tuple(BUILDS) == data.NAMES
