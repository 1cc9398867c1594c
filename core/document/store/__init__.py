"""Pictures and their edits on the disk: one SQLite file, and the pictures' own files beside it."""

from core.document.store.store import Store
from core.document.store.values import Limits, PictureGoneError, PictureRow, StaleStepError, Stored

__all__ = ["Limits", "PictureGoneError", "PictureRow", "StaleStepError", "Store", "Stored"]
