"""What a simulated annotator may do to a picture, what each move costs and which edits of the canvas it makes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from core.document import (
    Delete,
    Document,
    Edit,
    Fill,
    FillHoles,
    FillVoid,
    Merge,
    Paint,
    Promote,
    Refine,
    Relabel,
    SplitComponents,
    apply,
    pack_mask,
)
from core.document.patch import slices
from core.evaluation.clicks.person import next_click
from core.evaluation.overlaps import Overlaps, SegmentedPicture, overlaps
from core.evaluation.panoptic_quality import match
from core.inference import Prediction, shortlist
from core.messages import StudioError
from core.refinement import Prompts, Refinement, Refiner
from core.refinement.look import union
from core.types import VOID, Click, SegmentInfo, Size
from tests.benchmarks.simulated_hand import (
    JITTER,
    LEAST_PART,
    Drawn,
    Mask,
    Points,
    corners_of,
    disc,
    inner_paths,
    largest_parts,
    length_of,
    missed,
    outline,
    polygon,
    room_inside,
    strokes,
    zoom_for,
)

Room: TypeAlias = NDArray[np.float32]

PICK, CLICK, DRAW = "pick", "click", "draw"
TOOLS = {"pick": (PICK,), "clicks": (PICK, CLICK), "all": (PICK, CLICK, DRAW), "drawing": (PICK, DRAW)}
CLICKS = (1, 2, 4)  # into one segment, before another is looked at

TOLERANCES, BRUSHES = (0.6, 1.2, 2.5, 5.0), (4, 10, 24)  # pixels of the picture
PARTS, SLACK = 2, 4  # missing parts of a segment that are looked at; pixels


@dataclass(frozen=True)
class Move:
    """What the annotator may do next; ``edits`` draws with a hand that misses."""

    name: str
    actions: float
    edits: Callable[[np.random.Generator], Sequence[Edit]]
    category_id: int | None = None  # of the segment that the edits open


@dataclass(frozen=True)
class Task:
    """A picture, its truth and what the model says about it."""

    truth: SegmentedPicture
    left_out: frozenset[int]
    prediction: Prediction
    fitting: Mapping[int, Sequence[int]]  # queries whose own mask has IoU > 0.8 with a true segment
    refiner: Refiner
    tools: Sequence[str] = TOOLS["all"]

    def overlaps(self, document: Document) -> Overlaps:
        guess = SegmentedPicture(document.label_map, tuple(document.segments.values()))
        return overlaps(self.truth, guess)

    def quality(self, document: Document) -> float:
        taxonomy = self.prediction.taxonomy
        counted = match(self.overlaps(document).without(self.left_out), taxonomy)
        return counted.stat(len(taxonomy)).average().pq or 0.0

    def after(self, document: Document, move: Move, random: np.random.Generator) -> Document:
        """The document a move leads to; the same where an edit of it is refused."""
        try:
            after = document
            for edit in move.edits(random):
                after = apply(after, edit, self.prediction)[0]
            if move.category_id is not None:
                (opened,) = after.segments.keys() - document.segments.keys()
                after = apply(after, Relabel(opened, move.category_id), self.prediction)[0]
        except (StudioError, ValueError):
            return document
        return after


def moves(task: Task, document: Document, key: int) -> Iterator[Move]:
    """What may help the true segment ``key`` (0: the picture as a whole)."""
    if key == VOID:
        yield Move("fill void", 2, lambda _: [FillVoid()])
        return
    wanted = next(row for row in task.truth.segments if row.segment_id == key)
    mask = task.truth.label_map == key
    yield from _taken_queries(task, wanted)
    yield from _of_whole_segments(task, document, wanted, mask)
    if CLICK in task.tools:
        yield from _clicked(task, document, wanted, mask)
    if DRAW in task.tools:
        yield from drawn(task, document, wanted, mask)


def drawn(task: Task, document: Document, wanted: SegmentInfo, mask: Mask) -> Iterator[Move]:
    """Polygons and strokes over a true segment, or over what it lacks."""
    own = own_segment(task, document, wanted.segment_id)
    target = {"category_id": wanted.category_id} if own is None else {"segment_id": own}
    free = (task.truth.label_map == VOID) | (mask & (document.label_map == (own or -1)))
    lacking = largest_parts(mask & (document.label_map != (own or -1)), PARTS)
    regions = [part | (cv2.dilate(part.astype(np.uint8), disc(SLACK)) > 0) & free for part in lacking]
    for region, tolerance in product((*largest_parts(mask, 1), *regions), TOLERANCES):
        yield polygon_move(region, tolerance, target)
    room = room_inside(mask | (task.truth.label_map == VOID), max(BRUSHES))
    for part, diameter in product(lacking, BRUSHES):
        yield from _brushed(part, room, diameter, target)


def polygon_move(region: Mask, tolerance: float, target: dict[str, int]) -> Move:
    """The region's outline, traced from as near as the tolerance asks for."""
    miss, zooming = zoom_for(region, tolerance / 2)
    corners = corners_of(outline(region), tolerance)
    edits = partial(_polygon, corners, miss, region.shape, target)
    return Move("polygon", _steps(target) + len(corners) + zooming, edits)


def _steps(target: dict[str, int]) -> int:
    """To the tool and the segment, or to the tool, the category's list and the category."""
    return 2 if "segment_id" in target else 3


def _brushed(part: Mask, room: Room, diameter: int, target: dict[str, int]) -> Iterator[Move]:
    paths = inner_paths(room, part, diameter)
    if paths:
        miss, zooming = zoom_for(part, diameter / 12)
        cost = sum(1 + length_of(path) / (4 * diameter) for path in paths)
        edits = partial(_brush, paths, diameter, miss, part.shape, target)
        yield Move("brush", _steps(target) + 1 + cost + zooming, edits)


