"""Masks as numbers: COCO run lengths, areas, boxes and connected parts.

Run lengths follow COCO's ``maskApi``: pixels are read column by column and the first run counts zeros. The compressed
string is its 5-bits-a-character code, in which every count from the fourth on is kept as the difference to the count
two places before it.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.messages import StudioError
from core.types import RunLength, Size

_CHUNKS = 7  # 5 bits each: enough for the difference of two 32-bit counts


def encode(mask: NDArray[np.bool_]) -> RunLength:
    """Run lengths of a (H, W) bool mask."""
    return encode_label_map(np.asarray(mask, dtype=np.uint8), [1])[0]


def encode_label_map(label_map: NDArray[np.integer], labels: Sequence[int]) -> list[RunLength]:
    """Run lengths of each of ``labels`` from one pass over a (H, W) integer map; an absent label is an empty mask."""
    if label_map.ndim != 2:
        raise ValueError(f"label map must be (H, W), got {label_map.shape}")
    size_hw = (label_map.shape[0], label_map.shape[1])
    run_labels, starts, ends = _column_runs(label_map)
    order = np.argsort(run_labels, kind="stable")
    run_labels, starts, ends = run_labels[order], starts[order], ends[order]
    first = np.searchsorted(run_labels, labels, side="left")
    last = np.searchsorted(run_labels, labels, side="right")
    return [from_runs(starts[a:b], ends[a:b], size_hw) for a, b in zip(first, last, strict=True)]


def from_runs(starts: NDArray[np.int64], ends: NDArray[np.int64], size_hw: Size) -> RunLength:
    """Run lengths of rising runs from ``starts`` up to ``ends`` in column-major order, none of which touch."""
    pixels = size_hw[0] * size_hw[1]
    bounds = np.empty(2 * len(starts) + 2, dtype=np.int64)
    bounds[0], bounds[-1] = 0, pixels
    bounds[1:-1:2], bounds[2:-1:2] = starts, ends
    counts = np.diff(bounds).astype(np.uint32)
    return RunLength(size_hw, counts[:-1] if len(starts) and ends[-1] == pixels else counts)


def decode(run_length: RunLength) -> NDArray[np.bool_]:
    """The (H, W) bool mask of run lengths.

    Raises:
        StudioError: the counts do not fill the size exactly.
    """
    height, width = run_length.size_hw
    _require_full(run_length.counts.astype(np.int64), run_length.size_hw)
    values = np.arange(len(run_length.counts)) % 2 == 1
    columns = np.repeat(values, run_length.counts).reshape(width, height)
    return np.ascontiguousarray(columns.T)


def decode_label_map(run_lengths: Sequence[RunLength], labels: Sequence[int], size_hw: Size) -> NDArray[np.int32]:
    """Paints disjoint masks into one (H, W) int32 map, 0 elsewhere: the inverse of :func:`encode_label_map`.

    Raises:
        StudioError: masks overlap, or one is not of ``size_hw``.
    """
    height, width = size_hw
    spans = []  # rows of start, end, label
    for run_length, label in zip(run_lengths, labels, strict=True):
        counts = run_length.counts.astype(np.int64)
        _require_full(counts, size_hw)
        bounds = np.cumsum(counts)
        starts, ends = bounds[:-1:2], bounds[1::2]
        spans.append(np.stack([starts, ends, np.full(len(ends), label)]))
    starts, ends, painted = np.concatenate([np.zeros((3, 0), dtype=np.int64), *spans], axis=1)
    order = np.argsort(starts, kind="stable")
    bounds = np.stack([starts[order], ends[order]], axis=1).ravel()
    gaps = np.diff(bounds, prepend=0, append=height * width)
    if (gaps < 0).any():
        raise StudioError("error.masks_overlap")
    values = np.zeros(len(gaps), dtype=np.int32)
    values[1::2] = painted[order]
    return np.ascontiguousarray(np.repeat(values, gaps).reshape(width, height).T)


def rle_to_string(run_length: RunLength) -> str:
    """COCO's compressed ASCII form of the counts."""
    values = run_length.counts.astype(np.int64)
    values[3:] -= run_length.counts[1:-2].astype(np.int64)
    rest = values[:, None] >> (5 * np.arange(1, _CHUNKS + 1))  # (N, chunks): what is left after each chunk
    chunks = (values[:, None] >> (5 * np.arange(_CHUNKS))) & 0x1F  # (N, chunks)
    more = rest != np.where(chunks & 0x10, -1, 0)
    written = np.ones_like(more)
    written[:, 1:] = np.logical_and.accumulate(more, axis=1)[:, :-1]
    characters: NDArray[np.int64] = (chunks | (more << 5)) + 48
    return bytes(characters[written].astype(np.uint8)).decode("ascii")


