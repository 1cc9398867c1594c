"""The edited picture: a document that is a value, edits that are values, and a history that takes them back."""

from core.document.badges import fates
from core.document.document import Document, Settings
from core.document.edits import Delete, Edit, Fill, Promote, Relabel, SetThresholds, Switch, describe
from core.document.history import History, apply
from core.document.patch import Patch

__all__ = [
    "Delete",
    "Document",
    "Edit",
    "Fill",
    "History",
    "Patch",
    "Promote",
    "Relabel",
    "SetThresholds",
    "Settings",
    "Switch",
    "apply",
    "describe",
    "fates",
]
