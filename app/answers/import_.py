"""Annotations for the open picture: first a report of what has to be decided, then, with the decisions, one edit."""

from app.answers.edits import do_edit
from app.answers.fields import Fields
from app.answers.reply import Reply
from app.open_picture import OpenPicture
from core.document import Import
from core.formats.import_categories import Add, Choice, LeaveOut, MapTo
from core.formats.import_coco import read_picture_annotations
from core.formats.import_files import AnnotationFiles
from core.formats.import_overlaps import OverlapRule
from core.formats.import_picture import ImportCase, ImportedPicture, ImportRules
from core.messages import StudioError, text

_MOST_FILES = 2000
_LARGEST = 2**31 - 1
_LISTED_OVERLAPS = 20


def import_(picture: OpenPicture, fields: Fields) -> Reply:
    """Without ``rules`` what the files say and what is to be decided; with them the edit, as any other is answered.

    The files travel one after the other in the message's binary part; ``files`` lists their names and sizes.
    """
    name, taxonomy = picture.name, picture.document.taxonomy
    annotations = read_picture_annotations(AnnotationFiles.read(_files(fields)), name, picture.document.size_hw)
    case = ImportCase(annotations, taxonomy)
    if not fields.given("rules"):
        return _report(case, name)
    imported = case.resolve(_rules(fields.inside("rules"), case))
    reply = do_edit(picture, fields, Import.of(imported.label_map, imported.segments, imported.added))
    return reply | {"message": _sentence(imported, fields.language)}


def _files(fields: Fields) -> list[tuple[str, bytes]]:
    content, files, start = fields.file(), [], 0
    for row in fields.rows("files", least=1, most=_MOST_FILES):
        end = start + row.integer("size", 0, len(content))
        files.append((row.text("name", longest=300), content[start:end]))
        start = end
    if start != len(content):
        raise StudioError("error.bad_field", field="files")
    return files


def _rules(fields: Fields, case: ImportCase) -> ImportRules:
    overlaps = OverlapRule(fields.choice("overlaps", tuple(OverlapRule))) if fields.given("overlaps") else None
    rows = fields.rows("categories", least=0, most=len(case.annotations.taxonomy))
    choices = {row.integer("category_id", -_LARGEST, _LARGEST): _choice(row) for row in rows}
    return ImportRules(overlaps, choices)


def _choice(row: Fields) -> Choice:
    match row.choice("choice", ("add", "map", "leave_out")):
        case "add":
            return Add()
        case "map":
            return MapTo(row.integer("to", 0, _LARGEST))
    return LeaveOut()


def _report(case: ImportCase, name: str) -> Reply:
    annotations, oddities = case.annotations, case.annotations.oddities
    return {
        "source": annotations.source,
        "kind": annotations.kind,
        "row_name": annotations.row_name,
        "other_name": annotations.row_name.casefold() != name.casefold(),
        "masks": len(annotations.masks),
        "scored": annotations.scored,
        "empty": oddities.empty,
        "boxes": oddities.boxes,
        "crowds": oddities.crowds,
        "unlisted_pixels": oddities.unlisted_pixels,
        "contested": case.pile.contested,
        "overlap_count": len(case.overlaps),
        "overlaps": _overlaps(case),
        "unknown": [
            {
                "category_id": row.category.category_id,
                "name": row.category.name,
                "is_thing": row.category.is_thing,
                "masks": row.masks,
                "pixels": row.pixels,
            }
            for row in case.unknown
        ],
    }


def _overlaps(case: ImportCase) -> list[Reply]:
    """The largest overlaps: two category names, the masks' places in the file from 1, and the pixels both claim."""

    def named(index: int) -> str:
        return case.annotations.taxonomy.category(case.annotations.masks[index].category_id).name

    return [
        {"names": [named(o.first), named(o.second)], "numbers": [o.first + 1, o.second + 1], "pixels": o.pixels}
        for o in case.overlaps[:_LISTED_OVERLAPS]
    ]


def _sentence(imported: ImportedPicture, language: str) -> str:
    """What came in, and what of the files is not seen."""
    done = text("app.import.done", language, count=len(imported.segments))
    left = {"app.import.done_hidden": imported.hidden, "app.import.done_left_out": imported.left_out}
    return " ".join([done, *(text(key, language, count=count) for key, count in left.items() if count)])
