"""How many micro-actions it takes to correct the model's result, against drawing every segment.

    STUDIO_DATA=DIR python -m tests.benchmarks.simulated_annotator [--pictures 20] [--data DIR] [--json FILE]

A simulated annotator corrects val pictures of the street data set until panoptic quality against their truth is 0.95,
with the edits of the canvas alone. Again and again it makes the move that gains most PQ an action. A click, a key and a
wheel notch cost 1, a polygon 1 a corner, a stroke 1 + its length / (4 brush diameters); choosing the tool, the brush's
size and the target, zooming in and back are counted. The hand misses by up to ``JITTER`` pixels of the screen, and
otherwise when a move is made than when it was planned. The baseline draws every part of every true segment as a polygon
from an empty picture, with the coarsest outlines that reach the target.
"""

import argparse
import json
import os
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.checkpoints import load_checkpoint
from core.document import Document
from core.evaluation.overlaps import SegmentedPicture
from core.formats.panoptic_dataset import DatasetPicture, PanopticDataset, read_panoptic_dataset
from core.inference import Prediction, Predictor, panoptic, query_mask
from core.masks import label_areas
from core.types import VOID, PanopticResult
from tests.benchmarks.simulated_hand import largest_parts, length_of, outline
from tests.benchmarks.simulated_moves import Move, Task, moves, polygon_move

TARGET, MODEL = 0.95, "street"
MOST_MOVES, LEAST_RATE = 300, 1e-7
FRINGE = 0.02  # of a true segment; when more of it changed, its plan is made anew
SHARES = tuple(0.8 * 0.84**n for n in range(24))  # tolerance of the baseline's outlines, of a part's area / outline
MOST_PARTS = 20  # of a true segment that the baseline draws


@dataclass(frozen=True)
class Plan:
    """The best move for a true segment, and what it gains an action in the document of step ``step``."""

    rate: float
    move: Move | None
    step: int


@dataclass(frozen=True)
class Outcome:
    """One picture's way from the first PQ to the last."""

    picture: str
    start: float
    end: float
    actions: float
    moves: dict[str, int]


def correct(task: Task, document: Document, name: str) -> Outcome:
    """Makes the best move until the target is reached, or no move gains anything."""
    hand = np.random.default_rng(1)
    start = quality = task.quality(document)
    plans: dict[int, Plan] = {}
    actions, made = 0.0, Counter[str]()
    while quality < TARGET and made.total() < MOST_MOVES:
        move = chosen(task, document, quality, plans, made.total())
        if move is None:
            break
        after = task.after(document, move, hand)
        reached = task.quality(after)
        made[move.name] += 1
        actions += move.actions + (reached < quality)  # a slip is taken back
        if reached >= quality:
            for key in changed(task, document, after):
                plans.pop(key, None)
            document, quality = after, reached
    return Outcome(name, start, quality, actions, dict(made.most_common()))


def changed(task: Task, before: Document, after: Document) -> list[int]:
    """True segments that have become something else by more than their fringe."""
    areas = label_areas(task.truth.label_map)
    differing = label_areas(task.truth.label_map[after.label_map != before.label_map])
    return [key for key, pixels in differing.items() if key != VOID and pixels > FRINGE * areas[key]]


def chosen(task: Task, document: Document, quality: float, plans: dict[int, Plan], step: int) -> Move | None:
    """The move with the largest gain an action; one planned for an earlier document is weighed again before."""
    random = np.random.default_rng(step + 1000)
    keys = [VOID, *(row.segment_id for row in task.truth.segments if row.category_id not in task.left_out)]
    while True:
        for key in keys:
            if key not in plans:
                plans[key] = plan(task, document, quality, moves(task, document, key), step)
        best = max(keys, key=lambda key: plans[key].rate)
        old = plans[best]
        if old.step == step or old.move is None:
            return old.move
        rate = gain(task, document, quality, old.move, random) / old.move.actions
        if rate > 0.5 * old.rate:
            plans[best] = Plan(rate, old.move, step)
        else:
            del plans[best]


def plan(task: Task, document: Document, quality: float, offered: Iterator[Move], step: int) -> Plan:
    """The best of the moves on offer, as a hand would make them that misses otherwise."""
    best, random = Plan(0.0, None, step), np.random.default_rng(step + 2000)
    for move in offered:
        if (1 - quality) / move.actions > best.rate:  # it can be better
            rate = gain(task, document, quality, move, random) / move.actions
            best = Plan(rate, move, step) if rate > max(best.rate, LEAST_RATE) else best
    return best


def gain(task: Task, document: Document, quality: float, move: Move, random: np.random.Generator) -> float:
    """The PQ that a move is hoped to add."""
    return task.quality(task.after(document, move, random)) - quality


def from_nothing(task: Task, empty: Document, name: str) -> Outcome:
    """Every part of every segment as a polygon, large segments first, only as exact as the target needs."""
    for share in SHARES:
        outcome = _all_drawn(task, empty, name, share)
        if outcome.end >= TARGET:
            break
    return outcome


