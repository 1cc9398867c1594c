"""How long the server takes from a message to its journalled answer, by picture and kind of edit.

``python -m tests.benchmarks.edit_answers`` prints one line a picture and kind: median and 95th percentile.
"""

import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from app.opening import Source
from app.owners import acting_as
from app.protocol import Protocol
from app.services import Services
from app.settings import Settings
from core.document import pack_mask
from tests.e2e.drawn_models import DrawnModels, tiles_prediction
from tests.e2e.drawn_studio import drawn_file

PICTURES = ((1500, 2000, 100), (4000, 6000, 500))  # height, width, segments
STROKES, OWNER = 100, "user:benchmark"


def main() -> None:
    for height, width, segments in PICTURES:
        with tempfile.TemporaryDirectory() as folder:
            services = Services.of(
                Settings(data_folder=Path(folder)), DrawnModels(partial(tiles_prediction, count=segments))
            )
            print(f"{width} x {height}, {segments} segments")
            for kind, seconds in measure(services, height, width):
                print(f"  {kind:<14} {_milliseconds(seconds)}")


def measure(services: Services, height: int, width: int) -> Iterator[tuple[str, list[float]]]:
    """Seconds of each message, by kind."""
    content = drawn_file((height, width), "street.jpg")
    services.opening.models.predictor("drawn").predict(np.zeros((height, width, 3), np.uint8))  # drawing takes long
    picture, seconds = timed(lambda: services.opening.open(Source("street.jpg", content), OWNER, "drawn"))
    yield "first opening", [seconds]
    document = services.pictures.add(picture)
    protocol = Protocol(services.pictures, services.desk, services.album, max_upload=1 << 26)
    random, version = np.random.default_rng(1), 0

    def ask(name: str, file: bytes | None = None, **fields: Any) -> float:
        nonlocal version
        meta = {"name": name, "document": document, "version": version, "edit_id": f"{name}-{version}"} | fields
        with acting_as(OWNER):
            reply, taken = timed(lambda: json.dumps(protocol(meta, file, "session")))
        answer = json.loads(reply)
        assert answer["ok"], answer
        version = answer.get("version", version)
        return taken

    def stroke() -> float:
        side = 100
        x, y = int(random.integers(width - side)), int(random.integers(height - side))
        disc = cv2.circle(np.zeros((side, side), np.uint8), (side // 2, side // 2), side // 2 - 1, 1, -1).astype(bool)
        edit = {"kind": "paint", "box_xyxy": [x, y, x + side, y + side], "segment_id": int(random.integers(1, 50))}
        return ask("edit", pack_mask(disc), edit=edit)

    yield "open", [ask("open") for _ in range(3)]
    yield "paint", [stroke() for _ in range(STROKES)]
    yield "undo", [ask("undo") for _ in range(STROKES // 2)]
    yield "redo", [ask("redo") for _ in range(STROKES // 2)]
    yield "alternatives", [ask("alternatives", x=n, y=n) for n in range(50)]


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    return work(), time.perf_counter() - start


def _milliseconds(seconds: list[float]) -> str:
    last = sorted(seconds)[int(0.95 * (len(seconds) - 1))]
    return f"median {statistics.median(seconds) * 1000:8.1f} ms   p95 {last * 1000:8.1f} ms"


if __name__ == "__main__":
    main()
