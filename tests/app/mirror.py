"""What a page makes of the server's replies: the state that was opened, with every delta applied."""

import base64
import zlib
from typing import Any

import numpy as np


class Mirror:
    """The state as a page keeps it, written as plainly as possible."""

    def __init__(self, opened: dict[str, Any]) -> None:
        self.size_hw = opened["height"], opened["width"]
        self.state = opened["state"] | {"labels": inflated(opened["state"]["labels"], "<u2", self.size_hw)}
        self.taxonomy = opened["taxonomy"]

    def take(self, reply: dict[str, Any]) -> None:
        """Applies one reply; the server never builds on a version that this page does not have."""
        assert reply["base"] == self.state["version"]
        segments = {row["segment_id"]: row for row in [*self.state["segments"], *reply["segments"]]}
        for segment_id in reply["gone"]:
            del segments[segment_id]
        fates = {row["query"]: row for row in [*self.state["fates"], *reply.get("fates", [])]}
        self.state |= {key: reply[key] for key in ("version", "undo", "redo")}
        self.state |= {key: reply[key] for key in ("thresholds", "off") if key in reply}
        self.state["segments"] = sorted(segments.values(), key=lambda row: (-row["area"], row["segment_id"]))
        self.state["fates"] = [fates[query] for query in sorted(fates)]
        self.taxonomy = reply.get("taxonomy", self.taxonomy)
        if "labels" in reply:
            x0, y0, x1, y1 = reply["box_xyxy"]
            labels = self.state["labels"].copy()
            labels[y0:y1, x0:x1] = inflated(reply["labels"], "<u2", (y1 - y0, x1 - x0))
            self.state["labels"] = labels

    def require_same(self, opened: dict[str, Any]) -> None:
        """Who opens the picture now sees what this page sees."""
        fresh = Mirror(opened)
        assert np.array_equal(self.state["labels"], fresh.state["labels"])
        for key in fresh.state.keys() - {"labels"}:
            assert self.state[key] == fresh.state[key], key
        assert self.taxonomy == fresh.taxonomy


def inflated(text: str, dtype: str, shape: tuple[int, ...]) -> np.ndarray:
    """Base64 of deflated little-endian numbers."""
    return np.frombuffer(zlib.decompress(base64.b64decode(text)), dtype).reshape(shape)
