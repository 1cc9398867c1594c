"""Small data sets in the layouts of others, drawn for tests."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

PERSON_ID, DOG_ID = 3, 18  # two of COCO's


def uncompressed(mask: NDArray[np.bool_]) -> dict[str, Any]:
    """COCO's run lengths as a list, counted pixel by pixel in column order."""
    counts, value = [0], False
    for pixel in mask.T.ravel().tolist():
        if pixel != value:
            counts.append(0)
            value = pixel
        counts[-1] += 1
    return {"size": list(mask.shape), "counts": counts}


def instance_row(mask: NDArray[np.bool_], category_id: int, **others: Any) -> dict[str, Any]:
    """An annotation row without ids."""
    ys, xs = np.nonzero(mask)
    box = [int(xs.min()), int(ys.min()), int(np.ptp(xs)) + 1, int(np.ptp(ys)) + 1] if len(xs) else [0, 0, 0, 0]
    row = {"category_id": category_id, "segmentation": uncompressed(mask), "area": len(xs), "bbox": box, "iscrowd": 0}
    return row | others


def write_instances(
    folder: Path,
    pictures: Sequence[tuple[tuple[int, int], Sequence[Mapping[str, Any]]]],
    *,
    split: str = "val2017",
) -> Path:
    """A COCO instances data set of grey pictures: for each its height and width and its annotation rows."""
    (folder / "annotations").mkdir(parents=True, exist_ok=True)
    (folder / split).mkdir(exist_ok=True)
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for image_id, ((height, width), rows) in enumerate(pictures, start=100):
        name = f"{image_id:012d}.png"
        save_grey(folder / split / name, (height, width), brightness=len(images))
        images.append({"id": image_id, "file_name": name, "width": width, "height": height})
        for row in rows:  # COCO's own ids are larger than 32 bits
            annotations.append({"id": 900_100_000_000 + len(annotations), "image_id": image_id, **row})
    categories = [{"id": PERSON_ID, "name": "person"}, {"id": DOG_ID, "name": "dog"}]
    data = {"images": images, "annotations": annotations, "categories": categories}
    (folder / "annotations" / f"instances_{split}.json").write_text(json.dumps(data), encoding="utf-8")
    return folder


def write_semantic(
    folder: Path, maps: Mapping[str, NDArray[np.integer]], *, split: str = "training", categories: Any = None
) -> Path:
    """An ADE20K folder with these value maps by stem, and ``categories.json`` where they are given."""
    for side in ("images", "annotations"):
        (folder / side / split).mkdir(parents=True, exist_ok=True)
    for index, (stem, values) in enumerate(maps.items()):
        save_grey(folder / "images" / split / f"{stem}.jpg", values.shape, brightness=index)
        save_values(folder / "annotations" / split / f"{stem}.png", values)
    if categories is not None:
        (folder / "categories.json").write_text(json.dumps(categories), encoding="utf-8")
    return folder


def write_cityscapes(folder: Path, maps: Mapping[str, NDArray[np.integer]], *, split: str = "train") -> Path:
    """A Cityscapes folder with these instance id maps by ``CITY_SEQUENCE_FRAME``."""
    for index, (stem, values) in enumerate(maps.items()):
        city = stem.partition("_")[0]
        images, labels = folder / "leftImg8bit" / split / city, folder / "gtFine" / split / city
        images.mkdir(parents=True, exist_ok=True)
        labels.mkdir(parents=True, exist_ok=True)
        save_grey(images / f"{stem}_leftImg8bit.png", values.shape, brightness=index)
        save_values(labels / f"{stem}_gtFine_instanceIds.png", values)
        Image.new("L", values.shape[::-1]).save(labels / f"{stem}_gtFine_labelIds.png")
    return folder


def save_grey(path: Path, size_hw: tuple[int, ...], brightness: int) -> None:
    """A picture; another brightness makes another file."""
    height, width = size_hw
    Image.new("RGB", (width, height), (100 + brightness % 100,) * 3).save(path)


def save_values(path: Path, values: NDArray[np.integer]) -> None:
    """A PNG with one channel, of 16 bits where 8 are not enough."""
    Image.fromarray(values.astype(np.uint16 if values.max(initial=0) > 255 else np.uint8)).save(path)
