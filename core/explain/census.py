"""Queries over many pictures: how often each is in the result, as what, how large, and where.

Queries are learned before any picture is seen, so what one does in many pictures is what it has specialised in.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.inference import Prediction, assemble
from core.types import Taxonomy

FOOTPRINT = 16  # cells a side that a picture of any size and shape is divided into


@dataclass(frozen=True, slots=True)
class Firing:
    """One query in one picture's result: it opens a segment, or is fused into one.

    Attributes:
        area: share of the picture that the query won.
        centre_xy: of these pixels, in shares of the picture's width and height.
        footprint: (FOOTPRINT, FOOTPRINT) share of each cell that the query won.
    """

    query: int
    class_index: int
    score: float
    area: float
    centre_xy: tuple[float, float]
    footprint: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class PictureCensus:
    """One picture's firings, by query."""

    name: str
    firings: tuple[Firing, ...]

    @property
    def nbytes(self) -> int:
        """Memory that a cache must count."""
        return sum(firing.footprint.nbytes for firing in self.firings)


@dataclass(frozen=True, eq=False)
class Census:
    """All queries over all pictures.

    Attributes:
        pictures: their names and firings.
        classes: (Q, K) how often each query fired as each class.
        footprints: (Q, FOOTPRINT, FOOTPRINT) mean of each query's firings; zeros where it never fired.
    """

    taxonomy: Taxonomy
    pictures: tuple[PictureCensus, ...]
    classes: NDArray[np.int64]
    footprints: NDArray[np.float32]

    @property
    def fires(self) -> NDArray[np.int64]:
        """(Q,) pictures in whose result each query is."""
        return np.asarray(self.classes.sum(axis=1))

    def order(self) -> list[int]:
        """The queries by how often they fire."""
        order: list[int] = np.argsort(-self.fires, kind="stable").tolist()
        return order

    def firings_of(self, query: int) -> list[tuple[int, Firing]]:
        """Each with the place of its picture."""
        return [
            (place, firing)
            for place, picture in enumerate(self.pictures)
            for firing in picture.firings
            if firing.query == query
        ]

    def busiest(self, share: float) -> int:
        """How few queries make so large a share of all firings."""
        fires = np.sort(self.fires)[::-1]
        if not fires.any():
            return 0
        return int(np.searchsorted(np.cumsum(fires), share * fires.sum() - 1e-9)) + 1


def picture_census(name: str, prediction: Prediction) -> PictureCensus:
    """Counts one picture, assembled with the checkpoint's own thresholds."""
    assembly = assemble(prediction)
    height, width = prediction.geometry.picture_hw
    rows, columns = (np.arange(side) * FOOTPRINT // side for side in (height, width))
    cells = rows[:, None] * FOOTPRINT + columns
    queries = len(prediction) + 1
    places = assembly.owners.astype(np.int64) + 1  # 0 = nobody
    won = np.bincount((places * FOOTPRINT**2 + cells).ravel(), minlength=queries * FOOTPRINT**2)
    sizes = np.bincount(cells.ravel(), minlength=FOOTPRINT**2).clip(min=1)
    footprints = (won.reshape(queries, -1) / sizes).astype(np.float32).reshape(queries, FOOTPRINT, FOOTPRINT)
    areas = won.reshape(queries, -1).sum(axis=1)
    centres = [
        np.bincount(places.ravel(), weights=np.broadcast_to(along, places.shape).ravel(), minlength=queries)
        for along in ((np.arange(width) + 0.5) / width, ((np.arange(height) + 0.5) / height)[:, None])
    ]
    firings = [
        Firing(
            query=fate.query,
            class_index=fate.class_index,
            score=fate.score,
            area=float(areas[fate.query + 1] / (height * width)),
            centre_xy=(
                float(centres[0][fate.query + 1] / areas[fate.query + 1]),
                float(centres[1][fate.query + 1] / areas[fate.query + 1]),
            ),
            footprint=footprints[fate.query + 1],
        )
        for fate in assembly.fates
        if fate.segment_id is not None
    ]
    return PictureCensus(name, tuple(firings))


def take_census(pictures: Iterable[PictureCensus], queries: int, taxonomy: Taxonomy) -> Census:
    """Adds pictures up; all of one model with so many queries."""
    counted: Sequence[PictureCensus] = tuple(pictures)
    classes = np.zeros((queries, len(taxonomy)), dtype=np.int64)
    footprints = np.zeros((queries, FOOTPRINT, FOOTPRINT), dtype=np.float32)
    for picture in counted:
        for firing in picture.firings:
            classes[firing.query, firing.class_index] += 1
            footprints[firing.query] += firing.footprint
    means = footprints / classes.sum(axis=1).clip(min=1)[:, None, None]
    return Census(taxonomy, tuple(counted), classes, np.asarray(means, dtype=np.float32))
