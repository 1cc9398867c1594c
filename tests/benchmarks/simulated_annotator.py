"""How many micro-actions it takes to correct the model's result, against drawing every segment.

    STUDIO_DATA=DIR python -m tests.benchmarks.simulated_annotator [--pictures 20] [--of street|nuclei]
        [--tools pick clicks all] [--data DIR] [--json FILE] [--curves FILE]

A simulated annotator corrects val pictures of a data set until panoptic quality against their truth is 0.95, with the
edits of the canvas alone: ``pick`` takes queries, relabels, merges, splits and deletes, ``clicks`` clicks as well,
``all`` draws too, and ``drawing`` does not click. Again and again it makes the move that gains most PQ an action. A
click, a key and a wheel notch cost 1, a polygon 1 a corner, a stroke 1 + its length / (4 brush diameters); choosing the
tool, the brush's size and the target, zooming in and back are counted. The hand misses by up to ``JITTER`` pixels of
the screen, and otherwise when a move is made than when it was planned. The baseline draws every part of every true
segment as a polygon from an empty picture, with the coarsest outlines that reach the target.
"""

import argparse
import json
import os
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure

from core.checkpoints import load_checkpoint
from core.document import Document
from core.evaluation.clicks.targets import seen
from core.evaluation.overlaps import SegmentedPicture
from core.formats.panoptic_dataset import DatasetPicture, PanopticDataset, read_panoptic_dataset
from core.inference import Prediction, Predictor, panoptic, query_mask
from core.masks import label_areas
from core.refinement import Refiner
from core.types import VOID, PanopticResult
from tests.benchmarks.simulated_hand import largest_parts, length_of, outline
from tests.benchmarks.simulated_moves import TOOLS, Move, Task, moves, polygon_move

TARGET = 0.95
MOST_MOVES, LEAST_RATE = 300, 1e-7
FRINGE = 0.02  # of a true segment; when more of it changed, its plan is made anew
SHARES = tuple(0.8 * 0.84**n for n in range(24))  # tolerance of the baseline's outlines, of a part's area / outline
MOST_PARTS = 20  # of a true segment that the baseline draws
POLYGONS = "polygons only"
LABELS = {
    "pick": "pick and relabel",
    "clicks": "and smart click",
    "all": "and brush, polygon",
    "drawing": "pick, brush, polygon",
    POLYGONS: "polygons from an empty picture",
}


@dataclass(frozen=True)
class Plan:
    """The best move for a true segment, and what it gains an action in the document of step ``step``."""

    rate: float
    move: Move | None
    step: int


@dataclass(frozen=True)
class Outcome:
    """One picture's way from the first PQ to the last; ``trace`` is (actions, PQ) after every move."""

    picture: str
    start: float
    end: float
    actions: float
    moves: dict[str, int]
    trace: tuple[tuple[float, float], ...] = ()


def correct(task: Task, document: Document, name: str) -> Outcome:
    """Makes the best move until the target is reached, or no move gains anything."""
    hand = np.random.default_rng(1)
    start = quality = task.quality(document)
    plans: dict[int, Plan] = {}
    actions, made, trace = 0.0, Counter[str](), [(0.0, start)]
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
        trace.append((actions, quality))
    return Outcome(name, start, quality, actions, dict(made.most_common()), tuple(trace))


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
    trace = [(0.0, start)]
    rows = [row for row in task.truth.segments if row.category_id not in task.left_out]
    for row in sorted(rows, key=lambda row: -row.area):
        opened: dict[str, int] = {"category_id": row.category_id}
        for part in largest_parts(task.truth.label_map == row.segment_id, MOST_PARTS):
            move = polygon_move(part, share * part.sum() / length_of(outline(part)), opened)
            after = task.after(document, move, hand)
            new = after.segments.keys() - document.segments.keys()
            opened = {"segment_id": min(new)} if new else opened
            document, made = after, [*made, move]
            trace.append((trace[-1][0] + move.actions, task.quality(document)))
    actions, quality = trace[-1]
    return Outcome(name, start, quality, actions, {"polygon": len(made)}, tuple(trace))


# Pictures


def task_of(dataset: PanopticDataset, picture: DatasetPicture, predictor: Predictor) -> Task:
    view = seen(predictor, dataset.image(picture))
    truth = SegmentedPicture(dataset.label_map(picture), picture.segments, picture.crowd_ids)
    refiner = Refiner(view.prediction, view.features, view.image)
    fitting = fitting_queries(truth, view.prediction)
    return Task(truth, picture.not_exhaustive_category_ids, view.prediction, fitting, refiner)


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