def rle_from_string(text: str, size_hw: Size) -> RunLength:
    """Reads COCO's compressed ASCII form.

    Raises:
        StudioError: a character is foreign, the text ends inside a number, or the counts do not fill ``size_hw``.
    """
    codes = np.frombuffer(text.encode("utf-8"), dtype=np.uint8).astype(np.int64) - 48
    if len(codes) == 0 or codes.min() < 0 or codes.max() > 63 or codes[-1] & 0x20:
        raise StudioError("error.rle_text")
    ends = np.flatnonzero((codes & 0x20) == 0)
    starts = np.concatenate(([0], ends[:-1] + 1))
    lengths = ends - starts + 1
    if lengths.max() > _CHUNKS:
        raise StudioError("error.rle_text")
    shifts = 5 * (np.arange(len(codes)) - np.repeat(starts, lengths))
    values = np.add.reduceat((codes & 0x1F) << shifts, starts)
    values -= np.where(codes[ends] & 0x10, 1 << (5 * lengths), 0)
    values[1::2] = np.cumsum(values[1::2])
    values[2::2] = np.cumsum(values[2::2])
    _require_full(values, size_hw)
    return RunLength(size_hw, values.astype(np.uint32))


def area(run_length: RunLength) -> int:
    """Pixels of the mask."""
    return int(run_length.counts[1::2].sum(dtype=np.int64))


def box_xyxy(run_length: RunLength) -> tuple[int, int, int, int]:
    """Half-open box (x0, y0, x1, y1) of the mask; all zeros where it is empty."""
    bounds = np.cumsum(run_length.counts, dtype=np.int64)
    starts, ends = bounds[:-1:2], bounds[1::2]
    starts, ends = starts[ends > starts], ends[ends > starts]
    if len(starts) == 0:
        return 0, 0, 0, 0
    height = run_length.size_hw[0]
    (first_columns, tops), (last_columns, bottoms) = np.divmod(starts, height), np.divmod(ends - 1, height)
    if (first_columns != last_columns).any():
        tops, bottoms = np.array([0]), np.array([height - 1])
    return int(first_columns.min()), int(tops.min()), int(last_columns.max()) + 1, int(bottoms.max()) + 1


def boxes_xyxy(label_map: NDArray[np.integer], labels: Sequence[int]) -> NDArray[np.int64]:
    """(S, 4) half-open boxes of ``labels`` in a (H, W) integer map; an absent label has zeros."""
    boxes = [box_xyxy(run_length) for run_length in encode_label_map(label_map, labels)]
    return np.array(boxes, dtype=np.int64).reshape(-1, 4)


def label_areas(label_map: NDArray[np.integer]) -> dict[int, int]:
    """Pixels of every label that occurs in the map (0 included), by rising label."""
    if label_map.size and label_map.min() >= 0 and label_map.max() <= max(label_map.size, 1 << 16):
        counts = np.bincount(label_map.ravel())
        labels = np.flatnonzero(counts)
        return dict(zip(labels.tolist(), counts[labels].tolist(), strict=True))
    labels, counts = np.unique(label_map, return_counts=True)
    return dict(zip(labels.tolist(), counts.tolist(), strict=True))


def components(mask: NDArray[np.bool_], connectivity: int = 8) -> tuple[NDArray[np.int32], int]:
    """Connected parts of a (H, W) bool mask: a map with 0 outside and 1..n inside, and n."""
    count, parts = cv2.connectedComponents(np.asarray(mask, dtype=np.uint8), connectivity=connectivity)
    return parts.astype(np.int32, copy=False), count - 1


def parts_at(mask: NDArray[np.bool_], xs: ArrayLike, ys: ArrayLike, connectivity: int = 4) -> NDArray[np.bool_]:
    """(H, W) the connected parts of a mask that hold any of the pixels; all of it where none does."""
    inside, reached = 1, 2
    rows, columns = np.atleast_1d(np.asarray(ys, np.intp)), np.atleast_1d(np.asarray(xs, np.intp))
    filled = mask.astype(np.uint8, order="C")
    while (left := np.flatnonzero(filled[rows, columns] == inside)).size:
        cv2.floodFill(filled, None, (int(columns[left[0]]), int(rows[left[0]])), (reached,), flags=connectivity)
    found = filled == reached
    return found if found.any() else mask


def _column_runs(
    label_map: NDArray[np.integer],
) -> tuple[NDArray[np.integer], NDArray[np.int64], NDArray[np.int64]]:
    """Label, start and end of every run of equal labels in column-major order."""
    flat = np.ascontiguousarray(label_map.T).ravel()
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    bounds = np.concatenate(([0], changes, [flat.size])) if flat.size else np.zeros(1, dtype=np.int64)
    return flat[bounds[:-1]], bounds[:-1], bounds[1:]


def _require_full(counts: NDArray[np.int64], size_hw: Size) -> None:
    height, width = size_hw
    if height < 0 or width < 0 or (counts < 0).any() or counts.sum() != height * width:
        raise StudioError("error.rle_size", height=height, width=width)
