"""Our data sets built from folders laid out as the public originals are."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.datasets import nuclei, street
from core.datasets.build import build_dataset
from core.datasets.check import check_dataset
from core.datasets.findings import Severity
from core.formats.panoptic_dataset import read_panoptic_dataset
from core.messages import StudioError
from tests.core.datasets.originals import write_camvid, write_facade, write_nuclei

VAL_PLACE = "static_outdoor_road_mallorca_spain__IMG_0619"
UNUSED_PLACE = "paris_static_street__p9050440"


def rectangle(size_hw: tuple[int, int], top: int, left: int, height: int, width: int) -> NDArray[np.bool_]:
    mask = np.zeros(size_hw, dtype=bool)
    mask[top : top + height, left : left + width] = True
    return mask


def scene(*boxes: tuple[str, int, int, int, int], base: str = "building") -> NDArray[np.str_]:
    """A map of class names, 48 x 64."""
    names = np.full((48, 64), base, dtype="<U12")
    for name, top, left, height, width in boxes:
        names[top : top + height, left : left + width] = name
    return names


@pytest.fixture
def street_raw(tmp_path: Path) -> Path:
    raw = tmp_path / "raw"
    windows = scene(("window", 4, 4, 8, 8), ("window", 4, 20, 8, 8), ("window", 30, 30, 2, 2), ("various", 0, 0, 48, 1))
    write_facade(raw, "boston_static_street__0331", windows)
    write_facade(raw, VAL_PLACE, scene(("sky", 0, 0, 10, 64), ("car", 40, 5, 6, 12)), grey(60))
    write_facade(raw, UNUSED_PLACE, scene())
    write_camvid(
        raw, "train", "0001TP_006690", scene(("pole", 0, 9, 48, 1), ("void", 0, 0, 48, 2), base="road"), grey(90)
    )
    write_camvid(raw, "val", "0016E5_07959", scene(("pedestrian", 9, 9, 20, 6)), grey(200))
    write_camvid(raw, "test", "Seq05VD_f00000", scene())
    return raw


def grey(level: int) -> NDArray[np.uint8]:
    return np.full((48, 64, 3), level, dtype=np.uint8)


def test_street_has_the_form_of_the_one_that_was_trained_on(street_raw: Path, tmp_path: Path) -> None:
    output = tmp_path / "street"
    told: list[tuple[int, int]] = []
    counts = build_dataset("street", street_raw, output, lambda done, total: told.append((done, total)))
    assert counts == {"train": 2, "val": 2}
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    train, val = (json.loads((output / f"annotations/panoptic_{split}.json").read_text()) for split in ("train", "val"))
    assert [image["file_name"] for image in train["images"]] == [
        "lmf_boston_static_street__0331.jpg",
        "camvid_0001TP_006690.jpg",
    ]
    assert [image["file_name"] for image in val["images"]] == [f"lmf_{VAL_PLACE}.jpg", "camvid_0016E5_07959.jpg"]
    assert [(i["id"], i["source"], i["not_exhaustive_category_ids"]) for i in train["images"]] == [
        (1, "labelmefacade", [6, 7, 8, 10, 11]),
        (2, "camvid", [12, 13]),
    ]
    assert not [f for f in check_dataset(output).findings if f.severity is Severity.ERROR]


def test_street_things_are_connected_parts(street_raw: Path, tmp_path: Path) -> None:
    build_dataset("street", street_raw, tmp_path / "street")
    dataset = read_panoptic_dataset(tmp_path / "street", "train")
    facade, camvid = dataset.pictures
    names = [dataset.taxonomy.category(s.category_id).name for s in facade.segments]
    assert names == ["building", "window", "window"]
    found = dataset.label_map(facade)
    assert (found[4, 4], found[4, 20]) == (2, 3)
    assert found[0, 0] == found[30, 30] == 0, "what is nameless and what is a crumb is void"
    assert [dataset.taxonomy.category(s.category_id).name for s in camvid.segments] == ["road", "pole"]
    assert dataset.label_map(camvid)[0, 0] == 0


def test_large_pictures_shrink(tmp_path: Path) -> None:
    names = np.full((512, 1024), "sky", dtype="<U12")
    names[:, 512:] = "road"
    write_facade(tmp_path / "raw", "somewhere__1", names)
    write_camvid(tmp_path / "raw", "train", "a", scene())
    build_dataset("street", tmp_path / "raw", tmp_path / "street")
    dataset = read_panoptic_dataset(tmp_path / "street", "train")
    assert dataset.pictures[0].size_hw == (256, 512)
    assert [s.area for s in dataset.pictures[0].segments] == [256 * 256, 256 * 256]


def split_names() -> dict[str, list[str]]:
    names: dict[str, list[str]] = json.loads(nuclei.SPLITS.read_text(encoding="utf-8"))
    return names


def full_id(name: str) -> str:
    return name + "0" * (64 - len(name))


def test_nuclei_are_instances_over_a_background(tmp_path: Path) -> None:
    names, size = split_names(), (40, 50)
    large, small = rectangle(size, 0, 0, 10, 10), rectangle(size, 5, 5, 4, 4)
    crumb, apart = rectangle(size, 30, 30, 2, 3), rectangle(size, 20, 20, 5, 5)
    masks = {"b": large, "c": small, "a": apart, "d": crumb}
    write_nuclei(tmp_path / "raw", full_id(names["train"][0]), masks, size)
    write_nuclei(tmp_path / "raw", full_id(names["val"][0]), {"a": np.ones(size, dtype=bool)}, size)
    write_nuclei(tmp_path / "raw", full_id("7b38c9173ebe"), {"a": large}, size)
    assert build_dataset("nuclei", tmp_path / "raw", tmp_path / "out") == {"train": 1, "val": 1}
    dataset = read_panoptic_dataset(tmp_path / "out", "train")
    (only,) = dataset.pictures
    assert only.file_name == f"{names['train'][0]}.jpg"
    assert [(s.category_id, s.area) for s in only.segments] == [(1, 25), (1, 84), (1, 16), (2, 2000 - 125)]
    assert dataset.label_map(only)[6, 6] == 3
    (whole,) = read_panoptic_dataset(tmp_path / "out", "val").pictures
    assert [(s.category_id, s.area) for s in whole.segments] == [(1, 2000)], "no background is left"


def test_of_large_nuclei_pictures_the_middle_is_taken(tmp_path: Path) -> None:
    size = (520, 696)
    edge, centre = rectangle(size, 0, 0, 20, 90), rectangle(size, 250, 340, 20, 20)
    write_nuclei(tmp_path / "raw", full_id(split_names()["train"][5]), {"a": edge, "b": centre}, size)
    build_dataset("nuclei", tmp_path / "raw", tmp_path / "out")
    dataset = read_panoptic_dataset(tmp_path / "out", "train")
    assert dataset.pictures[0].size_hw == (512, 512)
    assert [s.area for s in dataset.pictures[0].segments] == [400, 512 * 512 - 400], (
        "92 columns are cut off on the left"
    )
    assert dataset.label_map(dataset.pictures[0])[250 - 4, 340 - 92] == 1


def test_what_is_missing_is_told_with_its_address(street_raw: Path, tmp_path: Path) -> None:
    for name in ("street", "nuclei"):
        with pytest.raises(StudioError, match=r"https://github\.com"):
            build_dataset(name, tmp_path / "nothing", tmp_path / "out")
    (street_raw / "labelmefacade/labels" / f"{VAL_PLACE}.png").unlink()
    with pytest.raises(StudioError, match=f"has no labels/{VAL_PLACE}"):
        build_dataset("street", street_raw, tmp_path / "out")


def test_another_data_set_is_not_written_over(street_raw: Path, tmp_path: Path) -> None:
    build_dataset("street", street_raw, tmp_path / "out")
    with pytest.raises(StudioError, match="already holds a data set"):
        build_dataset("nuclei", street_raw, tmp_path / "out")


def test_no_place_is_on_two_sides() -> None:
    assert not street.VALIDATION & street.LEFT_OUT
    names = split_names()
    assert (len(names["train"]), len(names["val"])) == (498, 83)
    assert len({*names["train"], *names["val"]}) == 581


@pytest.mark.slow
@pytest.mark.data
def test_street_rebuilt_from_its_own_labels_is_itself(data_root: Path, tmp_path: Path) -> None:
    """The trained set taken apart into the originals' layouts: what is built from them has the same segments."""
    kept = {}
    for split in ("train", "val"):
        dataset = read_panoptic_dataset(data_root / "street", split)
        kept[split] = dataset.pictures[::120]
        for picture in kept[split]:
            names = np.array([*(c.name for c in dataset.taxonomy.categories), "void"])[dataset.class_map(picture)]
            source, _, stem = picture.image_path.stem.partition("_")
            if source == "lmf":
                write_facade(tmp_path, stem, names, dataset.image(picture))
            else:
                write_camvid(tmp_path, split, stem, names, dataset.image(picture))
    build_dataset("street", tmp_path, tmp_path / "out")
    for split, pictures in kept.items():
        whole, rebuilt = (read_panoptic_dataset(root, split) for root in (data_root / "street", tmp_path / "out"))
        assert rebuilt.taxonomy.categories == whole.taxonomy.categories
        for before, after in zip(pictures, rebuilt.pictures, strict=True):
            assert before.file_name == after.file_name
            assert before.segments == after.segments
            assert before.not_exhaustive_category_ids == after.not_exhaustive_category_ids
            assert (whole.label_map(before) == rebuilt.label_map(after)).all()


@pytest.mark.slow
@pytest.mark.data
def test_nuclei_rebuilt_from_their_own_masks_are_themselves(data_root: Path, tmp_path: Path) -> None:
    for split in ("train", "val"):
        dataset = read_panoptic_dataset(data_root / "nuclei", split)
        assert [picture.image_path.stem for picture in dataset.pictures] == split_names()[split]
        assert dataset.taxonomy.categories == nuclei.TAXONOMY.categories
        for picture in dataset.pictures[::166]:
            found = dataset.label_map(picture)
            masks = {f"{s.segment_id:03}": found == s.segment_id for s in picture.segments[:-1]}
            write_nuclei(tmp_path, full_id(picture.image_path.stem), masks, picture.size_hw)
    build_dataset("nuclei", tmp_path, tmp_path / "out")
    for split in ("train", "val"):
        whole, rebuilt = (read_panoptic_dataset(root, split) for root in (data_root / "nuclei", tmp_path / "out"))
        for before, after in zip(whole.pictures[::166], rebuilt.pictures, strict=True):
            assert before.segments == after.segments
            assert (whole.label_map(before) == rebuilt.label_map(after)).all()
