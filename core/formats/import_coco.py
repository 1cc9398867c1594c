"""One picture's annotations out of COCO panoptic or COCO instances files, with all that is odd about them counted.

The files are somebody else's: the picture's row is found by file name (or is the only one), its size has to be the
picture's own, and every mask is checked before it is used. Nothing that is in the row is passed over in silence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, TypeAlias

from core import masks
from core.files import file_name, shown_name
from core.formats.coco_rows import is_number, read_taxonomy, reading
from core.formats.id_png import decode_ids
from core.formats.import_files import AnnotationFiles
from core.formats.instances_dataset import has_mask, instance_mask, is_crowd
from core.messages import StudioError
from core.types import VOID, Category, RunLength, Size, Taxonomy

Row: TypeAlias = Mapping[str, Any]

PANOPTIC, INSTANCES = "COCO panoptic", "COCO instances"
MOST_MASKS = 60_000  # of one picture: labels fit into 16 bits


@dataclass(frozen=True, slots=True)
class ImportedMask:
    """One annotation of the picture; ``is_crowd`` also where it has a box alone."""

    category_id: int
    mask: RunLength
    score: float
    is_crowd: bool = False


@dataclass(frozen=True, slots=True)
class Oddities:
    """What a person should hear about a row, in numbers."""

    empty: int = 0  # annotations without a pixel
    boxes: int = 0  # annotations with a box and no mask
    crowds: int = 0  # masks of groups whose members nobody told apart
    unlisted_pixels: int = 0  # pixels of a panoptic PNG whose segment the JSON does not list


@dataclass(frozen=True, slots=True)
class PictureAnnotations:
    """What the files say about one picture.

    Attributes:
        source: the JSON file's name.
        kind: ``PANOPTIC`` or ``INSTANCES``.
        row_name: what the files call the picture.
        taxonomy: the files' categories, and one for each id that they use without listing it.
        masks: those with pixels, in the file's order.
        scored: whether the annotations carry scores.
    """

    source: str
    kind: str
    row_name: str
    size_hw: Size
    taxonomy: Taxonomy
    masks: tuple[ImportedMask, ...]
    scored: bool = False
    oddities: Oddities = field(default_factory=Oddities)


def read_picture_annotations(files: AnnotationFiles, name: str, size_hw: Size) -> PictureAnnotations:
    """The annotations of the picture ``name`` of ``size_hw``; of several JSON files the panoptic one is read.

    Raises:
        StudioError: the files are no COCO annotations, or have no row of that picture, or one of another size.
    """
    path, data = _chosen(files)
    source, kind = file_name(path), _kind(data)
    with reading(Path(source), kind or PANOPTIC):
        if kind is None:
            raise StudioError("error.import_kind", name=shown_name(source))
        image = find_image(data["images"], name, size_hw)
        stated = int(image["height"]), int(image["width"])
        if stated != size_hw:
            raise _another_size(image, stated, size_hw)
        rows = [row for row in data["annotations"] if int(row["image_id"]) == int(image["id"])]
        read = _read_panoptic if kind == PANOPTIC else _read_instances
        found, oddities = read(files, rows, size_hw)
        if len(found) > MOST_MASKS:
            raise StudioError("error.import_many", count=len(found), most=MOST_MASKS)
        return PictureAnnotations(
            source=source,
            kind=kind,
            row_name=file_name(str(image["file_name"])),
            size_hw=size_hw,
            taxonomy=_taxonomy(source, data["categories"], found),
            masks=tuple(found),
            scored=kind == INSTANCES and any("score" in row for row in rows),
            oddities=oddities,
        )


def find_image(images: Sequence[Row], name: str, size_hw: Size) -> Row:
    """The row of a picture: of its file name, else of its stem, else the only one there is.

    Raises:
        StudioError: no row is the picture's, or several of its size are.
    """
    wanted = file_name(name).casefold()
    of_name = [row for row in images if file_name(str(row["file_name"])).casefold() == wanted]
    of_stem = [row for row in images if _stem(str(row["file_name"])) == _stem(name)]
    fitting = of_name or of_stem or (list(images) if len(images) == 1 else [])
    if len(fitting) > 1:
        fitting = [row for row in fitting if (row["height"], row["width"]) == size_hw]
    if len(fitting) != 1:
        listed = ", ".join(shown_name(file_name(str(row["file_name"]))) for row in images[:3])
        raise StudioError("error.import_no_row", name=shown_name(name), count=len(images), listed=listed)
    return fitting[0]


def _chosen(files: AnnotationFiles) -> tuple[str, Row]:
    """The panoptic file, else the instances file, else whatever there is."""
    for kind in (PANOPTIC, INSTANCES):
        found = [(path, data) for path, data in files.objects.items() if _kind(data) == kind]
        if len(found) > 1:
            names = ", ".join(shown_name(file_name(path)) for path, _ in found[:3])
            raise StudioError("error.import_which", names=names)
        if found:
            return found[0]
    return next(iter(files.objects.items()))


def _kind(data: Row) -> str | None:
    rows = data.get("annotations")
    if not isinstance(rows, list) or not isinstance(data.get("images"), list):
        return None
    dictionaries = [row for row in rows if isinstance(row, dict)]
    if any("segments_info" in row for row in dictionaries):
        return PANOPTIC
    return INSTANCES if len(dictionaries) == len(rows) else None


def _read_panoptic(files: AnnotationFiles, rows: Sequence[Row], size_hw: Size) -> tuple[list[ImportedMask], Oddities]:
    if len(rows) != 1:
        raise StudioError("error.import_one_annotation", count=len(rows))
    name = str(rows[0]["file_name"])
    segments = rows[0]["segments_info"]
    label_map = _id_map(files, name, size_hw)
    ids = [int(segment["id"]) for segment in segments]
    if len(set(ids)) != len(ids) or VOID in ids:
        raise StudioError("error.import_ids", name=shown_name(file_name(name)))
    run_lengths = masks.encode_label_map(label_map, ids)
    found = [
        ImportedMask(int(segment["category_id"]), mask, 1.0, bool(segment.get("iscrowd", 0)))
        for segment, mask in zip(segments, run_lengths, strict=True)
    ]
    areas = masks.label_areas(label_map)
    unlisted = sum(area for i, area in areas.items() if i not in {VOID, *ids})
    return _counted(found, Oddities(unlisted_pixels=unlisted))


def _id_map(files: AnnotationFiles, name: str, size_hw: Size) -> Any:
    content = files.png(name)
    shown = shown_name(file_name(name))
    if content is None:
        raise StudioError("error.import_no_png", name=shown)
    try:
        label_map = decode_ids(content)
    except ValueError as error:
        raise StudioError("error.dataset_png", name=shown) from error
    if label_map.shape != size_hw:
        raise _another_size({"file_name": name}, label_map.shape, size_hw)
    return label_map


def _read_instances(files: AnnotationFiles, rows: Sequence[Row], size_hw: Size) -> tuple[list[ImportedMask], Oddities]:
    found = []
    for row in rows:
        try:
            mask = instance_mask(row, size_hw)
        except StudioError as error:
            shown = shown_name(str(row.get("id")))
            raise StudioError("error.import_mask", annotation_id=shown, reason=error) from error
        found.append(ImportedMask(int(row["category_id"]), mask, _score(row), is_crowd(row)))
    boxes = sum(not has_mask(row) for row in rows)
    return _counted(found, Oddities(boxes=boxes))


def _counted(found: list[ImportedMask], others: Oddities) -> tuple[list[ImportedMask], Oddities]:
    """The masks that have pixels, and the oddities with those counted that have none."""
    some = [mask for mask in found if masks.area(mask.mask)]
    crowds = sum(mask.is_crowd for mask in found) - others.boxes
    return some, Oddities(len(found) - len(some), others.boxes, crowds, others.unlisted_pixels)


def _score(row: Row) -> float:
    score = row.get("score", 1.0)
    if not is_number(score):
        raise StudioError("error.import_score", annotation_id=shown_name(str(row.get("id"))))
    return min(1.0, max(0.0, float(score)))


def _taxonomy(source: str, rows: Sequence[dict[str, Any]], found: Sequence[ImportedMask]) -> Taxonomy:
    """The file's categories, and a grey thing for every id that is used and not listed."""
    listed = read_taxonomy(source, rows)
    known = {category.category_id for category in listed.categories}
    names = {category.name for category in listed.categories}
    strays = []
    for category_id in sorted({mask.category_id for mask in found} - known):
        name = next(
            f"category {category_id}{mark}" for mark in ("", "*", "**") if f"category {category_id}{mark}" not in names
        )
        strays.append(Category(category_id, name, True, (128, 128, 128)))
    return Taxonomy(source, (*listed.categories, *strays))


def _another_size(image: Row, stated: tuple[int, ...], size_hw: Size) -> StudioError:
    shown = shown_name(file_name(str(image["file_name"])))
    sizes = {"stated": f"{stated[1]} x {stated[0]}", "size": f"{size_hw[1]} x {size_hw[0]}"}
    return StudioError("error.import_size", name=shown, **sizes)


def _stem(name: str) -> str:
    return PurePosixPath(file_name(name)).stem.casefold()
