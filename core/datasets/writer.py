"""Writing a COCO panoptic data set picture by picture, so that memory does not grow with it."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core import masks
from core.files import write_atomically
from core.formats.id_png import decode_ids, encode_ids
from core.messages import StudioError
from core.types import Taxonomy

JPEG_QUALITY = 90


@dataclass(frozen=True, slots=True)
class LabelledPicture:
    """One picture to be written.

    Attributes:
        name: the file's name without a suffix.
        image: (H, W, 3) uint8 RGB.
        label_map: (H, W) int32; segment ids are 1, 2, ..., void is 0.
        category_ids: the category of each segment in the order of their ids.
        source: where the picture is from, in a word.
        not_exhaustive: categories that its source did not label.
    """

    name: str
    image: NDArray[np.uint8]
    label_map: NDArray[np.int32]
    category_ids: Sequence[int]
    source: str
    not_exhaustive: Collection[int] = ()


@dataclass(slots=True)
class SplitWriter:
    """One split: pictures and id maps are written as they come, the JSON that names them at the end."""

    folder: Path
    split: str
    taxonomy: Taxonomy
    description: str
    images: list[Mapping[str, Any]] = field(default_factory=list)
    annotations: list[Mapping[str, Any]] = field(default_factory=list)

    def add(self, picture: LabelledPicture) -> None:
        """Writes a picture and its id map.

        Raises:
            StudioError: the folder is not writable, or the id map does not read back as it was.
        """
        png = encode_ids(picture.label_map)
        if not np.array_equal(decode_ids(png), picture.label_map):
            raise StudioError("error.export_differs", name=picture.name)
        _write(self.folder / self.split / f"{picture.name}.jpg", _jpeg(picture.image))
        _write(self.folder / "annotations" / f"panoptic_{self.split}" / f"{picture.name}.png", png)
        image_id = len(self.images) + 1
        self.images.append(_image_row(image_id, picture))
        rows = _segment_rows(picture)
        self.annotations.append({"image_id": image_id, "file_name": f"{picture.name}.png", "segments_info": rows})

    def finish(self) -> None:
        """Writes the JSON."""
        data = {
            "info": {"description": self.description},
            "images": self.images,
            "annotations": self.annotations,
            "categories": self.taxonomy.to_json()["categories"],
        }
        content = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
        _write(self.folder / "annotations" / f"panoptic_{self.split}.json", content)


def _image_row(image_id: int, picture: LabelledPicture) -> dict[str, Any]:
    height, width = picture.label_map.shape
    row = {"id": image_id, "file_name": f"{picture.name}.jpg", "width": width, "height": height}
    row["source"] = picture.source
    if picture.not_exhaustive:
        row["not_exhaustive_category_ids"] = sorted(picture.not_exhaustive)
    return row


def _segment_rows(picture: LabelledPicture) -> list[dict[str, Any]]:
    ids = range(1, len(picture.category_ids) + 1)
    run_lengths = masks.encode_label_map(picture.label_map, ids)
    rows = []
    for segment_id, category_id, mask in zip(ids, picture.category_ids, run_lengths, strict=True):
        x0, y0, x1, y1 = masks.box_xyxy(mask)
        row = {"id": segment_id, "category_id": category_id, "area": masks.area(mask), "iscrowd": 0}
        rows.append(row | {"bbox": [x0, y0, x1 - x0, y1 - y0]})
    return rows


def _jpeg(image: NDArray[np.uint8]) -> bytes:
    stream = BytesIO()
    Image.fromarray(image).save(stream, format="JPEG", quality=JPEG_QUALITY)
    return stream.getvalue()


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StudioError("error.not_written", name=path.parent, reason=error.strerror or error) from error
    write_atomically(path, content)
