"""The written export, read by pycocotools and hotcoco, compared pixel by pixel; and every tampering found."""

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest
from hotcoco import panoptic
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from supervision import DetectionDataset

from core.formats import coco_files
from core.formats.coco import AnnotatedPicture
from core.formats.panoptic_dataset import read_panoptic_dataset
from core.messages import StudioError
from tests.annotated import CAR, PERSON, ROAD, SKY, TAXONOMY, label_maps, segments, write_coco
from tests.drawing import label_map

DRAWN = label_map("111.22", "1.1522", "111544")
CATEGORIES = {1: CAR, 2: SKY, 5: ROAD, 4: PERSON}


def annotated(name: str = "a.jpg") -> AnnotatedPicture:
    return AnnotatedPicture(name, DRAWN, segments(DRAWN, CATEGORIES))


def require_readable(folder: Path, pictures: list[AnnotatedPicture]) -> None:
    """pycocotools finds every thing's pixels, the PNGs hold every segment, hotcoco's PQ of the export is 1."""
    coco = COCO(folder / "instances.json")
    for image_id, picture in enumerate(pictures, start=1):
        things = [s for s in picture.segments if TAXONOMY.category(s.category_id).is_thing]
        rows = coco.loadAnns(coco.getAnnIds(imgIds=[image_id]))
        assert [row["category_id"] for row in rows] == [s.category_id for s in things]
        for row, segment in zip(rows, things, strict=True):
            assert (coco.annToMask(row) == (picture.label_map == segment.segment_id)).all()
    data = json.loads((folder / "panoptic.json").read_bytes())
    for annotation, picture in zip(data["annotations"], pictures, strict=True):
        with Image.open(folder / "panoptic" / annotation["file_name"]) as png:
            ids = np.asarray(png).astype(int) @ [1, 256, 65536]
        assert (ids == picture.label_map).all()
    if any(picture.segments for picture in pictures):
        own = panoptic.pq_compute(str(folder / "panoptic.json"), str(folder / "panoptic.json"))
        assert own["All"]["pq"] == pytest.approx(1.0)


def test_written_files_are_read_by_others(tmp_path: Path) -> None:
    pictures = [annotated(), AnnotatedPicture("bare.png", np.zeros((2, 2), np.int32), ())]
    paths = write_coco(tmp_path / "out", pictures, TAXONOMY)
    names = [path.relative_to(tmp_path / "out").as_posix() for path in paths]
    assert names == ["panoptic/a.png", "panoptic/bare.png", "panoptic.json", "instances.json"]
    require_readable(tmp_path / "out", pictures)


@settings(max_examples=30, deadline=None)
@given(st.lists(label_maps(), max_size=3))
def test_any_pictures_survive(drawn: list[tuple[np.ndarray, dict[int, int]]]) -> None:
    pictures = [AnnotatedPicture(f"{i}.jpg", ids, segments(ids, names)) for i, (ids, names) in enumerate(drawn)]
    with TemporaryDirectory() as folder:
        write_coco(Path(folder), pictures, TAXONOMY)
        require_readable(Path(folder), pictures)


def test_own_results_score_full_marks(tmp_path: Path) -> None:
    write_coco(tmp_path, [annotated()], TAXONOMY)
    truth = COCO(tmp_path / "instances.json")
    rows = json.loads((tmp_path / "instances.json").read_bytes())["annotations"]
    evaluation = COCOeval(truth, truth.loadRes([row | {"score": 0.9} for row in rows]), "segm")
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    assert evaluation.stats[0] == pytest.approx(1.0)


def test_supervision_reads_the_same_masks(tmp_path: Path) -> None:
    write_coco(tmp_path, [annotated("a.png")], TAXONOMY)
    Image.new("RGB", DRAWN.shape[::-1]).save(tmp_path / "a.png")
    dataset = DetectionDataset.from_coco(str(tmp_path), str(tmp_path / "instances.json"), force_masks=True)
    ((_, _, detections),) = list(dataset)
    assert [dataset.classes[index] for index in detections.class_id] == ["car", "person"]
    assert np.asarray(detections.mask).tolist() == [(DRAWN == 1).tolist(), (DRAWN == 4).tolist()]


def test_the_archive_holds_the_same_files_every_time() -> None:
    archive = coco_files.zip_coco([annotated()], TAXONOMY)
    assert archive == coco_files.zip_coco([annotated()], TAXONOMY)
    with ZipFile(BytesIO(archive)) as opened:
        found = {name: opened.read(name) for name in opened.namelist()}
    assert found == coco_files.coco_files([annotated()], TAXONOMY)


