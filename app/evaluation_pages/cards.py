"""One picture of the page: its figures, then truth, prediction and errors side by side over the same photograph."""

from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.encoding import jpeg, shrink
from app.evaluation_pages.markup import Markup, tag
from app.evaluation_pages.sections import dot
from app.evaluation_pages.views import Layer, css_color, draw_errors, draw_segments
from core.evaluation.overlaps import SegmentedPicture
from core.evaluation.panoptic_quality import Matching
from core.evaluation.pictures import PictureRow
from core.evaluation.table import percent
from core.messages import text
from core.types import Taxonomy

FOLDER = "pictures"
_LONGEST_PHOTO = 1280


@dataclass(frozen=True, slots=True)
class ScoredPicture:
    """A picture with everything that is drawn of it; classes that are ``left_out`` take no part in ``matching``."""

    row: PictureRow
    image: NDArray[np.uint8]
    truth: SegmentedPicture
    predicted: SegmentedPicture
    matching: Matching
    left_out: frozenset[int] = frozenset()


def picture_files(picture: ScoredPicture, stem: str, taxonomy: Taxonomy) -> dict[str, bytes]:
    """The photograph and its layers by file name."""
    truth, predicted = (side.without(picture.left_out) for side in (picture.truth, picture.predicted))
    layers = {
        "truth": draw_segments(picture.truth, taxonomy),
        "prediction": draw_segments(picture.predicted, taxonomy),
        "errors": draw_errors(truth, predicted, picture.matching),
    }
    files = {f"{stem}.{name}.png": _png(layer) for name, layer in layers.items()}
    return {f"{stem}.jpg": jpeg(shrink(picture.image, _LONGEST_PHOTO), 90), **files}


def picture_card(picture: ScoredPicture, stem: str, rank: int, taxonomy: Taxonomy) -> Markup:
    """The picture's part of the page."""
    row, (height, width) = picture.row, picture.image.shape[:2]
    counts = {
        "truth": text("pages.segments", count=len(picture.truth.segments)),
        "prediction": text("pages.segments", count=len(picture.predicted.segments)),
        "errors": text("pages.errors.counts", tp=row.tp, fp=row.fp, fn=row.fn),
    }
    figures = [
        tag("figure", _layers(stem, name, row.file_name, width / height), tag("figcaption", _caption(name, said)))
        for name, said in counts.items()
    ]
    return tag(
        "article",
        tag("header", tag("span", str(rank), class_="rank"), tag("h3", row.file_name), _measures(row)),
        tag("div", figures, class_="views", tabindex=0, role="group", aria_label=row.file_name),
        _legend(picture, taxonomy),
        class_="picture",
    )


def _layers(stem: str, name: str, file_name: str, ratio: float) -> Markup:
    described = text(f"pages.view.{name}.alt", name=file_name)
    return tag(
        "div",
        tag("img", src=f"{FOLDER}/{stem}.jpg", alt="", class_="photo"),
        tag("img", src=f"{FOLDER}/{stem}.{name}.png", alt=described, class_="layer"),
        class_="layers",
        style=f"aspect-ratio:{ratio:.4f}",
        tabindex=0,
    )


def _caption(name: str, said: str) -> list[Markup]:
    return [tag("b", text(f"pages.view.{name}")), tag("span", said)]


def _measures(row: PictureRow) -> Markup:
    measures = (("pq", row.pq), ("sq", row.sq), ("rq", row.rq), ("miou", row.miou))
    shown = [tag("div", tag("dt", text(f"cli.report.{key}")), tag("dd", percent(value))) for key, value in measures]
    return tag("dl", shown)


def _legend(picture: ScoredPicture, taxonomy: Taxonomy) -> Markup:
    present = {segment.category_id for side in (picture.truth, picture.predicted) for segment in side.segments}
    remark = tag("small", text("pages.left_out"))
    chips = [
        tag("li", dot(css_color(c.color)), c.name, remark if c.category_id in picture.left_out else None)
        for c in taxonomy.categories
        if c.category_id in present
    ]
    return tag("ul", chips, class_="legend")


def _png(layer: Layer) -> bytes:
    buffer = BytesIO()
    Image.fromarray(layer).save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()
