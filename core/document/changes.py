"""What an edit changes: the patch that takes a document to the one after it."""

from core.document.composition import compose
from core.document.decisions import decide
from core.document.document import Document
from core.document.edits import Delete, Edit, Promote, Relabel, SetThresholds, Switch
from core.document.patch import Patch
from core.inference import Prediction


def change(document: Document, edit: Edit, prediction: Prediction) -> Patch:
    """The patch of an edit; it is empty where the edit changes nothing.

    Raises:
        StudioError: the edit names something that is not there, or makes nothing.
    """
    if isinstance(edit, Relabel | Delete | Promote | Switch | SetThresholds):
        return Patch.between(document, compose(decide(document, edit, prediction), prediction, document))
    raise NotImplementedError(type(edit).__name__)
