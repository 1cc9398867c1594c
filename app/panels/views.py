"""Three views: what semantic, instance and panoptic inference make of the same N pairs, next to each other."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.answers.fields import Fields
from app.answers.reply import Reply
from app.encoding import deflated
from app.open_picture import OpenPicture
from app.palette import segment_color, shade
from app.panels.maps import drawn_size, map_size, packed_map, sampled
from app.panels.panel import Numbers, Row, category_of, source_of
from core.explain.readings import Readings, readings_of
from core.masks import decode
from core.types import Size

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_DIFFERENCES = 8


def show(picture: OpenPicture, fields: Fields) -> Reply:
    """The three maps at the size that they are drawn at, their rows, and where they differ."""
    found = _found(picture)
    size = drawn_size(picture.document.size_hw)
    return {
        "semantic": packed_map(found.class_map + 1, size),
        "instance": deflated(instance_map(found, size)),
        "panoptic": packed_map(found.panoptic.panoptic_map, size),
        "overlap": deflated((sampled(found.coverage, size) > 1).astype(np.uint8)),
        "differs": deflated(sampled(found.differs, size).astype(np.uint8)),
        **map_size(size),
        "classes": [
            row | {"color": list(category_of(picture, row["class_index"]).color)} for row in _classes(picture, found)
        ],
        "instances": [
            row | {"color": color} for row, color in zip(_instances(found), _colors(picture, found), strict=True)
        ],
        "segments": [
            row | {"color": list(segment_color(segment, picture.document.taxonomy))}
            for row, segment in zip(_segments(found), found.panoptic.segments, strict=True)
        ],
        "differences": _differences(picture, found)[:MOST_DIFFERENCES],
        **_shares(found),
    }


def numbers(picture: OpenPicture, fields: Fields) -> Numbers:
    """All rows of the three readings."""
    found = _found(picture)
    names = {category.category_id: category.name for category in picture.document.taxonomy.categories}
    parts = {"semantic": _classes(picture, found), "instance": _instances(found), "panoptic": _segments(found)}
    columns = ("category_id", "segment_id", "query", "score", "area")
    rows = [
        {"reading": reading, "class": names[row["category_id"]]} | {column: row.get(column) for column in columns}
        for reading, part in parts.items()
        for row in part
    ]
    facts: Row = {"picture": picture.name, "model": picture.card.name, **_shares(found), **parts}
    return Numbers(facts | {"differences": _differences(picture, found)}, rows)


def draw(picture: OpenPicture, fields: Fields) -> "Figure":
    """The three maps with a sentence each, and where the first and the last differ."""
    from app.plots.views import draw_views

    shown = show(picture, fields)
    found, size = _found(picture), drawn_size(picture.document.size_hw)
    maps = {
        "semantic": np.asarray(sampled(found.class_map + 1, size)),
        "instance": instance_map(found, size),
        "panoptic": np.asarray(sampled(found.panoptic.panoptic_map, size)),
    }
    overlap = sampled(found.coverage, size) > 1
    return draw_views(
        picture.image, shown, maps, overlap, picture.document.taxonomy, source_of(picture), fields.language
    )


def instance_map(found: Readings, size_hw: Size) -> NDArray[np.uint16]:
    """(h, w) place + 1 of the surest instance that holds each pixel, 0 = none."""
    labels = np.zeros(size_hw, dtype=np.uint16)
    for place, instance in reversed(list(enumerate(found.instances))):
        labels[np.asarray(sampled(decode(instance.mask), size_hw))] = place + 1
    return labels


def _found(picture: OpenPicture) -> Readings:
    return readings_of(picture.prediction, *picture.document.rules)


def _classes(picture: OpenPicture, found: Readings) -> list[Row]:
    areas = np.bincount(found.class_map.ravel())
    order = [index for index in np.argsort(-areas, kind="stable").tolist() if areas[index]]
    taxonomy = picture.prediction.taxonomy
    return [
        {"class_index": index, "category_id": taxonomy[index].category_id, "area": int(areas[index])} for index in order
    ]


def _instances(found: Readings) -> list[Row]:
    return [
        {"query": row.query, "category_id": row.category_id, "score": row.score, "area": row.area}
        for row in found.instances
    ]


def _colors(picture: OpenPicture, found: Readings) -> list[list[int]]:
    taxonomy = picture.document.taxonomy
    return [list(shade(taxonomy.category(row.category_id).color, row.query)) for row in found.instances]


def _segments(found: Readings) -> list[Row]:
    return [
        {
            "segment_id": row.segment_id,
            "category_id": row.category_id,
            "query": " ".join(map(str, row.queries)),
            "score": row.score,
            "area": row.area,
        }
        for row in found.panoptic.segments
    ]


def _differences(picture: OpenPicture, found: Readings) -> list[Row]:
    taxonomy = picture.prediction.taxonomy
    return [
        {
            "semantic": taxonomy[row.semantic_class].category_id,
            "panoptic": None if row.panoptic_class is None else taxonomy[row.panoptic_class].category_id,
            "area": row.area,
        }
        for row in found.differences()
    ]


def _shares(found: Readings) -> Row:
    """What sets the readings apart, as shares of the picture."""
    return {
        "overlap_share": float((found.coverage > 1).mean()),
        "most_instances_on_a_pixel": int(found.coverage.max(initial=0)),
        "no_instance_share": float((found.coverage == 0).mean()),
        "void_share": float((found.panoptic_classes < 0).mean()),
        "differing_share": float(found.differs.mean()),
    }
