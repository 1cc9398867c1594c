"""The pixels that true and predicted segments share: all that panoptic quality needs to know about a picture."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.types import VOID, SegmentInfo


@dataclass(frozen=True, slots=True)
class SegmentedPicture:
    """``label_map`` (H, W) of segment ids, 0 = void, with its segments in listed order.

    Attributes:
        crowd_ids: of true segments only.
        void_is_background: in truth, pixels without a segment are known to belong to none, instead of being unlabelled.
    """

    label_map: NDArray[np.int32]
    segments: tuple[SegmentInfo, ...]
    crowd_ids: frozenset[int] = frozenset()
    void_is_background: bool = False

    def without(self, category_ids: Collection[int]) -> "SegmentedPicture":
        """The same picture with the segments of these classes turned void."""
        gone = [s.segment_id for s in self.segments if s.category_id in category_ids]
        if not gone:
            return self
        label_map = np.where(np.isin(self.label_map, gone), np.int32(VOID), self.label_map)
        kept = tuple(s for s in self.segments if s.category_id not in category_ids)
        return SegmentedPicture(label_map, kept, self.crowd_ids.difference(gone), self.void_is_background)


@dataclass(frozen=True, slots=True)
class Overlaps:
    """A picture's T true and P predicted segments.

    Attributes:
        pixels: (1 + T + 1, 1 + P) shared by each true and each predicted segment; row and column 0 are void, the last
            row is background.
        is_crowd: (T,) True for true crowds.
    """

    truth: tuple[SegmentInfo, ...]
    predicted: tuple[SegmentInfo, ...]
    pixels: NDArray[np.int64]
    is_crowd: NDArray[np.bool_]

    @property
    def true_areas(self) -> NDArray[np.int64]:
        """(T,) pixels of the true segments."""
        return np.asarray(self.pixels[1:-1].sum(axis=1))

    @property
    def predicted_areas(self) -> NDArray[np.int64]:
        """(P,) pixels of the predicted segments."""
        return np.asarray(self.pixels[:, 1:].sum(axis=0))

    def iou(self) -> NDArray[np.float64]:
        """(T, P) intersection over union; the union leaves out the predicted segment's pixels on true void."""
        return intersection_over_union(self.pixels, len(self.truth), len(self.predicted))

    def without(self, category_ids: Collection[int]) -> "Overlaps":
        """As if the true and predicted segments of these classes were void."""
        true_kept, predicted_kept = self.kept(category_ids)
        rows, columns = np.r_[True, true_kept, True], np.r_[True, predicted_kept]
        return Overlaps(
            truth=tuple(s for s in self.truth if s.category_id not in category_ids),
            predicted=tuple(s for s in self.predicted if s.category_id not in category_ids),
            pixels=with_void(self.pixels, rows, columns),
            is_crowd=self.is_crowd[true_kept],
        )

    def kept(self, category_ids: Collection[int]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """(T,) and (P,) True for the segments that :meth:`without` leaves."""
        return _kept(self.truth, category_ids), _kept(self.predicted, category_ids)


def overlaps(truth: SegmentedPicture, predicted: SegmentedPicture) -> Overlaps:
    """Compares the maps run by run, so its time hangs on their size and outlines, not on the number of segments.

    Raises:
        ValueError: the maps differ in size, or a map's labels are not exactly its segments' ids.
    """
    true_labels, predicted_labels, lengths = shared_runs(truth.label_map, predicted.label_map)
    rows, columns = places(true_labels, truth.segments), places(predicted_labels, predicted.segments)
    pixels = pair_counts(rows, columns, lengths, (len(truth.segments) + 2, len(predicted.segments) + 2))
    _require_exact(pixels.sum(axis=1), truth.segments)
    _require_exact(pixels.sum(axis=0), predicted.segments)
    is_crowd = np.array([s.segment_id in truth.crowd_ids for s in truth.segments], dtype=bool)
    if truth.void_is_background:
        void_to_background(pixels)
    return Overlaps(truth.segments, predicted.segments, pixels[:, :-1], is_crowd)


def shared_runs(
    first: NDArray[np.integer], second: NDArray[np.integer]
) -> tuple[NDArray[np.integer], NDArray[np.integer], NDArray[np.int64]]:
    """Both maps' values and the length of every run, row by row, in which neither (H, W) map changes.

    Raises:
        ValueError: the maps differ in size.
    """
    if first.shape != second.shape:
        raise ValueError(f"predicted map must be {first.shape}, got {second.shape}")
    one, other = first.ravel(), second.ravel()
    changes = one[1:] != one[:-1]
    changes |= other[1:] != other[:-1]
    starts = np.concatenate([np.zeros(min(1, one.size), dtype=np.int64), np.flatnonzero(changes) + 1])
    return one[starts], other[starts], np.diff(starts, append=one.size)


def places(labels: NDArray[np.integer], segments: Sequence[SegmentInfo]) -> NDArray[np.int64]:
    """Each label's place among the segments: 0 void, 1.. as listed, one past the last for a foreign label.

    Raises:
        ValueError: a label or a segment's id is negative.
    """
    ids = np.array([VOID, *(s.segment_id for s in segments)], dtype=np.int64)
    if min(ids.min(), labels.min(initial=0)) < 0:
        raise ValueError("segment ids must not be negative")
    order = np.argsort(ids, kind="stable")
    nearest = order[np.searchsorted(ids[order], labels).clip(max=len(ids) - 1)]
    return np.where(ids[nearest] == labels, nearest, len(ids))


def compact_map(picture: SegmentedPicture) -> NDArray[np.int64]:
    """(H, W) each pixel's place among the segments, 0 = void."""
    labels, _, lengths = shared_runs(picture.label_map, picture.label_map)
    return np.repeat(places(labels, picture.segments), lengths).reshape(picture.label_map.shape)


def pair_counts(
    rows: NDArray[np.integer], columns: NDArray[np.integer], lengths: NDArray[np.int64], shape: tuple[int, int]
) -> NDArray[np.int64]:
    """(rows, columns) pixels of each pair of places; ``lengths`` says how many pixels each entry stands for."""
    counts = np.bincount(rows * shape[1] + columns, weights=lengths, minlength=shape[0] * shape[1])
    return counts.astype(np.int64).reshape(shape)  # a sum of whole numbers in float64 is exact up to 2^53


def intersection_over_union(pixels: NDArray[np.int64], truths: int, guesses: int) -> NDArray[np.float64]:
    """(T, P) of the first rows and columns after the void's; predicted pixels on true void are in no union."""
    rows, columns = slice(1, 1 + truths), slice(1, 1 + guesses)
    shared = pixels[rows, columns]
    union = pixels[rows].sum(axis=1)[:, None] + pixels[1:, columns].sum(axis=0) - shared
    return np.asarray(shared / np.maximum(union, 1))


def void_to_background(pixels: NDArray[np.int64]) -> None:
    """Moves the first row of shared pixels to the last, which must be empty."""
    pixels[-1], pixels[0] = pixels[0], 0


def with_void(pixels: NDArray[np.int64], rows: NDArray[np.bool_], columns: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Shared pixels in which the rows and columns that are not kept have joined the void's, which is the first."""
    fewer = pixels[rows]
    fewer[0] += pixels[~rows].sum(axis=0)
    fewest = fewer[:, columns]
    fewest[:, 0] += fewer[:, ~columns].sum(axis=1)
    return fewest


def _kept(segments: Sequence[SegmentInfo], category_ids: Collection[int]) -> NDArray[np.bool_]:
    return np.array([s.category_id not in category_ids for s in segments], dtype=bool)


def _require_exact(areas: NDArray[np.int64], segments: Sequence[SegmentInfo]) -> None:
    if areas[-1]:
        raise ValueError(f"{areas[-1]} pixels carry a label that no segment has")
    absent = [s.segment_id for s, area in zip(segments, areas[1:-1], strict=True) if area == 0]
    if absent:
        raise ValueError(f"segments {absent} have no pixels of their own")
