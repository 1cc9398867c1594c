"""Many pictures in one folder of COCO files, one picture in memory at a time.

Every picture is written and verified by itself, exactly as a single export is; its rows then join the others under
new ids. The JSON files come last: where they stand, the PNGs that they name stand too.
"""

import json
from pathlib import Path

from core.files import make_folder, write_atomically
from core.formats.coco import AnnotatedPicture
from core.formats.coco_files import INSTANCES, PANOPTIC, PNG_FOLDER, coco_files, join_rows, to_bytes
from core.messages import StudioError
from core.types import Taxonomy


class CocoFolder:
    """``instances.json``, ``panoptic.json`` and ``panoptic/NAME.png`` in a folder that is made where it is missing."""

    def __init__(self, folder: Path, taxonomy: Taxonomy) -> None:
        self._folder, self._taxonomy = folder, taxonomy
        self._paths: list[Path] = []
        nothing = coco_files([], taxonomy)
        self._panoptic, self._instances = (json.loads(nothing[name]) for name in (PANOPTIC, INSTANCES))

    def add(self, picture: AnnotatedPicture, png_name: str) -> None:
        """Writes the id map of the next picture; its rows wait for :meth:`finish`.

        Raises:
            StudioError: the picture is inconsistent, what was written does not read back as it was, or the folder is
                not writable.
        """
        files = coco_files([picture], self._taxonomy)
        (png,) = (content for name, content in files.items() if name.startswith(f"{PNG_FOLDER}/"))
        self._write(f"{PNG_FOLDER}/{png_name}", png)
        panoptic, instances = json.loads(files[PANOPTIC]), json.loads(files[INSTANCES])
        panoptic["annotations"][0]["file_name"] = png_name
        for number, row in enumerate(instances["annotations"], start=1 + len(self._instances["annotations"])):
            row["id"] = number
        for whole, part in ((self._panoptic, panoptic), (self._instances, instances)):
            join_rows(whole, part)

    def finish(self) -> list[Path]:
        """Writes the JSON files about the pictures so far; all paths that were written.

        Raises:
            StudioError: the folder is not writable, or a file does not read back as it was written.
        """
        for name, content in ((PANOPTIC, self._panoptic), (INSTANCES, self._instances)):
            self._write(name, to_bytes(content))
        return self._paths

    def _write(self, name: str, content: bytes) -> None:
        path = self._folder / name
        make_folder(path.parent)
        write_atomically(path, content)
        if path.read_bytes() != content:
            raise StudioError("error.export_differs", name=name)
        self._paths.append(path)
