"""What an edit changes: the patch that takes a document to the one after it."""

from collections.abc import Callable
from typing import Any

from core.document import edits
from core.document.changes import claims, clicks, imported, painting, rows, shapes
from core.document.document import Document
from core.document.edits import Edit
from core.document.patch import Patch
from core.inference import Prediction

_CHANGES: dict[type, Callable[[Document, Any, Prediction], Patch]] = {
    edits.Delete: claims.delete,
    edits.Promote: claims.promote,
    edits.Switch: claims.assemble_again,
    edits.SetThresholds: claims.assemble_again,
    edits.FillVoid: claims.fill_void,
    edits.Import: imported.import_annotation,
    edits.Paint: painting.paint,
    edits.FillAt: painting.fill_at,
    edits.Subtract: painting.subtract,
    edits.Refine: clicks.refine,
    edits.Adopt: clicks.adopt,
    edits.Merge: painting.merge,
    edits.SplitLine: shapes.split_line,
    edits.SplitComponents: shapes.split_components,
    edits.FillHoles: shapes.fill_holes,
    edits.RemoveIslands: shapes.remove_islands,
    edits.Grow: shapes.grow,
    edits.Smooth: shapes.smooth,
    edits.Relabel: rows.relabel,
    edits.Lock: rows.lock,
    edits.Review: rows.review,
    edits.SetCategory: rows.set_category,
    edits.RemoveCategory: rows.remove_category,
}


def change(document: Document, edit: Edit, prediction: Prediction) -> Patch:
    """The patch of an edit; it is empty where the edit changes nothing.

    Raises:
        StudioError: the edit names something that is not there, or makes nothing.
    """
    return _CHANGES[type(edit)](document, edit, prediction)
