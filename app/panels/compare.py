"""Compare: the picture's model and another one on it, where the two disagree, and which is nearer to the truth."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from app.answers.fields import Fields
from app.answers.reply import Reply
from app.encoding import deflated
from app.explained import Rival, UnpreparedError
from app.explaining import LONGEST_NAME
from app.open_picture import OpenPicture
from app.palette import segment_color
from app.panels.maps import drawn_size, map_size, packed_map, sampled
from app.panels.matching import is_corrected
from app.panels.panel import Numbers, Row, source_of
from core.evaluation.overlaps import SegmentedPicture, compact_map
from core.explain.comparison import KINDS, ResultComparison, class_ious, compare_results
from core.inference import panoptic, semantic
from core.types import Category, Color, PanopticResult, SegmentInfo, Taxonomy

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LONG_SIDE = 960  # sharp enough to look closer
MOST_LISTED, LEAST_SHARE = 60, 0.0002  # of the picture


def show(picture: OpenPicture, fields: Fields) -> Reply:
    """Both maps, the map of their differences, and the rows of everything."""
    rival = rival_of(picture, fields)
    results, found = _found(picture, rival)
    size = drawn_size(picture.document.size_hw, LONG_SIDE)
    colors = _colors(picture, rival, found)
    sides = [
        {
            "title": title,
            "per_pixel": is_per_pixel,
            "labels": packed_map(compact_map(SegmentedPicture(result.panoptic_map, result.segments)), size),
            "segments": [row | {"color": list(color)} for row, color in zip(rows, palette, strict=True)],
        }
        for (title, is_per_pixel), result, rows, palette in zip(
            _titles(picture, rival), results, _segment_rows(picture, rival, found), colors, strict=True
        )
    ]
    return {
        "sides": sides,
        "kinds": deflated(np.asarray(sampled(found.kinds, size), dtype=np.uint8)),
        **map_size(size),
        **_facts(picture, rival, found),
        "disagreements": _rows(picture, rival, found)[:MOST_LISTED],
        "least_share": LEAST_SHARE,
    }


def numbers(picture: OpenPicture, fields: Fields) -> Numbers:
    """Every disagreement, and in JSON the segments of both and which are the same."""
    rival = rival_of(picture, fields)
    _, found = _found(picture, rival)
    rows = _rows(picture, rival, found, least=0)
    first, second = _segment_rows(picture, rival, found)
    facts: Row = {"picture": picture.name, "model": picture.card.name, "other_model": rival.name}
    facts |= _facts(picture, rival, found) | {"first": first, "second": second, "disagreements": rows}
    return Numbers(facts, [{**row, "box_xyxy": " ".join(map(str, row["box_xyxy"]))} for row in rows])


def draw(picture: OpenPicture, fields: Fields) -> "Figure":
    """Both results, where they differ, and the largest differences."""
    from app.plots.compare import draw_compare

    rival = rival_of(picture, fields)
    results, found = _found(picture, rival)
    size = drawn_size(picture.document.size_hw, LONG_SIDE)
    maps = [sampled(compact_map(SegmentedPicture(r.panoptic_map, r.segments)), size) for r in results]
    kinds = np.asarray(sampled(found.kinds, size))
    colors = _colors(picture, rival, found)
    return draw_compare(picture.image, show(picture, fields), maps, colors, kinds, source_of(picture), fields.language)


def rival_of(picture: OpenPicture, fields: Fields) -> Rival:
    """The other model's prediction.

    Raises:
        UnpreparedError: that model has not looked at the picture yet.
    """
    name = fields.text("model", longest=LONGEST_NAME)
    rival = picture.explained.rival
    if rival is None or rival.name != name:
        raise UnpreparedError
    return rival


def _found(picture: OpenPicture, rival: Rival) -> tuple[tuple[PanopticResult, PanopticResult], ResultComparison]:
    """The model's result with the thresholds of the page, the other's with its own."""
    score_threshold, overlap_threshold, _ = picture.document.rules
    mine = panoptic(picture.prediction, score_threshold, overlap_threshold)
    theirs = panoptic(rival.prediction)
    return (mine, theirs), compare_results(mine, picture.prediction.taxonomy, theirs, rival.prediction.taxonomy)


def _titles(picture: OpenPicture, rival: Rival) -> tuple[tuple[str, bool], tuple[str, bool]]:
    mine, theirs = picture.prediction.is_per_pixel, rival.prediction.is_per_pixel
    return (picture.card.title, mine), (rival.title, theirs)


def _colors(picture: OpenPicture, rival: Rival, found: ResultComparison) -> tuple[list[Color], list[Color]]:
    """What is the same has one colour on both sides, and so have classes of one name."""
    taxonomy = picture.document.taxonomy
    mine = [segment_color(segment, taxonomy) for segment in found.firsts]
    known = {category.name.casefold(): category.color for category in taxonomy.categories}
    theirs = [_color(segment, rival, known) for segment in found.seconds]
    for first, second in found.pairs:
        if found.same_class[first, second]:
            theirs[second] = mine[first]
    return mine, theirs


def _color(segment: SegmentInfo, rival: Rival, known: dict[str, Color]) -> Color:
    category = rival.prediction.taxonomy.category(segment.category_id)
    own = segment_color(segment, rival.prediction.taxonomy)
    return own if category.is_thing else known.get(category.name.casefold(), own)


def _segment_rows(picture: OpenPicture, rival: Rival, found: ResultComparison) -> tuple[list[Row], list[Row]]:
    """The segments of both; ``same`` is the other side's segment that each one is."""
    partner = dict(found.pairs)
    other = {second: first for first, second in found.pairs}
    sides = (
        (found.firsts, picture.document.taxonomy, partner, found.seconds, found.iou),
        (found.seconds, rival.prediction.taxonomy, other, found.firsts, found.iou.T),
    )
    rows: tuple[list[Row], list[Row]] = ([], [])
    for listed, (segments, taxonomy, same, others, iou) in zip(rows, sides, strict=True):
        for place, segment in enumerate(segments):
            mate = same.get(place)
            listed.append(
                {
                    "segment_id": segment.segment_id,
                    "name": taxonomy.category(segment.category_id).name,
                    "score": segment.score,
                    "area": segment.area,
                    "same": None if mate is None else others[mate].segment_id,
                    "iou": None if mate is None else float(iou[place, mate]),
                }
            )
    return rows


