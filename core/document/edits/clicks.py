"""Edits that a model's answer led to. They hold its pixels, so that no model is asked to do or to replay them."""

from dataclasses import dataclass

from core.types import Box, Click


@dataclass(frozen=True, slots=True)
class Refine:
    """Gives a segment, or a new one (no ``segment_id``, but a category), the shape that a person's clicks led to.

    Inside the box the segment has the pixels of ``mask`` and no others. Locked segments keep theirs.

    Attributes:
        mask: the bits of the box as :func:`core.document.packing.pack_mask` packs them.
        heirs: labels of the box as :func:`core.document.packing.pack_labels` packs them: who gets the pixels that the
            segment loses; 0 = void. None stands for void everywhere.
        query: the query that the shape began with. It stands behind a new segment unless it is off, or behind another.
        clicks: what the person said, oldest first; a stroke is told by its points.
    """

    box_xyxy: Box
    mask: bytes
    segment_id: int | None = None
    category_id: int | None = None
    heirs: bytes | None = None
    query: int | None = None
    clicks: tuple[Click, ...] = ()


@dataclass(frozen=True, slots=True)
class Adopt:
    """Takes over a proposal for the segments that nobody has decided about: pixels of a box change their owners.

    Segments that a person touched lose nothing, those that are locked or reviewed gain nothing either, and what a
    person voided stays void.

    Attributes:
        labels: of the box afterwards, as :func:`core.document.packing.pack_labels` packs them; 0 = void.
    """

    box_xyxy: Box
    labels: bytes
