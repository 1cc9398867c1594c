"""What the simulated annotator reports."""

import json

from tests.benchmarks.simulated_annotator import Outcome, line, summary


def test_the_report_is_json_and_counts_who_reached_the_target() -> None:
    ours = Outcome("one.jpg", 0.5, 0.96, 100.0, {"brush": 3, "polygon": 2})
    baseline = Outcome("one.jpg", 0.0, 0.94, 300.0, {"polygon": 20})
    report = json.loads(json.dumps(summary([(ours, baseline)])))
    assert (report["canvas, actions"], report["polygons only, actions"]) == (100.0, 300.0)
    assert (report["reached, canvas"], report["reached, polygons only"]) == (1, 0)
    assert report["pictures"][0]["canvas"]["moves"] == {"brush": 3, "polygon": 2}
    assert line(ours, baseline).endswith("one.jpg: 3 brush, 2 polygon")
