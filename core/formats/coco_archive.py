"""Many pictures in one COCO archive, one picture in memory at a time.

Every picture is written and verified by itself, exactly as a single export is; its rows then join the others under
new ids. At the end the archive is read back and compared with what was put in.
"""

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, count
from pathlib import PurePath
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from core.files import file_name, portable_stem
from core.formats.coco import AnnotatedPicture, Json
from core.formats.coco_files import INSTANCES, PANOPTIC, PNG_FOLDER, coco_files, join_rows, to_bytes
from core.formats.merging import TaxonomyMerger
from core.messages import StudioError
from core.types import Taxonomy

_NUMBERED_STEM = 40  # characters of a name that are kept before a number, so that no file system cuts the number off


@dataclass
class CocoArchive:
    """Writes ``instances.json``, ``panoptic.json`` and ``panoptic/STEM.png`` of named pictures into a ZIP archive.

    Args:
        stream: open for reading and writing, seekable.
        names: of all pictures that will come, no two alike (:func:`unlike_names`).
    """

    stream: BinaryIO
    names: Sequence[str]
    merger: TaxonomyMerger = field(default_factory=lambda: TaxonomyMerger("album"))

    def __post_init__(self) -> None:
        self._archive = ZipFile(self.stream, "w")
        self._png_names = unlike_names([f"{portable_stem(name)}.png" for name in self.names])
        self._instances: dict[str, list[Json]] = {"images": [], "annotations": []}
        self._panoptic: dict[str, list[Json]] = {"images": [], "annotations": []}
        self._checksums: dict[str, int] = {}

    def add(self, picture: AnnotatedPicture, taxonomy: Taxonomy) -> None:
        """The next picture; its name is the one that ``names`` says.

        Raises:
            StudioError: the picture is inconsistent, or what was written does not read back as it was.
        """
        index = len(self._panoptic["images"])
        id_of = self.merger.add(taxonomy)
        segments = tuple(replace(s, category_id=id_of[s.category_id]) for s in picture.segments)
        named = AnnotatedPicture(self.names[index], picture.label_map, segments)
        files = coco_files([named], _all_things(self.merger.taxonomy))
        (png,) = (content for name, content in files.items() if name.startswith(f"{PNG_FOLDER}/"))
        self._write(f"{PNG_FOLDER}/{self._png_names[index]}", png, ZIP_STORED)
        join_rows(self._instances, json.loads(files[INSTANCES]))
        join_rows(self._panoptic, json.loads(files[PANOPTIC]))
        self._panoptic["annotations"][-1]["file_name"] = self._png_names[index]

    def finish(self) -> None:
        """Writes the JSON files and reads the archive back.

        Raises:
            StudioError: pictures are missing, or the archive reads back differently from what was put in.
        """
        if len(self._panoptic["images"]) != len(self.names):
            raise ValueError(f"{len(self.names)} pictures were announced, {len(self._panoptic['images'])} came")
        taxonomy = self.merger.taxonomy
        things = {category.category_id for category in taxonomy.categories if category.is_thing}
        rows = [row for row in self._instances["annotations"] if row["category_id"] in things]
        numbered = [row | {"id": number} for number, row in enumerate(rows, start=1)]
        categories = taxonomy.to_json()["categories"]
        named = [{key: row[key] for key in ("id", "name", "supercategory")} for row in categories if row["isthing"]]
        self._write_json(PANOPTIC, self._panoptic | {"categories": categories})
        self._write_json(INSTANCES, self._instances | {"annotations": numbered, "categories": named})
        self._archive.close()
        self._read_back()

    def close(self) -> None:
        """Lets go of an archive, finished or not."""
        self._archive.close()

    def _write_json(self, name: str, content: dict[str, Any]) -> None:
        head = {"info": {"description": "MaskFormer Studio", "version": "1.0"}, "licenses": []}
        self._write(name, to_bytes(head | content), ZIP_DEFLATED)

    def _write(self, name: str, content: bytes, compression: int) -> None:
        self._archive.writestr(ZipInfo(name), content, compress_type=compression)
        self._checksums[name] = zlib.crc32(content)

    def _read_back(self) -> None:
        with ZipFile(self.stream) as archive:
            if set(archive.namelist()) != set(self._checksums):
                raise StudioError("error.export_differs", name="ZIP")
            for name, checksum in self._checksums.items():
                if zlib.crc32(archive.read(name)) != checksum:
                    raise StudioError("error.export_differs", name=name)


def unlike_names(names: Sequence[str]) -> tuple[str, ...]:
    """File names of which no two are alike on any file system: the second ``a.jpg`` becomes ``a (2).jpg``."""
    taken: set[tuple[str, str]] = set()
    chosen = []
    for name in map(file_name, names):
        path = PurePath(name)
        numbered = (f"{path.stem[:_NUMBERED_STEM]} ({number}){path.suffix}" for number in count(2))
        chosen.append(next(candidate for candidate in chain([name], numbered) if _key(candidate) not in taken))
        taken.add(_key(chosen[-1]))
    return tuple(chosen)


def _key(name: str) -> tuple[str, str]:
    """What a name is to a file system that does not tell capitals apart."""
    return portable_stem(name).casefold(), PurePath(name).suffix.casefold()


def _all_things(taxonomy: Taxonomy) -> Taxonomy:
    """Stuff may turn out to be a thing in a later picture, so all masks are written, and sorted out at the end."""
    return Taxonomy(taxonomy.name, tuple(replace(category, is_thing=True) for category in taxonomy.categories))
