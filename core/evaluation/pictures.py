"""Every picture's own figures, and which pictures are the best and the worst."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.evaluation.figures import Figures
from core.formats.panoptic_dataset import DatasetPicture


@dataclass(frozen=True, slots=True)
class PictureRow:
    """One picture's figures, each class where it is labelled; None where there was nothing to measure."""

    image_id: int
    file_name: str
    pq: float | None
    sq: float | None
    rq: float | None
    tp: int
    fp: int
    fn: int
    miou: float | None
    pixel_accuracy: float | None


def picture_row(picture: DatasetPicture, figures: Figures) -> PictureRow:
    """The row of one picture."""
    stat = figures.panoptic
    quality = stat.average()
    return PictureRow(
        image_id=picture.image_id,
        file_name=picture.file_name,
        pq=quality.pq,
        sq=quality.sq,
        rq=quality.rq,
        tp=int(stat.tp.sum()),
        fp=int(stat.fp.sum()),
        fn=int(stat.fn.sum()),
        miou=figures.semantic.mean_iou(),
        pixel_accuracy=figures.semantic.pixel_accuracy(),
    )


def worst_and_best(rows: Sequence[PictureRow], count: int) -> tuple[tuple[PictureRow, ...], tuple[PictureRow, ...]]:
    """The ``count`` pictures with the least PQ, worst first, and those with the largest, best first; none in both.

    Equal pictures stand by pixel accuracy; a picture without anything to find or to miss is in neither.
    """
    ranked = sorted((row for row in rows if row.pq is not None), key=lambda row: (row.pq, row.pixel_accuracy or 0.0))
    half = (len(ranked) + 1) // 2
    worst, best = ranked[: min(count, half)], ranked[max(half, len(ranked) - count) :]
    return tuple(worst), tuple(reversed(best))
