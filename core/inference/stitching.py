"""Tiles' results put together into the picture's.

Each pixel is decided by one tile. Which parts are one segment is told by what two tiles both see: parts of one class
are joined when their IoU there is large enough, the most alike first, unless the joined segment would hold two parts
that one tile tells apart. Classes of which a picture has one segment are joined wherever they are.
"""

from collections import deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.inference.tiles import Tile, Tiling
from core.types import VOID, PanopticResult, SegmentInfo, SemanticResult

LEAST_IOU = 0.5  # above it, a part has at most one partner in another tile (arXiv 1801.00868, theorem 1)


class Part(NamedTuple):
    """A tile's segment, and the pixels of it that the tile decides."""

    tile: int
    segment: SegmentInfo
    area: int


class Bond(NamedTuple):
    """How much two parts are alike where both tiles see."""

    iou: float
    earlier: int
    later: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A tile whose ``part_map`` holds numbers of parts, counted from 1 through all tiles, 0 = void."""

    tile: Tile
    part_map: NDArray[np.int32]


def stitch(tiling: Tiling, results: Iterable[PanopticResult], fused_ids: Collection[int]) -> PanopticResult:
    """The picture's panoptic result from its tiles', given in the order of the tiling and read one at a time.

    Segments are numbered in the order in which the tiles show them. A segment's score is the largest of its parts'. No
    query is known of a picture: there are no fates. Memory: the picture's map and one row of tiles.

    Args:
        fused_ids: categories of which a picture has one segment: stuff, and all of a per-pixel model's.

    Raises:
        ValueError: results and tiles differ in number or size.
    """
    picture_map = np.zeros(tiling.picture_hw, dtype=np.int32)
    parts: list[Part] = []
    bonds: list[Bond] = []
    recent: deque[Piece] = deque(maxlen=len(tiling.columns) + 1)  # from here back to the tile above and to the left
    for number, (tile, result) in enumerate(zip(tiling, results, strict=True)):
        piece = _piece(tile, result, first=len(parts) + 1)
        own = piece.part_map[tile.own_inside]
        picture_map[tile.own] = own
        areas = np.bincount(own.ravel(), minlength=len(parts) + len(result.segments) + 1)[len(parts) + 1 :].tolist()
        parts += [Part(number, *row) for row in zip(result.segments, areas, strict=True)]
        for earlier in recent:
            bonds += _bonds(earlier, piece, parts, fused_ids)
        recent.append(piece)
    labels, segments = _segments(parts, _groups(parts, bonds, fused_ids))
    for row in picture_map:
        row[:] = labels[row]
    return PanopticResult(picture_map, segments, fates=())


def stitch_semantic(tiling: Tiling, results: Iterable[SemanticResult]) -> SemanticResult:
    """The picture's classes from its tiles', given in the order of the tiling and read one at a time."""
    class_map = np.zeros(tiling.picture_hw, dtype=np.int32)
    for tile, result in zip(tiling, results, strict=True):
        class_map[tile.own] = result.class_map[tile.own_inside]
    return SemanticResult(class_map)


def _piece(tile: Tile, result: PanopticResult, first: int) -> Piece:
    if result.panoptic_map.shape != tile.size_hw:
        raise ValueError(f"a tile's map must be {tile.size_hw}, got {result.panoptic_map.shape}")
    numbers = np.zeros(max((s.segment_id for s in result.segments), default=VOID) + 1, dtype=np.int32)
    for number, segment in enumerate(result.segments, start=first):
        numbers[segment.segment_id] = number
    return Piece(tile, numbers[result.panoptic_map])


def _bonds(earlier: Piece, later: Piece, parts: list[Part], fused_ids: Collection[int]) -> Iterator[Bond]:
    """Pairs of parts of one class that are the same thing for both tiles."""
    windows = earlier.tile.shared_inside(later.tile)
    if windows is None:
        return
    numbers = len(parts) + 1
    codes = earlier.part_map[windows[0]].astype(np.int64) * numbers + later.part_map[windows[1]]
    pairs, pixels = np.unique(codes, return_counts=True)
    one, other = np.divmod(pairs, numbers)
    iou = pixels / (np.bincount(one, pixels)[one] + np.bincount(other, pixels)[other] - pixels)
    is_candidate = (one != VOID) & (other != VOID) & (iou > LEAST_IOU)
    for a, b, alike in zip(one[is_candidate] - 1, other[is_candidate] - 1, iou[is_candidate], strict=True):
        category_id = parts[a].segment.category_id
        if category_id == parts[b].segment.category_id and category_id not in fused_ids:
            yield Bond(float(alike), int(a), int(b))


def _groups(parts: list[Part], bonds: list[Bond], fused_ids: Collection[int]) -> list[int]:
    """For each part, the first part of its segment."""
    joined = _Joined([part.tile for part in parts])
    for bond in sorted(bonds, key=lambda bond: -bond.iou):
        joined.join(bond.earlier, bond.later)
    opened: dict[int, int] = {}
    groups = []
    for place, part in enumerate(parts):
        category_id = part.segment.category_id
        is_fused = category_id in fused_ids
        groups.append(opened.setdefault(category_id, place) if is_fused else joined.first(place))
    return groups


class _Joined:
    """Disjoint sets of parts (union-find) that never hold two parts of one tile."""

    def __init__(self, tiles: list[int]) -> None:
        self._earlier = list(range(len(tiles)))
        self._tiles = [{tile} for tile in tiles]

    def first(self, part: int) -> int:
        """The earliest part of the set."""
        while self._earlier[part] != part:
            self._earlier[part] = self._earlier[self._earlier[part]]
            part = self._earlier[part]
        return part

    def join(self, one: int, other: int) -> None:
        """Makes two sets one, unless a tile tells them apart."""
        first, second = sorted((self.first(one), self.first(other)))
        if self._tiles[first].isdisjoint(self._tiles[second]):
            self._earlier[second] = first
            self._tiles[first] |= self._tiles[second]


def _segments(parts: list[Part], groups: list[int]) -> tuple[NDArray[np.int32], tuple[SegmentInfo, ...]]:
    """The segment id of every part (0 = void first), and the segments; parts that decide no pixel count for nothing."""
    labels = np.zeros(len(parts) + 1, dtype=np.int32)
    segments: dict[int, SegmentInfo] = {}
    for number, (part, group) in enumerate(zip(parts, groups, strict=True), start=1):
        if part.area == 0:
            continue
        if known := segments.get(group):
            score = max(known.score, part.segment.score)
            segments[group] = replace(known, score=score, area=known.area + part.area)
        else:
            segment_id = len(segments) + 1
            segments[group] = SegmentInfo(segment_id, part.segment.category_id, part.segment.score, part.area)
        labels[number] = segments[group].segment_id
    return labels, tuple(segments.values())