def test_names_with_markup_paths_and_accents_are_harmless(tmp_path: Path) -> None:
    names = ["../../<script>alert(1)</script>.jpg", "e\u0301t\u00e9 \u8857.v2.jpg", "a.jpg", "a.png"]
    write_coco(tmp_path / "out", [annotated(name) for name in names], TAXONOMY)
    assert sorted(path.name for path in (tmp_path / "out" / "panoptic").iterdir()) == sorted(
        ["script_.png", "\u00e9t\u00e9 \u8857.v2.png", "a.jpg.png", "a.png.png"]
    )
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    content = (tmp_path / "out" / "panoptic.json").read_text(encoding="utf-8")
    assert "<" not in content
    assert "\u00e9t\u00e9 \u8857.v2.jpg" in content
    images = json.loads(content)["images"]
    assert [image["file_name"] for image in images] == ["script>.jpg", "\u00e9t\u00e9 \u8857.v2.jpg", "a.jpg", "a.png"]
    with ZipFile(BytesIO(coco_files.zip_coco([annotated(name) for name in names], TAXONOMY))) as archive:
        assert all(".." not in name and not name.startswith("/") for name in archive.namelist())


TAMPERED: dict[str, tuple[str, Callable[[dict[str, Any]], object]]] = {
    "area": ("instances.json", lambda d: d["annotations"][0].update(area=7)),
    "box": ("instances.json", lambda d: d["annotations"][0].update(bbox=[0, 0, 2, 2])),
    "class": ("instances.json", lambda d: d["annotations"][0].update(category_id=PERSON)),
    "crowd": ("instances.json", lambda d: d["annotations"][1].update(iscrowd=1)),
    "id 0": ("instances.json", lambda d: d["annotations"][0].update(id=0)),
    "lost": ("instances.json", lambda d: d["annotations"].pop()),
    "image": ("instances.json", lambda d: d["images"].pop()),
    "masks": (
        "instances.json",
        lambda d: d["annotations"][0].update(segmentation=d["annotations"][1]["segmentation"]),
    ),
    "size": ("panoptic.json", lambda d: d["images"][0].update(width=7)),
    "name": ("panoptic.json", lambda d: d["annotations"][0].update(file_name="b.png")),
    "segment": ("panoptic.json", lambda d: d["annotations"][0]["segments_info"].pop()),
    "segment area": ("panoptic.json", lambda d: d["annotations"][0]["segments_info"][1].update(area=3)),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_verification_finds_every_difference(what: str) -> None:
    name, change = TAMPERED[what]
    files = coco_files.coco_files([annotated()], TAXONOMY)
    data = json.loads(files[name])
    change(data)
    with pytest.raises(StudioError):
        coco_files.verify(files | {name: json.dumps(data).encode()}, [annotated()], TAXONOMY)


def test_verification_finds_one_wrong_pixel() -> None:
    files = coco_files.coco_files([annotated()], TAXONOMY)
    moved = DRAWN.copy()
    moved[0, 3] = 1
    other = AnnotatedPicture("a.jpg", moved, segments(moved, CATEGORIES))
    with pytest.raises(StudioError, match=r"a\.jpg reads back differently"):
        coco_files.verify(files, [other], TAXONOMY)


def test_a_failed_write_leaves_no_json_and_no_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = iter([None, OSError(28, "No space left on device")])

    def second_fails(descriptor: int) -> None:
        error = next(calls)
        if error is not None:
            raise error

    monkeypatch.setattr("os.fsync", second_fails)
    with pytest.raises(StudioError, match=r"panoptic\.json could not be written: No space left"):
        write_coco(tmp_path, [annotated()], TAXONOMY)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.png", "panoptic"]


def test_a_file_in_the_way_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("here already")
    with pytest.raises(StudioError, match="could not be written"):
        write_coco(tmp_path / "out", [annotated()], TAXONOMY)


@pytest.mark.data
@pytest.mark.parametrize("name", ["street", "nuclei"])
def test_real_pictures_survive(name: str, data_root: Path) -> None:
    dataset = read_panoptic_dataset(data_root / name, "val")
    pictures = [AnnotatedPicture(p.file_name, dataset.label_map(p), p.segments) for p in dataset.pictures[::20]]
    files = coco_files.coco_files(pictures, dataset.taxonomy)
    panoptic_rows = json.loads(files["panoptic.json"])["annotations"]
    for picture, annotation in zip(dataset.pictures[::20], panoptic_rows, strict=True):
        assert [row["area"] for row in annotation["segments_info"]] == [s.area for s in picture.segments]