def corrected(task: Task, name: str, tools: Sequence[str]) -> dict[str, Outcome]:
    """From the model's result with each set of tools, and from nothing with polygons."""
    result = panoptic(task.prediction)
    empty = PanopticResult(np.zeros_like(result.panoptic_map), (), result.fates)
    document = Document.from_result(result, task.prediction)
    found = {chosen: correct(replace(task, tools=TOOLS[chosen]), document, name) for chosen in tools}
    return found | {POLYGONS: from_nothing(task, Document.from_result(empty, task.prediction), name)}


@cache
def opened(data: Path, of: str) -> tuple[PanopticDataset, Predictor]:
    torch.set_num_threads(1)
    return read_panoptic_dataset(data / of, "val"), Predictor(load_checkpoint(of), device="cpu")


def outcomes(data: Path, of: str, tools: Sequence[str], index: int) -> dict[str, Outcome]:
    """One picture's, with each set of tools and with polygons only."""
    dataset, predictor = opened(data, of)
    picture = dataset.pictures[index]
    return corrected(task_of(dataset, picture, predictor), picture.file_name, tools)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=20)
    parser.add_argument("--of", choices=("street", "nuclei"), default="street", help="the data set, and its model")
    parser.add_argument("--tools", nargs="+", choices=tuple(TOOLS), default=["pick", "clicks", "all"])
    parser.add_argument("--data", type=Path, default=os.environ.get("STUDIO_DATA"), help="the folder above street/")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--curves", type=Path, help="PQ over micro-actions, as a picture")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    if arguments.data is None or not (Path(arguments.data) / arguments.of).is_dir():
        print(f"Skipped: neither --data nor STUDIO_DATA names a folder with the data set {arguments.of}.")
        return
    names = [*arguments.tools, POLYGONS]
    print("".join(f"{name:>22}" for name in names) + "   picture")
    rows = []
    job = partial(outcomes, Path(arguments.data), arguments.of, arguments.tools)
    with ProcessPoolExecutor(arguments.workers, get_context("spawn")) as pool:
        for row in pool.map(job, range(arguments.pictures)):
            rows.append(row)
            print(line(row), flush=True)
    report = summary(rows)
    print("\n".join(f"{name}: {value}" for name, value in report.items() if name != "pictures"))
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    if arguments.curves:
        draw(rows, arguments.curves, f"{arguments.of} val, {len(rows)} pictures")


def line(row: dict[str, Outcome]) -> str:
    """PQ at the start and the end, and what it took, with each set of tools."""
    cells = "".join(f"{o.start:8.3f} ->{o.end:6.3f}{o.actions:6.0f}" for o in row.values())
    return f"{cells}   {next(iter(row.values())).picture[-28:]}"


def summary(rows: Sequence[dict[str, Outcome]]) -> dict[str, Any]:
    """Means over all pictures, how many reached the target, and each picture's outcomes."""
    totals: dict[str, Any] = {}
    for name in rows[0]:
        column = [row[name] for row in rows]
        for what in ("start", "end", "actions"):
            totals[f"{name}, {what}"] = round(statistics.mean(getattr(outcome, what) for outcome in column), 4)
        totals[f"{name}, reached"] = sum(outcome.end >= TARGET for outcome in column)
    return totals | {"pictures": [{name: asdict(outcome) for name, outcome in row.items()} for row in rows]}


def draw(rows: Sequence[dict[str, Outcome]], path: Path, title: str) -> None:
    """Mean PQ over micro-actions; a picture that is done, or at its end, stays where it is."""
    figure = Figure(figsize=(7, 4.4), layout="constrained")
    axes = figure.subplots()
    most = max(outcome.actions for row in rows for outcome in row.values())
    actions = np.linspace(0, most, 400)
    for name in rows[0]:
        traces = [np.array(row[name].trace) for row in rows]
        values = [trace[np.searchsorted(trace[:, 0], actions, side="right") - 1, 1] for trace in traces]
        axes.plot(actions, np.mean(values, axis=0), label=LABELS[name])
    axes.axhline(TARGET, color="grey", linewidth=0.8, linestyle=":")
    axes.set(xlabel="micro-actions a picture", ylabel="mean PQ", title=title, ylim=(0, 1))
    axes.legend(loc="lower right")
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main()
