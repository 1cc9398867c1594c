"""How long a stroke takes to be on the disk, and a picture to come back, with large pictures and long histories.

    python -m tests.benchmarks.store [--folder DIR] [--strokes 500] [--people 16] [--json FILE]

Drawn label maps, 100 x 100 strokes of ragged edges, one edit after the other; then as many people at once, each with a
picture of their own, who pause up to 0.6 s between strokes. A stroke's time is from the step in memory to the answer
that it is durable; its processor time is what a busy machine does not change. The folder decides which disk is
measured.
"""

import argparse
import json
import os
import random
import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import TypeAlias

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch

from core.document import Document, History, Paint, Settings, pack_mask
from core.document.store import Store
from core.document.store.codec import dump_history
from core.inference import Geometry, Prediction
from core.types import Category, SegmentInfo, Size, Taxonomy

SIZES: dict[str, tuple[Size, int]] = {"2000x1500": ((1500, 2000), 100), "6000x4000": ((4000, 6000), 500)}
TAXONOMY = Taxonomy("drawn", tuple(Category(i + 1, f"class {i}", i % 2 == 0, (i, i, i)) for i in range(20)))
OWNER = "a person"
Seconds: TypeAlias = tuple[float, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="where to write (default: the folder for temporary files)")
    parser.add_argument("--strokes", type=int, default=500)
    parser.add_argument("--people", type=int, default=16)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    figures = {}
    for name, (size_hw, segments) in SIZES.items():
        with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
            figures[name] = alone(Path(folder), size_hw, segments, arguments.strokes)
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        figures[f"{arguments.people} people"] = together(Path(folder), arguments.people)
    for name, row in figures.items():
        print(f"{name:<12}" + "".join(f"  {key} {value:g}" for key, value in row.items()))
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def alone(folder: Path, size_hw: Size, segments: int, strokes: int) -> dict[str, float]:
    """One person: strokes one after the other, then the picture opened again."""
    store = Store(folder)
    history, chance = History(drawn(size_hw, segments)), random.Random(0)
    picture_id = created(store, history)
    times = [painted(store, picture_id, history, number, chance) for number in range(1, strokes + 1)]
    began = time.perf_counter()
    packed = len(dump_history(history))
    packing = time.perf_counter() - began
    store.close()
    store = Store(folder)
    began = time.perf_counter()
    found = store.load(OWNER, picture_id)
    loading = time.perf_counter() - began
    assert (found.history.document.label_map == history.document.label_map).all()
    [row] = store.pictures(OWNER)
    store.close()
    return {
        **spread(times),
        "open_ms": round(1000 * loading),
        "snapshot_ms": round(1000 * packing),
        "snapshot_MB": round(packed / 1e6, 1),
        "stored_MB": round(row.stored_bytes / 1e6, 1),
        "memory_MB": round(history.nbytes / 1e6, 1),
    }


def together(folder: Path, people: int, strokes: int = 20) -> dict[str, float]:
    """Several people at once, as fast as hands are."""
    store = Store(folder)
    times: list[Seconds] = []

    def work(seed: int) -> None:
        history, chance = History(drawn((1500, 2000), 100)), random.Random(seed)
        picture_id = created(store, history)
        for number in range(1, strokes + 1):
            time.sleep(chance.uniform(0, 0.6))
            times.append(painted(store, picture_id, history, number, chance))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.close()
    return spread(times)


def painted(store: Store, picture_id: str, history: History, number: int, chance: random.Random) -> Seconds:
    """How long one stroke took to be durable, by the clock and by the processor."""
    height, width = history.document.size_hw
    x, y = chance.randrange(width - 100), chance.randrange(height - 100)
    ragged = np.random.default_rng(number).random((100, 100)) > 0.02
    edit = Paint((x, y, x + 100, y + 100), pack_mask(ragged), segment_id=chance.choice(list(history.document.segments)))
    step = history.apply(edit, PREDICTION)
    assert step is not None
    began, busy = time.perf_counter(), time.thread_time()
    store.append(OWNER, picture_id, number, f"edit {number}", step, history.document)
    return time.perf_counter() - began, time.thread_time() - busy


def created(store: Store, history: History) -> str:
    document = history.document
    return store.create(OWNER, "drawn", bytes(1_000_000), document.size_hw, "none", document, bytes(10_000))


def drawn(size_hw: Size, segments: int) -> Document:
    """Cells of a wavy grid, one segment each."""
    ys, xs = np.ogrid[: size_hw[0], : size_hw[1]]
    side = int(np.ceil(np.sqrt(segments)))
    rows = (ys + 20 * np.sin(xs / 90)) * side / size_hw[0]
    columns = (xs + 20 * np.sin(ys / 70)) * side / size_hw[1]
    cells = np.clip(rows, 0, side - 1).astype(np.int32) * side + np.clip(columns, 0, side - 1).astype(np.int32)
    label_map = np.minimum(cells, segments - 1) + 1
    areas = np.bincount(label_map.ravel()).tolist()
    rows_of = {key: SegmentInfo(key, key % 20 + 1, 0.9, area) for key, area in enumerate(areas) if area}
    voided = np.zeros(size_hw, dtype=bool)
    return Document(label_map, rows_of, Settings(0.8, 0.8), frozenset(), frozenset(), voided, (), TAXONOMY)


def nothing_predicted() -> Prediction:
    """Strokes ask the model nothing."""
    return Prediction(
        class_logits=torch.zeros(1, 21),
        mask_logits=torch.zeros(1, 8, 8),
        mask_embeddings=torch.zeros(1, 2),
        pixel_embeddings=torch.zeros(2, 8, 8),
        geometry=Geometry((8, 8), (8, 8), (8, 8), stride=1),
        taxonomy=TAXONOMY,
    )


def spread(times: list[Seconds]) -> dict[str, float]:
    ordered = sorted(wall for wall, _ in times)
    return {
        "durable_ms": round(1000 * statistics.median(ordered), 1),
        "p95_ms": round(1000 * ordered[int(0.95 * len(ordered))], 1),
        "processor_ms": round(1000 * statistics.median(busy for _, busy in times), 2),
    }


PREDICTION = nothing_predicted()

if __name__ == "__main__":
    main()
