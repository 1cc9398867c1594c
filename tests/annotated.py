"""Small annotated pictures and whole data sets, drawn or generated, for tests of formats and evaluation."""

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from PIL import Image

from core.formats.coco import AnnotatedPicture, png_names
from core.formats.coco_folder import CocoFolder
from core.types import Category, SegmentInfo, Taxonomy

CAR, PERSON, ROAD, SKY = 10, 3, 7, 21  # ids neither contiguous nor in order

TAXONOMY = Taxonomy(
    "drawn",
    (
        Category(CAR, "car", True, (0, 0, 142), "street"),
        Category(ROAD, "road", False, (128, 64, 128), "street"),
        Category(PERSON, "person", True, (220, 20, 60)),
        Category(SKY, "sky", False, (70, 130, 180)),
    ),
)


def segments(label_map: NDArray[np.int32], categories: Mapping[int, int]) -> tuple[SegmentInfo, ...]:
    """The segments of a map whose ids have these categories."""
    return tuple(
        SegmentInfo(segment_id, category_id, 0.9, int((label_map == segment_id).sum()))
        for segment_id, category_id in categories.items()
    )


@st.composite
def label_maps(draw: st.DrawFn, shape: tuple[int, int] | None = None) -> tuple[NDArray[np.int32], dict[int, int]]:
    """A map of rectangles over void, with the category of each id in it; ids are scattered over 24 bits."""
    height, width = shape or (draw(st.integers(1, 12)), draw(st.integers(1, 12)))
    ids = draw(st.lists(st.integers(1, 2**24 - 1), max_size=6, unique=True))
    label_map = draw(arrays(np.int32, (height, width), elements=st.sampled_from([0, *ids]), fill=st.just(0)))
    for segment_id in ids:
        top, left = draw(st.integers(0, height - 1)), draw(st.integers(0, width - 1))
        label_map[top : top + draw(st.integers(1, 8)), left : left + draw(st.integers(1, 8))] = segment_id
    categories = st.sampled_from([category.category_id for category in TAXONOMY.categories])
    return label_map, {i: draw(categories) for i in ids if (label_map == i).any()}


def panoptic_rows(
    label_map: NDArray[np.int32], categories: Mapping[int, int], crowd_ids: Collection[int] = ()
) -> list[dict[str, Any]]:
    """``segments_info`` of COCO panoptic, boxes and areas by plain search."""
    rows = []
    for segment_id, category_id in categories.items():
        ys, xs = np.nonzero(label_map == segment_id)
        box = [int(xs.min()), int(ys.min()), int(np.ptp(xs)) + 1, int(np.ptp(ys)) + 1]
        row = {"id": segment_id, "category_id": category_id, "area": len(ys), "bbox": box}
        rows.append(row | {"iscrowd": int(segment_id in crowd_ids)})
    return rows


def save_id_png(path: Path, label_map: NDArray[np.int32]) -> None:
    """An id map written with plain arithmetic, apart from the code under test."""
    rgb = np.stack([label_map % 256, label_map // 256 % 256, label_map // 65536], axis=-1)
    Image.fromarray(rgb.astype(np.uint8)).save(path)


def write_dataset(
    folder: Path,
    pictures: Sequence[tuple[NDArray[np.int32], Mapping[int, int]]],
    *,
    split: str = "val",
    crowd_ids: Collection[int] = (),
    not_exhaustive: Sequence[Collection[int]] = (),
) -> Path:
    """A COCO panoptic data set of grey pictures named ``0.png``, ``1.png`` ...; gives ``folder``."""
    maps = folder / "annotations" / f"panoptic_{split}"
    maps.mkdir(parents=True, exist_ok=True)
    (folder / split).mkdir(exist_ok=True)
    images, annotations = [], []
    for index, (label_map, categories) in enumerate(pictures):
        height, width = label_map.shape
        name = f"{index}.png"
        Image.new("RGB", (width, height), "grey").save(folder / split / name)
        save_id_png(maps / name, label_map)
        image = {"id": index + 1, "file_name": name, "width": width, "height": height}
        if index < len(not_exhaustive):
            image["not_exhaustive_category_ids"] = list(not_exhaustive[index])
        images.append(image)
        rows = panoptic_rows(label_map, categories, crowd_ids)
        annotations.append({"image_id": index + 1, "file_name": name, "segments_info": rows})
    data = {"images": images, "annotations": annotations, "categories": TAXONOMY.to_json()["categories"]}
    maps.with_suffix(".json").write_text(json.dumps(data), encoding="utf-8")
    return folder


def write_coco(folder: Path, pictures: Sequence[AnnotatedPicture], taxonomy: Taxonomy) -> list[Path]:
    """A folder of COCO files, as ``launch.py segment`` writes it."""
    files = CocoFolder(folder, taxonomy)
    for annotated, name in zip(pictures, png_names(pictures), strict=True):
        files.add(annotated, name)
    return files.finish()
