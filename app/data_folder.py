"""Where the pictures of a studio lie when nobody names a folder: with the user's other data."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

NAME = "maskformer-studio"


def default_data_folder(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """The platform's folder for a user's data, with a place of our own in it."""
    home = Path.home()
    if platform == "win32":
        return Path(environment.get("LOCALAPPDATA") or home / "AppData" / "Local") / NAME
    if platform == "darwin":
        return home / "Library" / "Application Support" / NAME
    return Path(environment.get("XDG_DATA_HOME") or home / ".local" / "share") / NAME
