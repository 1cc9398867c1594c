"""Documents drawn with digits, and slow rasters that say pixel by pixel what an edit must make of them."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from core.document import Document, Edit, Settings, apply
from core.messages import StudioError
from core.types import SegmentInfo
from tests.core.document.pictures import drawn
from tests.core.inference.oracle import taxonomy

Pixel = tuple[int, int]  # y, x

PREDICTION = drawn([0], ["#"])  # of no meaning for edits that draw
THING, OTHER = 7, 17


def labelled(*lines: str, locked: Iterable[int] = ()) -> Document:
    """One digit a pixel; ``.`` is void."""
    return of_map(np.array([[0 if c == "." else int(c) for c in line] for line in lines], dtype=np.int32), locked)


def of_map(label_map: NDArray[np.int32], locked: Iterable[int] = ()) -> Document:
    """Every segment touched, without queries."""
    ids, areas = np.unique(label_map[label_map > 0], return_counts=True)
    rows = zip(ids.tolist(), areas.tolist(), strict=True)
    segments = {k: SegmentInfo(k, THING, 0.9, area, touched=True, locked=k in set(locked)) for k, area in rows}
    voided = np.zeros(label_map.shape, dtype=bool)
    return Document(label_map, segments, Settings(0.5, 0.5), frozenset(), frozenset(), voided, (), taxonomy())


def noise(seed: int, size_hw: tuple[int, int] = (17, 23), labels: int = 4) -> Document:
    """Blotches of a few labels and void."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, labels + 1, (size_hw[0] // 3 + 1, size_hw[1] // 3 + 1))
    label_map = np.kron(coarse, np.ones((3, 3), dtype=np.int32))[: size_hw[0], : size_hw[1]].astype(np.int32)
    specks = random.random(size_hw) < 0.1
    label_map[specks] = random.integers(0, labels + 1, specks.sum())
    return of_map(label_map)


def after(document: Document, *edits: Edit) -> Document:
    for edit in edits:
        document, _ = apply(document, edit, PREDICTION)
        ids, areas = np.unique(document.label_map[document.label_map > 0], return_counts=True)
        assert dict(zip(ids.tolist(), areas.tolist(), strict=True)) == {k: s.area for k, s in document.segments.items()}
    return document


def lines(document: Document) -> list[str]:
    return ["".join("." if value == 0 else str(value) for value in row) for row in document.label_map.tolist()]


def refusal(document: Document, edit: Edit) -> str:
    """The key of the sentence by which the edit is refused."""
    try:
        apply(document, edit, PREDICTION)
    except StudioError as error:
        return error.key
    raise AssertionError("not refused")


def region(mask: NDArray[np.bool_], start: Pixel, diagonal: bool) -> set[Pixel]:
    """The connected pixels around one, walked step by step."""
    steps = [(-1, 0), (1, 0), (0, -1), (0, 1)] + ([(-1, -1), (-1, 1), (1, -1), (1, 1)] if diagonal else [])
    found, waiting = {start}, [start]
    while waiting:
        y, x = waiting.pop()
        for dy, dx in steps:
            pixel = y + dy, x + dx
            inside = 0 <= pixel[0] < mask.shape[0] and 0 <= pixel[1] < mask.shape[1]
            if inside and mask[pixel] and pixel not in found:
                found.add(pixel)
                waiting.append(pixel)
    return found


def regions(mask: NDArray[np.bool_], diagonal: bool) -> list[set[Pixel]]:
    """All connected parts, in the order of their first pixels."""
    parts: list[set[Pixel]] = []
    for y, x in zip(*np.nonzero(mask), strict=True):
        if not any((int(y), int(x)) in part for part in parts):
            parts.append(region(mask, (int(y), int(x)), diagonal))
    return parts


def mask_of(pixels: Iterable[Pixel], size_hw: tuple[int, int]) -> NDArray[np.bool_]:
    mask = np.zeros(size_hw, dtype=bool)
    for pixel in pixels:
        mask[pixel] = True
    return mask
