"""Writing the page's folder."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from app.evaluation_pages.cards import FOLDER, ScoredPicture, picture_card, picture_files
from app.evaluation_pages.markup import Markup
from app.evaluation_pages.page import PageTitle, page_html
from core.evaluation.comparison import Predicted, compare
from core.evaluation.overlaps import SegmentedPicture
from core.evaluation.pictures import PictureRow, worst_and_best
from core.evaluation.report import Report, true_picture
from core.evaluation.sheets import sheets
from core.files import make_folder, portable_stem, write_atomically
from core.formats.dataset import DatasetPicture, PanopticDataset

FIGURES_FILE, PAGE_FILE = "figures.json", "index.html"
PICTURES = 8  # of the worst, and of the best

Predict: TypeAlias = Callable[[DatasetPicture], Predicted]


def write_pages(
    folder: Path,
    report: Report,
    dataset: PanopticDataset,
    predict: Predict,
    title: PageTitle,
    *,
    count: int = PICTURES,
    progress: Callable[[int, int], None] = lambda done, every: None,
) -> Path:
    """Writes the folder, with ``count`` of the worst and of the best pictures; gives the page's path.

    Those pictures are predicted once more, so that an evaluation need not keep any.

    Raises:
        StudioError: the folder cannot be written, or a picture's files are damaged.
    """
    make_folder(folder / FOLDER)
    worst, best = worst_and_best(report.pictures, count)
    chosen = [("worst", *place) for place in enumerate(worst, 1)] + [("best", *place) for place in enumerate(best, 1)]
    pictures = {picture.image_id: picture for picture in dataset.pictures}
    cards: dict[str, list[Markup]] = {"worst": [], "best": []}
    for done, (group, rank, row) in enumerate(chosen, start=1):
        scored = _scored(row, pictures[row.image_id], dataset, predict)
        stem = f"{group}_{rank:02}_{portable_stem(row.file_name)}"
        for name, content in picture_files(scored, stem, dataset.taxonomy).items():
            write_atomically(folder / FOLDER / name, content)
        cards[group].append(picture_card(scored, stem, rank, dataset.taxonomy))
        progress(done, len(chosen))
    files = {FIGURES_FILE: json.dumps(report.to_json(), indent=2) + "\n", **sheets(report)}
    for name, written in {**files, PAGE_FILE: page_html(report, cards, title, list(files))}.items():
        write_atomically(folder / name, written.encode())
    return folder / PAGE_FILE


def _scored(row: PictureRow, picture: DatasetPicture, dataset: PanopticDataset, predict: Predict) -> ScoredPicture:
    left_out, truth, predicted = picture.not_exhaustive_category_ids, true_picture(dataset, picture), predict(picture)
    comparison = compare(truth, dataset.class_map(picture, truth.label_map), predicted, dataset.taxonomy)
    return ScoredPicture(
        row=row,
        image=dataset.image(picture),
        truth=truth,
        predicted=SegmentedPicture(
            predicted.panoptic_map, tuple(predicted.segments), void_is_background=truth.void_is_background
        ),
        matching=comparison.matching(left_out),
        left_out=left_out,
    )