def _taken_queries(task: Task, wanted: SegmentInfo) -> Iterator[Move]:
    """Queries that show the segment: one click on it, one key."""
    for query in task.fitting.get(wanted.segment_id, ()):
        best = task.prediction.taxonomy[int(task.prediction.best_classes[query])].category_id
        relabel = None if best == wanted.category_id else wanted.category_id
        yield replace(_move("query", 2 if relabel is None else 4, Promote(query, over=True)), category_id=relabel)


def _of_whole_segments(task: Task, document: Document, wanted: SegmentInfo, mask: Mask) -> Iterator[Move]:
    """Relabel, merge, delete and the shape menu: a click on a segment and a key."""
    labels, counts = np.unique(document.label_map[mask], return_counts=True)
    inside = {int(k): int(n) for k, n in zip(labels, counts, strict=True) if k != VOID and n >= LEAST_PART}
    within = [k for k in sorted(inside, key=lambda k: -inside[k]) if 2 * inside[k] > document.segments[k].area]
    for key in within:
        row = document.segments[key]
        if row.category_id != wanted.category_id:
            listed = wanted.category_id in dict(shortlist(task.prediction, row.queries))
            yield _move("relabel", 2 if listed else 5, Relabel(key, wanted.category_id))
        yield _move("fill holes", 2, FillHoles(key))
        for fill in Fill:
            yield _move("delete", 2, Delete(key, fill))
    for key in inside.keys() - within:
        yield _move("split", 2, SplitComponents(key))
    if len(within) > 1:
        agrees = document.segments[within[0]].category_id == wanted.category_id
        edits = Merge(tuple(within)), Relabel(within[0], wanted.category_id)
        yield _move("merge", len(within) + 1 + 2 * (not agrees), *edits[: 1 if agrees else 2])


def _move(name: str, actions: float, *edits: Edit) -> Move:
    return Move(name, actions, lambda _: edits)


def own_segment(task: Task, document: Document, key: int) -> int | None:
    """The segment of the right class that shares most with a true one, if most of it lies there."""
    shared = task.overlaps(document)
    place = [row.segment_id for row in shared.truth].index(key)
    same = np.array([row.category_id == shared.truth[place].category_id for row in shared.predicted], bool)
    pixels = np.where(same, shared.pixels[1 + place, 1:], 0)
    known = shared.predicted_areas - shared.pixels[0, 1:]
    if not len(pixels) or 2 * pixels.max() <= known[pixels.argmax()]:
        return None
    return shared.predicted[int(pixels.argmax())].segment_id


def _clicked(task: Task, document: Document, wanted: SegmentInfo, mask: Mask) -> Iterator[Move]:
    """Smart clicks into the segment, or into what is to become one: tool, segment, clicks, and the class if it errs."""
    own = own_segment(task, document, wanted.segment_id)
    for count in CLICKS:
        edits = partial(_refined, task, document, wanted, mask, own, count)
        guess = _solved(task, document, mask, own, 1, None) if own is None else None
        errs = guess is not None and (not guess.shortlist or guess.shortlist[0][0] != wanted.category_id)
        yield Move("click", (1 if own is None else 2) + count + 2 * errs, edits)


def _refined(
    task: Task,
    document: Document,
    wanted: SegmentInfo,
    mask: Mask,
    own: int | None,
    count: int,
    random: np.random.Generator,
) -> list[Edit]:
    found = _solved(task, document, mask, own, count, random)
    if found is None:
        return []
    return [Refine(found.box, pack_mask(found.mask), own, None if own else wanted.category_id)]


def _solved(
    task: Task, document: Document, mask: Mask, own: int | None, count: int, random: np.random.Generator | None
) -> Refinement | None:
    """What some clicks at the deepest errors lead to, all of it in one box; the hand misses where one is given."""
    now = document.label_map == own if own else np.zeros_like(mask)
    known, clicks, box, found = task.truth.label_map != VOID, list[Click](), None, None
    for _ in range(count):
        click = next_click(mask, now, known)
        if click is None:
            break
        clicks.append(click if random is None else _missed(click, mask.shape, random))
        prompts = Prompts(tuple(clicks), is_accepted=own is not None)
        found = task.refiner.solve(prompts, start=now, label_map=document.label_map)
        now = now.copy()
        now[slices(found.box)] = found.mask
        box = found.box if box is None else union(box, found.box)
    return found and replace(found, box=box, mask=now[slices(box)])


def _missed(click: Click, hw: Size, random: np.random.Generator) -> Click:
    (point,) = np.rint(missed(np.array([[click.x, click.y]], float), JITTER, random))
    x, y = point.clip(0, (hw[1] - 1, hw[0] - 1)).astype(int).tolist()
    return Click(x, y, click.is_positive)


def _polygon(corners: Points, miss: float, hw: Size, target: dict[str, int], random: np.random.Generator) -> list[Edit]:
    return _painted(polygon(np.rint(missed(corners, miss, random)), hw), target)


def _brush(
    paths: list[Points], diameter: int, miss: float, hw: Size, target: dict[str, int], random: np.random.Generator
) -> list[Edit]:
    return _painted(strokes([np.rint(missed(path, miss, random)) for path in paths], diameter, hw), target)


def _painted(drawn: Drawn, target: dict[str, int]) -> list[Edit]:
    box, mask = drawn
    return [Paint(box, pack_mask(mask), target.get("segment_id"), target.get("category_id"))] if mask.any() else []
