"""Data sets broken at random: the check and the reader end in findings or one sentence, never in a traceback."""

import copy
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.datasets.check import check_dataset
from core.datasets.findings import Severity
from core.datasets.table import render_check
from core.formats.layouts import open_dataset
from core.messages import StudioError
from tests.annotated import CAR, ROAD, SKY, write_dataset
from tests.drawing import label_map, picture
from tests.layouts import DOG_ID, PERSON_ID, instance_row, write_instances, write_semantic

JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from(
        [10**30, -1, 0, 2**24, 1e308, float("inf"), float("nan"), "", "\ud800", "../x", "\x00", "a" * 5000]
    ),
    st.text(max_size=4),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.sampled_from(["id", "size", "counts"]), st.integers(), max_size=2),
)
GENTLE = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value in a JSON tree, without its root."""
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [way for key, value in inside for way in ((*path, key), *places(value, (*path, key)))]


def broken(data: Any, draw: st.DrawFn) -> Any:
    """A copy with some values lost or replaced by junk."""
    changed = copy.deepcopy(data)
    for *way, last in draw(st.lists(st.sampled_from(places(data)), min_size=1, max_size=3)):
        at = changed
        try:
            for step in way:
                at = at[step]
            if draw(st.booleans()):
                at[last] = draw(JUNK)
            else:
                del at[last]
        except (LookupError, TypeError):
            continue  # an earlier change took the place away
    return changed


@pytest.fixture(scope="module")
def panoptic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("panoptic")
    return write_dataset(folder, [(label_map("1122", "1332"), {1: SKY, 2: CAR, 3: ROAD})], split="train")


@pytest.fixture(scope="module")
def instances(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = [
        instance_row(picture("##..", "##.."), PERSON_ID),
        instance_row(picture("...#", "..##"), DOG_ID, segmentation=[[2, 1, 4, 0, 4, 2, 2, 2]]),
    ]
    return write_instances(tmp_path_factory.mktemp("instances"), [((2, 4), rows)], split="train")


@pytest.fixture(scope="module")
def semantic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_semantic(tmp_path_factory.mktemp("semantic"), {"a": label_map("1122", "1332")}, split="train")


def assert_told(folder: Path, path: Path, sound: str, changed: Any) -> None:
    path.write_text(json.dumps(changed), encoding="utf-8")
    try:
        report = check_dataset(folder)
        assert render_check(report).encode()
        assert json.dumps(report.to_json())
        for suspect in report.worst(5):
            with suppress(StudioError):
                suspect.claim.labels.label_map()
        assert reads(folder) or report.count(Severity.ERROR), "what cannot be read is an error of the data"
    finally:
        path.write_text(sound, encoding="utf-8")


def reads(folder: Path) -> bool:
    """Whether every picture can be read as training would."""
    try:
        dataset = open_dataset(folder, "train")
        for sample in dataset.pictures:
            dataset.class_map(sample)
            dataset.image(sample)
    except StudioError:
        return False
    return True


@pytest.mark.parametrize("kind", ["panoptic", "instances"])
@GENTLE
@given(data=st.data())
def test_json_broken_at_random(kind: str, data: st.DataObject, request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue(kind)
    path = folder / f"annotations/{kind}_train.json"
    sound = path.read_text(encoding="utf-8")
    assert_told(folder, path, sound, broken(json.loads(sound), data.draw))


@GENTLE
@given(content=st.binary(max_size=60), keep=st.integers(0, 80))
def test_pngs_broken_at_random(content: bytes, keep: int, panoptic: Path) -> None:
    path = panoptic / "annotations/panoptic_train/0.png"
    sound = path.read_bytes()
    path.write_bytes(sound[:keep] + content)
    try:
        report = check_dataset(panoptic)
        assert reads(panoptic) or report.count(Severity.ERROR)
    finally:
        path.write_bytes(sound)


@GENTLE
@given(content=st.binary(max_size=60), keep=st.integers(0, 80), categories=st.one_of(JUNK, st.lists(JUNK, max_size=3)))
def test_semantic_folders_broken_at_random(content: bytes, keep: int, categories: Any, semantic: Path) -> None:
    path, listed = semantic / "annotations/train/a.png", semantic / "categories.json"
    sound = path.read_bytes()
    path.write_bytes(sound[:keep] + content)
    listed.write_text(json.dumps(categories), encoding="utf-8")
    try:
        report = check_dataset(semantic)
        assert render_check(report).encode()
        assert reads(semantic) or report.count(Severity.ERROR)
    finally:
        path.write_bytes(sound)
        listed.unlink()
