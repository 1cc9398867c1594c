"""A server for the workbench's own tests: speaks the whole protocol about one drawn street, without a model."""

import base64
import io
import time
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from core.masks import encode, rle_to_string
from tests.e2e.drawn_street import CATEGORIES, HEIGHT, QUERIES, WIDTH, DrawnQuery, drawn_queries, street

Reply: TypeAlias = dict[str, Any]
DOCUMENT = "drawn-street-0123456789abcdef"
NO_OBJECT = len(CATEGORIES)
TILE_WIDTH, TILE_HEIGHT, COLUMNS = 96, 72, 10


@dataclass(frozen=True)
class Version:
    """Everything an edit can change."""

    score: float = 0.8
    overlap: float = 0.8
    off: frozenset[int] = frozenset()
    classes: dict[int, int] = field(default_factory=dict)  # query -> category_id, relabelled
    promoted: frozenset[int] = frozenset()
    void: frozenset[int] = frozenset()  # queries whose pixels stay void
    words: str = ""  # what an undo of the latest edit would undo


class StandIn:
    """Answers like the server; ``past`` and ``future`` are whole versions."""

    def __init__(self) -> None:
        self.image, _ = street()
        self.queries: list[DrawnQuery] = drawn_queries()
        self.restart()

    def restart(self) -> None:
        """Forgets all edits and everything that was asked."""
        self.now, self.past, self.future = Version(), list[Version](), list[Version]()
        self.version = 0
        self.gesture: str | None = None
        self.asked: list[str] = []
        self.file_names: list[str] = []
        self.running, self.most_running = 0, 0
        self.seconds = 0.0  # how long an edit takes

    def answer(self, meta: Reply, file: bytes | None, session_hash: str) -> Reply:
        """One reply; counts how many edits are on their way at once."""
        self.asked.append(meta["name"])
        if meta["name"] != "edit":
            return self._reply(meta, file)
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        time.sleep(self.seconds)
        try:
            return self._reply(meta, file)
        finally:
            self.running -= 1

    def _reply(self, meta: Reply, file: bytes | None) -> Reply:
        name = meta["name"]
        if name in ("edit", "undo", "redo") and meta["version"] != self.version:
            return {"ok": False, "error": "stale", "stale": True}
        replies: dict[str, Callable[[Reply, bytes | None], Reply]] = {
            "offer": self._offer,
            "open": self._open,
            "queries": self._sheet,
            "query": self._query,
            "semantic": self._semantic,
            "instances": self._instances,
            "edit": self._edit,
            "undo": self._undo,
            "redo": self._redo,
            "export": self._export,
        }
        return {"ok": True} | replies[name](meta, file)

    def label_map(self) -> tuple[NDArray[np.uint16], dict[int, int]]:
        """Labels (query + 1) painted by p x mask probability, and the category of each."""
        kept = [q for q in range(QUERIES) if self._fate_before_contest(q) is None]
        if not kept:
            return np.zeros((HEIGHT, WIDTH), np.uint16), {}
        weights = np.stack([self._score(q) * self.queries[q].mask_probs for q in kept])
        owners = np.asarray(kept, np.int32)[weights.argmax(axis=0)]
        labels = np.where(weights.max(axis=0) > 0.02, owners + 1, 0).astype(np.uint16)
        for query in kept:
            own = self.queries[query].mask_probs >= 0.5
            if query in self.now.void or (labels[own] == query + 1).mean() < self.now.overlap:
                labels[labels == query + 1] = 0
        return labels, {q + 1: self._category(q) for q in kept if (labels == q + 1).any()}

    def _score(self, query: int) -> float:
        return 2.0 if query in self.now.promoted else float(self.queries[query].class_probs[:-1].max())

    def _category(self, query: int) -> int:
        return self.now.classes.get(query, CATEGORIES[int(self.queries[query].class_probs[:-1].argmax())][0])

    def _fate_before_contest(self, query: int) -> str | None:
        if query in self.now.off:
            return "off"
        if query in self.now.promoted:
            return None
        if self.queries[query].class_probs.argmax() == NO_OBJECT:
            return "no_object"
        return None if self._score(query) > self.now.score else "below_threshold"

    def _state(self) -> Reply:
        labels, categories = self.label_map()
        return {
            "version": self.version,
            "labels": deflated(labels),
            "segments": [self._segment(labels == label, label, category) for label, category in categories.items()],
            "fates": [self._fate(query, labels) for query in range(QUERIES)],
            "thresholds": {"score": self.now.score, "overlap": self.now.overlap},
            "off": sorted(self.now.off),
            "undo": self.now.words if self.past else None,
            "redo": self.future[-1].words if self.future else None,
        }

    def _segment(self, mask: NDArray[np.bool_], label: int, category: int) -> Reply:
        rows, columns = np.nonzero(mask)
        depth = cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
        y, x = np.unravel_index(int(depth.argmax()), depth.shape)
        query = label - 1
        color = np.array(next(row[3] for row in CATEGORIES if row[0] == category))
        return {
            "segment_id": label,
            "category_id": category,
            "score": float(self.queries[query].class_probs[:-1].max()),
            "area": int(mask.sum()),
            "queries": [query],
            "origin": "promoted" if query in self.now.promoted else "model",
            "touched": query in self.now.classes or query in self.now.promoted,
            "color": np.clip(color + (query * 37 % 90) - 45, 0, 255).tolist(),
            "box_xyxy": [int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1],
            "anchor_xy": [int(x), int(y)],
        }

    def _fate(self, query: int, labels: NDArray[np.uint16]) -> Reply:
        won = int((labels == query + 1).sum())
        lost = self._fate_before_contest(query)
        return {
            "query": query,
            "fate": lost or ("segment" if won else "overlapped"),
            "class_index": int(self.queries[query].class_probs[:-1].argmax()),
            "score": float(self.queries[query].class_probs[:-1].max()),
            "mask_area": int((self.queries[query].mask_probs >= 0.5).sum()),
            "won_area": won,
            "segment_id": query + 1 if won and lost is None else None,
        }

    def _offer(self, meta: Reply, file: bytes | None) -> Reply:
        self.file_names.append(meta["file_name"])
        return {"pending": "parked"}

    def _open(self, meta: Reply, file: bytes | None) -> Reply:
        return {
            "name": "<b>drawn</b> street ${1+1}.png",
            "height": HEIGHT,
            "width": WIDTH,
            "picture": base64.b64encode(png(self.image)).decode(),
            "model": {"name": "street", "domain": "streets", "license": "research"},
            "taxonomy": [
                dict(zip(("category_id", "name", "is_thing", "color"), row, strict=True)) for row in CATEGORIES
            ],
            "state": self._state(),
        }

    def _sheet(self, meta: Reply, file: bytes | None) -> Reply:
        grey = cv2.cvtColor(cv2.resize(self.image, (TILE_WIDTH, TILE_HEIGHT)), cv2.COLOR_RGB2GRAY)[..., None]
        tiles = [self._tile(query, grey * 0.35 + 90) for query in range(QUERIES)]
        lines = [np.hstack(tiles[start : start + COLUMNS]) for start in range(0, QUERIES, COLUMNS)]
        return {
            "tile_width": TILE_WIDTH,
            "tile_height": TILE_HEIGHT,
            "columns": COLUMNS,
            "sprite": base64.b64encode(png(np.vstack(lines))).decode(),
            "rows": [self._row(query) for query in range(QUERIES)],
        }

    def _tile(self, query: int, faint: NDArray[np.float64]) -> NDArray[np.uint8]:
        share = cv2.resize(self.queries[query].mask_probs, (TILE_WIDTH, TILE_HEIGHT))[..., None] * 0.8
        color = np.array(CATEGORIES[int(self.queries[query].class_probs[:-1].argmax())][3])
        return (faint * (1 - share) + color * share).astype(np.uint8)

    def _row(self, query: int) -> Reply:
        drawn = self.queries[query]
        return {
            "query": query,
            "category_id": CATEGORIES[int(drawn.class_probs[:-1].argmax())][0],
            "score": float(drawn.class_probs[:-1].max()),
            "no_object": float(drawn.class_probs[-1]),
            "area": int((drawn.mask_probs >= 0.5).sum()),
        }

    def _query(self, meta: Reply, file: bytes | None) -> Reply:
        drawn = self.queries[meta["query"]]
        ids = [row[0] for row in CATEGORIES] + [None]
        falling = np.argsort(-drawn.class_probs)
        heat = cv2.resize(drawn.mask_probs, (WIDTH // 4, HEIGHT // 4))
        return {
            "distribution": [{"category_id": ids[i], "probability": float(drawn.class_probs[i])} for i in falling],
            "neighbours": [{"query": (meta["query"] + 9 * n) % QUERIES, "similarity": 1 - n / 10} for n in range(1, 9)],
            "heat": deflated(np.rint(heat * 255).astype(np.uint8)),
            "heat_height": HEIGHT // 4,
            "heat_width": WIDTH // 4,
        }

    def _semantic(self, meta: Reply, file: bytes | None) -> Reply:
        scores = np.zeros((len(CATEGORIES), HEIGHT, WIDTH), np.float32)
        for drawn in self.queries:
            scores[drawn.class_probs[:-1].argmax()] += drawn.class_probs[:-1].max() * drawn.mask_probs
        return {"classes": deflated(scores.argmax(axis=0).astype(np.uint8)), "legend": []}

    def _instances(self, meta: Reply, file: bytes | None) -> Reply:
        rows = [query for query in range(QUERIES) if CATEGORIES[int(self.queries[query].class_probs[:-1].argmax())][2]]
        return {"instances": [self._instance(query) for query in rows]}

    def _instance(self, query: int) -> Reply:
        mask = self.queries[query].mask_probs >= 0.5
        rows, columns = np.nonzero(mask)
        box = (
            [int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1]
            if mask.any()
            else [0] * 4
        )
        return self._row(query) | {"box_xyxy": box, "counts": rle_to_string(encode(mask))}

    def _edit(self, meta: Reply, file: bytes | None) -> Reply:
        edit = meta["edit"]
        changes: dict[str, Reply] = {
            "thresholds": lambda: {"score": edit["score"], "overlap": edit["overlap"], "words": "move a threshold"},
            "relabel": lambda: {
                "classes": self.now.classes | {edit["segment_id"] - 1: edit["category_id"]},
                "words": f"change the class of segment {edit['segment_id']}",
            },
            "delete": lambda: {
                ("off" if edit["fill"] == "next" else "void"): (
                    self.now.off if edit["fill"] == "next" else self.now.void
                )
                | {edit["segment_id"] - 1},
                "words": f"delete segment {edit['segment_id']}",
            },
            "promote": lambda: {
                "promoted": self.now.promoted | {edit["query"]},
                "words": f"promote query {edit['query']}",
            },
            "switch": lambda: {
                "off": self.now.off - {edit["query"]} if edit["on"] else self.now.off | {edit["query"]},
                "words": f"switch query {edit['query']}",
            },
        }
        if meta["gesture"] != self.gesture:
            self.past.append(self.now)
        self.gesture = meta["gesture"]
        self.now, self.future = replace(self.now, **changes[edit["kind"]]()), []
        return self._moved(f"Done: {self.now.words}.")

    def _undo(self, meta: Reply, file: bytes | None) -> Reply:
        self.future.append(self.now)
        self.now = self.past.pop()
        return self._moved(f"Undone: {self.future[-1].words}.")

    def _redo(self, meta: Reply, file: bytes | None) -> Reply:
        self.past.append(self.now)
        self.now = self.future.pop()
        return self._moved(f"Redone: {self.now.words}.")

    def _moved(self, message: str) -> Reply:
        self.version += 1
        return {"state": self._state(), "message": message}

    def _export(self, meta: Reply, file: bytes | None) -> Reply:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("panoptic.json", "{}")
        message = "Exported the drawn street; the files were read back."
        return {"file_name": "street_coco.zip", "zip": base64.b64encode(buffer.getvalue()).decode(), "message": message}


def deflated(values: NDArray[Any]) -> str:
    return base64.b64encode(zlib.compress(np.ascontiguousarray(values).tobytes(), 1)).decode()


def png(image: NDArray[np.uint8]) -> bytes:
    return bytes(cv2.imencode(".png", cv2.cvtColor(image, cv2.COLOR_RGB2BGR))[1].tobytes())
