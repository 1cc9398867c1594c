"""``preprocessor_config.json`` of Hugging Face as our preprocessing, in the spellings of all its releases."""

from collections.abc import Mapping
from typing import Any

from core.checkpoints.checkpoint import MOST_PIXELS_A_SIDE, Preprocessing
from core.messages import StudioError

Row = Mapping[str, Any]
Triple = tuple[float, float, float]

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
SHORTEST, LONGEST = 800, 1333  # transformers' defaults for a MaskFormer
LARGEST_UNRESIZED = Preprocessing().max_long_side
DIVISORS = ("size_divisor", "size_divisibility")  # new and old name
REDUCES = ("do_reduce_labels", "reduce_labels")  # the same
DIGITS = 6  # means and deviations were decimal numbers before they were divided by 255


def read_preprocessing(described: Row) -> Preprocessing:
    """Sizes, mean and deviation; the thresholds are the paper's.

    A picture keeps its aspect ratio: a fixed height and width is a box that it is fitted into.

    Raises:
        StudioError: a field is of the wrong kind or size.
    """
    short, long = _sides(described)
    mean, std = _normalisation(described)
    return Preprocessing(
        short_side=short,
        max_long_side=min(long, MOST_PIXELS_A_SIDE),  # a larger one is somebody's word for no limit
        mean=mean,
        std=std,
        pad_multiple=max(1, _whole(described, next((d for d in DIVISORS if d in described), ""), 32)),
    )


def first_label_id(described: Row) -> int:
    """Where a data set's ids begin: labels are reduced by one where 0 is void, which nobody has to say.

    Raises:
        StudioError: the field is neither true nor false.
    """
    said = next((described[field] for field in REDUCES if field in described), None)
    if said not in (None, True, False):
        raise StudioError("error.config_fields", what=f"do_reduce_labels = {said}")
    return 0 if said is False else 1


def _sides(described: Row) -> tuple[int, int]:
    """Short side and longest long side; a short side of 0 keeps a picture's size."""
    if described.get("do_resize") is False:
        return 0, LARGEST_UNRESIZED
    size = described.get("size")
    if not isinstance(size, dict):
        size = {} if size is None else {"shortest_edge": size}
    box = [_whole(size, side, 0) for side in ("height", "width", "max_height", "max_width") if side in size]
    if box:
        return _positive("size", min(box)), max(box)
    long = _positive("longest_edge", _whole(size, "longest_edge", _whole(described, "max_size", LONGEST)))
    default = long if "longest_edge" in size else SHORTEST
    return _positive("shortest_edge", _whole(size, "shortest_edge", default)), long


def _normalisation(described: Row) -> tuple[Triple, Triple]:
    """Mean and deviation on the scale 0..255 of what is given on the scale after ``rescale_factor``."""
    normalises = described.get("do_normalize") is not False
    mean = _triple(described, "image_mean", IMAGENET_MEAN) if normalises else (0.0, 0.0, 0.0)
    std = _triple(described, "image_std", IMAGENET_STD) if normalises else (1.0, 1.0, 1.0)
    factor = described.get("rescale_factor", 1 / 255) if described.get("do_rescale") is not False else 1.0
    if type(factor) not in (int, float) or factor <= 0 or min(std) <= 0:
        raise StudioError("error.config_fields", what=f"rescale_factor = {factor}, image_std = {std}")
    return _scaled(mean, factor), _scaled(std, factor)


def _scaled(values: Triple, factor: float) -> Triple:
    red, green, blue = (round(value / factor, DIGITS) for value in values)
    return red, green, blue


def _triple(described: Row, field: str, default: Triple) -> Triple:
    value = described.get(field, default)
    values = [value] * 3 if isinstance(value, int | float) else value
    if not isinstance(values, list | tuple) or [type(v) in (int, float) for v in values] != [True] * 3:
        raise StudioError("error.config_fields", what=f"{field} = {value}")
    red, green, blue = map(float, values)
    return red, green, blue


def _whole(row: Row, field: str, default: int) -> int:
    value = default if row.get(field) is None else row[field]
    if type(value) is not int:
        raise StudioError("error.config_fields", what=f"{field} = {value}")
    return value


def _positive(field: str, value: int) -> int:
    if value < 1:
        raise StudioError("error.config_range", what=f"{field} = {value}")
    return value