def _rows(picture: OpenPicture, rival: Rival, found: ResultComparison, least: float = LEAST_SHARE) -> list[Row]:
    height, width = picture.document.size_hw
    first, second = ({row["segment_id"]: row["name"] for row in rows} for rows in _segment_rows(picture, rival, found))
    return [
        {
            "kind": row.kind.value,
            "first": row.first,
            "first_class": first.get(row.first),
            "second": row.second,
            "second_class": second.get(row.second),
            "area": row.area,
            "box_xyxy": list(row.box_xyxy),
        }
        for row in found.disagreements
        if row.area >= least * height * width
    ]


def _facts(picture: OpenPicture, rival: Rival, found: ResultComparison) -> Row:
    facts: Row = {
        "agreement": found.agreement,
        "shares": {kind.value: found.share(kind) for kind in KINDS},
        "same": len(found.pairs),
        "same_class": sum(bool(found.same_class[pair]) for pair in found.pairs),
        "truth": None,
    }
    if is_corrected(picture):
        facts["truth"] = _truth(picture, rival)
    return facts


def _truth(picture: OpenPicture, rival: Rival) -> Row:
    """Per-class IoU of both models' semantic maps with the corrected picture."""
    document, names = picture.document, _names_of_the_model(picture)
    columns = []
    for prediction in (picture.prediction, rival.prediction):
        class_map = semantic(prediction).class_map
        stat = class_ious(class_map, prediction.taxonomy, document.label_map, dict(document.segments), names)
        columns.append(stat)
    present = np.flatnonzero(columns[0].confusion.sum(axis=1))
    ious: list[Any] = [stat.iou() for stat in columns]
    rows: list[Row] = [
        {
            "name": document.taxonomy[index].name,
            "pixels": int(columns[0].confusion[index].sum()),
            "first": float(ious[0][index]),
            "second": float(ious[1][index]),
        }
        for index in present.tolist()
    ]
    means = [float(np.mean([row[side] for row in rows])) if rows else None for side in ("first", "second")]
    rows.sort(key=lambda row: -row["pixels"])
    return {"classes": rows, "first": means[0], "second": means[1]}


def _names_of_the_model(picture: OpenPicture) -> Taxonomy:
    """The document's categories, those that the model knows under its own names: a person may have renamed them."""
    own = {category.category_id: category.name for category in picture.prediction.taxonomy.categories}
    taken = {name.casefold() for name in own.values()}

    def name(category: Category) -> str:
        if category.category_id in own:
            return own[category.category_id]
        return f"{category.name} ({category.category_id})" if category.name.casefold() in taken else category.name

    taxonomy = picture.document.taxonomy
    return replace(taxonomy, categories=tuple(replace(each, name=name(each)) for each in taxonomy.categories))
