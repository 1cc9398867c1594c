"""The assembly, step by step: what each rule leaves of N queries, and what becomes of every one."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.answers.fields import Fields
from app.answers.reply import Reply
from app.encoding import deflated
from app.open_picture import OpenPicture
from app.palette import segment_color
from app.panels.maps import drawn_size, map_size, packed_map
from app.panels.panel import Numbers, Row, category_of, shade_of, source_of
from app.resample import mask_probs
from core.explain.assembly import STEPS, AssemblySteps, Step, assembly_steps
from core.types import QueryFate

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HEAPED = STEPS[:3]  # the steps before pixels have owners: masks lie over each other
HEAP_LONG_SIDE = 200
_OPAQUE = 0.84


def show(picture: OpenPicture, fields: Fields) -> Reply:
    """A row for each query and each step, and what the picture looks like after it."""
    found = _found(picture)
    layers = heaps(picture, found)
    size = drawn_size(picture.document.size_hw)
    settings, taxonomy = picture.document.settings, picture.document.taxonomy
    return {
        "score_threshold": settings.score_threshold,
        "overlap_threshold": settings.overlap_threshold,
        "steps": [_step_row(found, step) for step in STEPS],
        "queries": [
            _query_row(picture, found, fate) | {"color": shade_of(picture, fate.query)} for fate in found.fates
        ],
        "segments": [
            {
                "segment_id": segment.segment_id,
                "category_id": segment.category_id,
                "color": list(segment_color(segment, taxonomy)),
            }
            for segment in found.segments
        ],
        "heaps": deflated(layers),
        "heap_height": layers.shape[1],
        "heap_width": layers.shape[2],
        "winners": packed_map(found.winners + 1, size),
        "owners": packed_map(found.owners + 1, size),
        "labels": packed_map(found.panoptic_map, size),
        **map_size(size),
    }


def numbers(picture: OpenPicture, fields: Fields) -> Numbers:
    """Every query's way through the assembly."""
    found, settings = _found(picture), picture.document.settings
    rows = [
        _query_row(picture, found, fate) | {"class": category_of(picture, fate.class_index).name}
        for fate in found.fates
    ]
    facts: Row = {
        "picture": picture.name,
        "model": picture.card.name,
        "score_threshold": settings.score_threshold,
        "overlap_threshold": settings.overlap_threshold,
        "steps": [_step_row(found, step) | {"left": found.left(step)} for step in STEPS],
        "queries": rows,
    }
    return Numbers(facts, rows)


def draw(picture: OpenPicture, fields: Fields) -> "Figure":
    """The picture after each of the six steps."""
    from app.plots.assembly import draw_assembly

    found = _found(picture)
    return draw_assembly(
        picture.image,
        found,
        heaps(picture, found),
        np.array([shade_of(picture, fate.query) for fate in found.fates], dtype=np.uint8),
        picture.document.taxonomy,
        source_of(picture),
        fields.language,
    )


def heaps(picture: OpenPicture, found: AssemblySteps) -> NDArray[np.uint8]:
    """(steps, h, w, 4) RGBA: the masks that are left after each step of ``HEAPED``, see-through over each other."""
    probs = mask_probs(picture.prediction, slice(None), drawn_size(picture.document.size_hw, HEAP_LONG_SIDE))
    colors = np.array([shade_of(picture, fate.query) for fate in found.fates], dtype=np.float32)
    return np.stack([_heap(probs, colors, found.left(step)) for step in HEAPED])


def _heap(probs: NDArray[np.float32], colors: NDArray[np.float32], left: list[int]) -> NDArray[np.uint8]:
    layer = np.zeros((*probs.shape[1:], 4), dtype=np.uint8)
    if left:
        weights = probs[left] ** 2
        mixed = np.tensordot(weights, colors[left], axes=(0, 0)) / weights.sum(axis=0).clip(min=1e-9)[..., None]
        layer[..., :3] = mixed
        layer[..., 3] = 255 * _OPAQUE * probs[left].max(axis=0)
    return layer


def _found(picture: OpenPicture) -> AssemblySteps:
    """The model's part of the picture, as it is assembled now."""
    return assembly_steps(picture.prediction, *picture.document.rules)


def _step_row(found: AssemblySteps, step: Step) -> Row:
    row: Row = {"step": step.value, "count": len(found.left(step))}
    if step not in HEAPED:
        row["void"] = found.void_share(step)
    if step is Step.SEGMENTS:
        row["segments"] = len(found.segments)
    return row


def _query_row(picture: OpenPicture, found: AssemblySteps, fate: QueryFate) -> Row:
    ends = found.leaves_at(fate.query)
    return {
        "query": fate.query,
        "category_id": picture.prediction.taxonomy[fate.class_index].category_id,
        "score": fate.score,
        "no_object": float(picture.prediction.class_probs[fate.query, -1]),
        "mask_area": fate.mask_area,
        "won_area": fate.won_area,
        "fate": fate.fate.value,
        "leaves_at": ends.value if ends else None,
        "segment_id": fate.segment_id,
    }
