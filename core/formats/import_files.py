"""Annotation files as a person hands them over: JSON files and PNGs, loose or in a ZIP archive, never unpacked to disk.

Nothing an archive says about itself is believed: members are counted, and inflated no further than the limit.
"""

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any, Self
from zipfile import BadZipFile, ZipFile, ZipInfo

from core.files import file_name, shown_name
from core.messages import StudioError

_ZIP_SIGNATURE = b"PK\x03\x04"
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# What zipfile raises on damaged, encrypted or oddly packed members.
_UNREADABLE = (BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError)


@dataclass(frozen=True, slots=True)
class ImportLimits:
    """What an archive may hold: bytes of all members together, and their number."""

    inflated_bytes: int = 512_000_000
    members: int = 20_000


@dataclass(frozen=True, slots=True)
class AnnotationFiles:
    """JSON objects and PNGs by the path under which they came."""

    objects: Mapping[str, Mapping[str, Any]]
    pngs: Mapping[str, bytes]

    @classmethod
    def read(cls, files: Sequence[tuple[str, bytes]], limits: ImportLimits = ImportLimits()) -> Self:
        """Reads loose files and the members of archives; pictures of other kinds beside them are passed over.

        Raises:
            StudioError: no JSON file is among them, or a file is damaged or too large.
        """
        objects: dict[str, Mapping[str, Any]] = {}
        pngs: dict[str, bytes] = {}
        for path, content in _loose(files, limits):
            if content.startswith(_PNG_SIGNATURE):
                pngs[path] = content
            elif path.lower().endswith(".json"):
                objects[path] = _object(path, content)
        if not objects:
            raise StudioError("error.import_no_json")
        return cls(objects, pngs)

    def png(self, name: str) -> bytes | None:
        """The PNG that an annotation names: at that path, else the only one of that name, else the only one at all.

        None where there is none, or nobody knows which.
        """
        tails = [PurePosixPath(name).parts, (file_name(name),)]
        for tail in tails:
            found = [png for path, png in self.pngs.items() if PurePosixPath(path).parts[-len(tail) :] == tail]
            if len(found) == 1:
                return found[0]
        return next(iter(self.pngs.values())) if len(self.pngs) == 1 else None


def _loose(files: Sequence[tuple[str, bytes]], limits: ImportLimits) -> Iterator[tuple[str, bytes]]:
    room = limits.inflated_bytes
    for name, content in files:
        if content.startswith(_ZIP_SIGNATURE):
            for path, member in _members(name, content, limits.members, room):
                room -= len(member)
                yield path, member
        else:
            yield name, content


def _members(name: str, content: bytes, most: int, room: int) -> Iterator[tuple[str, bytes]]:
    try:
        with ZipFile(BytesIO(content)) as archive:
            wanted = [member for member in archive.infolist() if _is_wanted(member)]
            if len(wanted) > most:
                raise StudioError("error.import_members", name=shown_name(name), most=most)
            for member in wanted:
                inflated = _inflate(archive, member, room)
                if len(inflated) > room:
                    raise StudioError("error.import_inflated", name=shown_name(name))
                room -= len(inflated)
                yield member.filename, inflated
    except StudioError:
        raise
    except _UNREADABLE as error:
        raise StudioError("error.import_zip", name=shown_name(name)) from error


def _is_wanted(member: ZipInfo) -> bool:
    """JSON files and PNGs, without what macOS adds to its archives."""
    path = PurePosixPath(member.filename)
    return path.suffix.lower() in (".json", ".png") and not path.name.startswith("._")


def _inflate(archive: ZipFile, member: ZipInfo, room: int) -> bytes:
    """The member's bytes, at most one more than there is room for."""
    with archive.open(member) as stream:
        return stream.read(room + 1)


def _object(path: str, content: bytes) -> Mapping[str, Any]:
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise StudioError("error.import_json", name=shown_name(file_name(path))) from error
    if not isinstance(data, dict):
        raise StudioError("error.import_json", name=shown_name(file_name(path)))
    return data
