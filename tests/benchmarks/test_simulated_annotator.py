"""What the simulated annotator reports."""

import json
from pathlib import Path

from PIL import Image

from tests.benchmarks.simulated_annotator import POLYGONS, Outcome, draw, line, summary

ROW = {
    "all": Outcome("one.jpg", 0.5, 0.96, 100.0, {"brush": 3, "polygon": 2}, ((0, 0.5), (60, 0.9), (100, 0.96))),
    POLYGONS: Outcome("one.jpg", 0.0, 0.94, 300.0, {"polygon": 20}, ((0, 0.0), (300, 0.94))),
}


def test_the_report_is_json_and_counts_who_reached_the_target() -> None:
    report = json.loads(json.dumps(summary([ROW])))
    assert (report["all, actions"], report["polygons only, actions"]) == (100.0, 300.0)
    assert (report["all, reached"], report["polygons only, reached"]) == (1, 0)
    assert report["pictures"][0]["all"]["moves"] == {"brush": 3, "polygon": 2}
    assert line(ROW).endswith("one.jpg")


def test_the_curves_are_a_picture(tmp_path: Path) -> None:
    draw([ROW], tmp_path / "curves.png", "one picture")
    assert len(Image.open(tmp_path / "curves.png").convert("L").getcolors() or []) > 10