def _all_drawn(task: Task, document: Document, name: str, share: float) -> Outcome:
    hand, start = np.random.default_rng(1), task.quality(document)
    made: list[Move] = []
    rows = [row for row in task.truth.segments if row.category_id not in task.left_out]
    for row in sorted(rows, key=lambda row: -row.area):
        opened: dict[str, int] = {"category_id": row.category_id}
        for part in largest_parts(task.truth.label_map == row.segment_id, MOST_PARTS):
            move = polygon_move(part, share * part.sum() / length_of(outline(part)), opened)
            after = task.after(document, move, hand)
            new = after.segments.keys() - document.segments.keys()
            opened = {"segment_id": min(new)} if new else opened
            document, made = after, [*made, move]
    actions = sum(move.actions for move in made)
    return Outcome(name, start, task.quality(document), actions, {"polygon": len(made)})


# Pictures


def task_of(dataset: PanopticDataset, picture: DatasetPicture, predictor: Predictor) -> Task:
    prediction = predictor.predict(dataset.image(picture))
    truth = SegmentedPicture(dataset.label_map(picture), picture.segments, picture.crowd_ids)
    return Task(truth, picture.not_exhaustive_category_ids, prediction, fitting_queries(truth, prediction))


def fitting_queries(truth: SegmentedPicture, prediction: Prediction) -> dict[int, list[int]]:
    """By true segment, the queries whose own mask has IoU > 0.8 with it; true void is not counted."""
    found: dict[int, list[int]] = {}
    for query in range(len(prediction)):
        shown = truth.label_map[query_mask(prediction, query)]
        for key, shared in label_areas(shown).items():
            union = (shown != VOID).sum() + (truth.label_map == key).sum() - shared
            if key != VOID and shared > 0.8 * union:
                found.setdefault(key, []).append(query)
    return found


def corrected(task: Task, name: str) -> tuple[Outcome, Outcome]:
    """From the model's result with every tool, and from nothing with polygons."""
    result = panoptic(task.prediction)
    empty = PanopticResult(np.zeros_like(result.panoptic_map), (), result.fates)
    ours = correct(task, Document.from_result(result, task.prediction), name)
    return ours, from_nothing(task, Document.from_result(empty, task.prediction), name)


@cache
def opened(data: Path) -> tuple[PanopticDataset, Predictor]:
    torch.set_num_threads(1)
    return read_panoptic_dataset(data / "street", "val"), Predictor(load_checkpoint(MODEL), device="cpu")


def outcomes(data: Path, index: int) -> tuple[Outcome, Outcome]:
    """One picture's, with every tool and with polygons only."""
    dataset, predictor = opened(data)
    picture = dataset.pictures[index]
    return corrected(task_of(dataset, picture, predictor), picture.file_name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=20)
    parser.add_argument("--data", type=Path, default=os.environ.get("STUDIO_DATA"), help="the folder above street/")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    if arguments.data is None or not (Path(arguments.data) / "street").is_dir():
        print("Skipped: neither --data nor STUDIO_DATA names a folder with the street data set.")
        return
    print(f"{'PQ':>14}{'actions':>16}{'polygons only':>16}   picture")
    rows = []
    with ProcessPoolExecutor(arguments.workers, get_context("spawn")) as pool:
        for row in pool.map(partial(outcomes, Path(arguments.data)), range(arguments.pictures)):
            rows.append(row)
            print(line(*row), flush=True)
    report = summary(rows)
    print("\n".join(f"{name}: {value}" for name, value in report.items() if name != "pictures"))
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def line(ours: Outcome, baseline: Outcome) -> str:
    kinds = ", ".join(f"{count} {name}" for name, count in ours.moves.items())
    figures = f"{ours.start:6.3f} ->{ours.end:6.3f}{ours.actions:14.1f}{baseline.actions:10.1f} ({baseline.end:.3f})"
    return f"{figures}   {ours.picture[-28:]}: {kinds}"


def summary(rows: Sequence[tuple[Outcome, Outcome]]) -> dict[str, Any]:
    """Totals of all pictures, and each picture's outcome."""
    ours, baseline = (list(column) for column in zip(*rows, strict=True))
    totals = {
        f"{name}, {what}": round(statistics.mean(getattr(outcome, what) for outcome in outcomes), 4)
        for name, outcomes in (("canvas", ours), ("polygons only", baseline))
        for what in ("start", "end", "actions")
    }
    reached = {"reached, canvas": sum(o.end >= TARGET for o in ours)} | {
        "reached, polygons only": sum(o.end >= TARGET for o in baseline)
    }
    pictures = [{"canvas": asdict(one), "polygons only": asdict(other)} for one, other in rows]
    return totals | reached | {"pictures": pictures}


if __name__ == "__main__":
    main()
