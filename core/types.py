"""The values every floor speaks in: categories, segments and the three kinds of result."""

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.messages import StudioError

Color: TypeAlias = tuple[int, int, int]
Size: TypeAlias = tuple[int, int]  # height, width
Box: TypeAlias = tuple[int, int, int, int]  # x0, y0, x1, y1, half open: x1 and y1 are one past the last pixel

VOID = 0  # the label of a pixel that belongs to no segment


@dataclass(frozen=True, slots=True)
class Category:
    """One row of a data set's category list; ``category_id`` is the data set's own id."""

    category_id: int
    name: str
    is_thing: bool
    color: Color
    supercategory: str = ""


@dataclass(frozen=True)
class Taxonomy:
    """An ordered list of categories: position = ``class_index`` (0..K-1), the one converter to ``category_id``.

    Raises:
        StudioError: an id or a name stands twice.
    """

    name: str
    categories: tuple[Category, ...]

    def __post_init__(self) -> None:
        for values in ([str(c.category_id) for c in self.categories], [c.name for c in self.categories]):
            twice = {value for value in values if values.count(value) > 1}
            if twice:
                raise StudioError("error.duplicate_category", what=", ".join(sorted(twice)), taxonomy=self.name)

    def __len__(self) -> int:
        return len(self.categories)

    def __getitem__(self, class_index: int) -> Category:
        return self.categories[class_index]

    @cached_property
    def _index_of(self) -> dict[int, int]:
        return {c.category_id: index for index, c in enumerate(self.categories)}

    def class_index(self, category_id: int) -> int:
        """Contiguous index of a data set's id.

        Raises:
            StudioError: the taxonomy has no such id.
        """
        if category_id not in self._index_of:
            known = ", ".join(f"{c.category_id} {c.name}" for c in self.categories)
            raise StudioError("error.unknown_category", category_id=category_id, known=known)
        return self._index_of[category_id]

    def category(self, category_id: int) -> Category:
        """The row of a data set's id; raises StudioError where there is none."""
        return self.categories[self.class_index(category_id)]

    @cached_property
    def is_thing(self) -> NDArray[np.bool_]:
        """(K,) True where the class is a thing."""
        return np.array([c.is_thing for c in self.categories], dtype=bool)

    def to_json(self) -> dict[str, Any]:
        """COCO's spelling of the list, with the taxonomy's name."""
        rows = [
            {
                "id": c.category_id,
                "name": c.name,
                "isthing": int(c.is_thing),
                "color": list(c.color),
                "supercategory": c.supercategory,
            }
            for c in self.categories
        ]
        return {"name": self.name, "categories": rows}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Reads what :meth:`to_json` wrote, and COCO panoptic ``categories``; missing colours are grey.

        Raises:
            ValueError, TypeError, KeyError, AttributeError: a row is no category; the text says which field is wrong.
        """
        return cls(name=str(data.get("name", "")), categories=tuple(map(_category, data["categories"])))


def _category(row: dict[str, Any]) -> Category:
    described = {"isthing": 1, "color": [128, 128, 128], "supercategory": "", **row}
    color = described["color"]
    sound = {
        "id": type(described["id"]) is int,
        "name": isinstance(described["name"], str) and described["name"] != "",
        "isthing": type(described["isthing"]) in (int, bool) and described["isthing"] in (0, 1),
        "color": isinstance(color, list) and len(color) == 3 and all(type(c) is int and 0 <= c <= 255 for c in color),
        "supercategory": isinstance(described["supercategory"], str),
    }
    if wrong := [f"{field} = {described[field]}" for field, is_sound in sound.items() if not is_sound]:
        raise ValueError(", ".join(wrong))
    return Category(
        category_id=described["id"],
        name=described["name"],
        is_thing=bool(described["isthing"]),
        color=(color[0], color[1], color[2]),
        supercategory=described["supercategory"],
    )


@dataclass(frozen=True, slots=True)
class Click:
    """A pixel that a person says is inside a segment, or outside it."""

    x: int
    y: int
    is_positive: bool = True


class Fate(StrEnum):
    """What became of a query in the panoptic assembly, in the order in which the rules are asked."""

    OFF = "off"  # a person switched it off
    NO_OBJECT = "no_object"  # its best class is "no object"
    BELOW_THRESHOLD = "below_threshold"  # p(class) does not exceed the score threshold
    OVERLAPPED = "overlapped"  # it won too small a share of its own mask
    FUSED = "fused"  # its pixels joined a stuff segment that another query opened
    SEGMENT = "segment"  # it opened a segment


@dataclass(frozen=True, slots=True)
class QueryFate:
    """One query's way through the assembly.

    Attributes:
        class_index: best class without "no object".
        score: p(class_index).
        mask_area: picture pixels whose own mask probability is at least 0.5 (0 if the query was not kept).
        won_area: picture pixels it won by p(class) x mask probability (0 if not kept).
        segment_id: the segment its pixels are in, or None.
    """

    query: int
    fate: Fate
    class_index: int
    score: float
    mask_area: int = 0
    won_area: int = 0
    segment_id: int | None = None


class Origin(StrEnum):
    """Where a segment came from."""

    MODEL = "model"
    PROMOTED = "promoted"  # a person made an unused query a segment
    PAINT = "paint"
    CLICK = "click"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class SegmentInfo:
    """One segment of a label map; ``segment_id`` is its label (never 0), ``queries`` all that were fused into it.

    Attributes:
        queries: empty where no query stands behind it: a painted or imported segment, a piece that was split off.
        touched: a person has decided about it: a re-assembly leaves it as it is.
        locked: it neither loses nor gains a pixel until it is unlocked.
        reviewed: a person has looked at it and found it right.
        source: the checkpoint or the file it came from; empty for the document's own model and for a person's work.
    """

    segment_id: int
    category_id: int
    score: float
    area: int
    queries: tuple[int, ...] = ()
    origin: Origin = Origin.MODEL
    touched: bool = False
    locked: bool = False
    reviewed: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True)
class PanopticResult:
    """``panoptic_map`` (H, W) int32 holds segment ids, 0 = void; one fate for every query."""

    panoptic_map: NDArray[np.int32]
    segments: tuple[SegmentInfo, ...]
    fates: tuple[QueryFate, ...]


@dataclass(frozen=True, slots=True)
class SemanticResult:
    """``class_map`` (H, W) int32 holds class indices 0..K-1: semantic inference leaves no void."""

    class_map: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class RunLength:
    """COCO's run lengths: column-major, the first run counts zeros. ``counts`` sums to H x W."""

    size_hw: Size
    counts: NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Instance:
    """One scored (query, thing class) pair with its mask at the picture's size; masks may overlap."""

    query: int
    category_id: int
    score: float
    area: int
    box_xyxy: Box
    mask: RunLength


@dataclass(frozen=True, slots=True)
class InstanceResult:
    """Instances by falling score."""

    size_hw: Size
    instances: tuple[Instance, ...] = field(default_factory=tuple)
