"""Steps and histories as the bytes that the store keeps."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.document.document import Document, Settings
from core.document.history import Entry, History, Step
from core.document.packing import pack_labels, pack_mask, unpack_labels, unpack_mask
from core.document.store.record import dump, load
from core.types import QueryFate, SegmentInfo, Size, Taxonomy

VERSION = 1  # grows when bytes of before cannot be read any more as they are


@dataclass(frozen=True, slots=True)
class PackedDocument:
    """A document with its maps packed as patches pack them."""

    size_hw: Size
    labels: bytes
    voided: bytes
    segments: Mapping[int, SegmentInfo]
    settings: Settings
    off: frozenset[int]
    silent: frozenset[int]
    assembled: tuple[QueryFate, ...]
    taxonomy: Taxonomy
    version: int


@dataclass(frozen=True, slots=True)
class PackedHistory:
    """A document and the way back and forth from it."""

    document: PackedDocument
    done: tuple[Entry, ...]
    undone: tuple[Entry, ...]


def dump_step(step: Step) -> bytes:
    """A step as bytes; the blobs in them are deflated already."""
    return dump(step, version=VERSION)


def load_step(data: bytes) -> Step:
    """The step that :func:`dump_step` wrote; raises RecordError where the bytes are none."""
    return load(Step, data, version=VERSION)


def dump_history(history: History) -> bytes:
    """A history as bytes."""
    return dump(PackedHistory(_packed(history.document), history.done, history.undone), version=VERSION)


def load_history(data: bytes) -> History:
    """The history that :func:`dump_history` wrote; raises RecordError where the bytes are none."""
    packed = load(PackedHistory, data, version=VERSION)
    return History(_unpacked(packed.document), done=packed.done, undone=packed.undone)


def _packed(document: Document) -> PackedDocument:
    return PackedDocument(
        size_hw=document.size_hw,
        labels=pack_labels(document.label_map),
        voided=pack_mask(document.voided),
        segments=document.segments,
        settings=document.settings,
        off=document.off,
        silent=document.silent,
        assembled=document.assembled,
        taxonomy=document.taxonomy,
        version=document.version,
    )


def _unpacked(packed: PackedDocument) -> Document:
    return Document(
        label_map=unpack_labels(packed.labels, packed.size_hw).astype("int32"),
        segments=packed.segments,
        settings=packed.settings,
        off=packed.off,
        silent=packed.silent,
        voided=unpack_mask(packed.voided, packed.size_hw),
        assembled=packed.assembled,
        taxonomy=packed.taxonomy,
        version=packed.version,
    )
