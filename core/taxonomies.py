"""The published category lists, and which of them a checkpoint's own labels speak of."""

import colorsys
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any

from core.types import Category, Color, Taxonomy

FOLDER = Path(__file__).resolve().parent.parent / "assets" / "taxonomies"

WORDS = {  # every known taxonomy, with the words by which a model's name speaks of its data
    "coco_panoptic": ("coco",),
    "coco_stuff": ("coco",),
    "ade20k": ("ade",),
    "ade20k_panoptic": ("ade", "panoptic"),
    "cityscapes": ("cityscapes",),
    "mapillary": ("mapillary",),
}

_NAMELESS = re.compile(r"(label|class)?[ _]?\d*", re.IGNORECASE)  # what stands for a name where nobody gave one
_SYNONYMS = re.compile(r"[,;]")
_QUALIFIERS = {"merged", "other", "stuff"}  # of COCO's stuff: "sky-other-merged" is the sky

# Steps through hue, lightness and saturation that never come back to where they were: the golden ratio, and powers of
# the plastic number (M. Roberts, "The unreasonable effectiveness of quasirandom sequences", 2018).
_STEPS = (0.6180339887498949, 0.7548776662466927, 0.5698402909980532)


@cache
def known_taxonomies() -> dict[str, Taxonomy]:
    """All published lists by name; ``assets/taxonomies/README.md`` says where they come from."""
    return {name: Taxonomy.from_json(_stored(name)) for name in WORDS}


def taxonomy_for(labels: Sequence[str], *, hint: str = "", first_id: int = 1) -> Taxonomy:
    """The taxonomy of a checkpoint's labels, given in class order.

    A known one has all of the labels and no more; case, hyphens, synonyms and the order of the classes may differ. It
    is returned in the order of the labels, under its own names, ids and colours. Where several fit (ADE20K with and
    without things), and where the labels are no names (``LABEL_0``), ``hint``, a model's or a file's name, decides.
    Labels of no known taxonomy make one of their own: ids from ``first_id``, all things.
    """
    if all(_NAMELESS.fullmatch(label.strip()) for label in labels):
        fitting = {name: tuple(range(len(labels))) for name in WORDS if _is_meant(name, len(labels), hint)}
    else:
        found = {name: _positions(name, labels) for name in WORDS}
        fitting = {name: positions for name, positions in found.items() if positions}
    if not fitting:
        return _own_taxonomy(labels, first_id)
    best = max(fitting, key=lambda name: _words_said(name, hint))
    known = known_taxonomies()[best]
    return Taxonomy(known.name, tuple(known[position] for position in fitting[best]))


def distinct_colors(count: int) -> list[Color]:
    """Colours that differ from each other (up to 3000), the first few the most."""
    return [_color(index) for index in range(count)]


@cache
def _stored(name: str) -> dict[str, Any]:
    stored: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return stored


def _words_said(name: str, hint: str) -> int:
    """How many words of a taxonomy's the hint says; 0 if it leaves one out."""
    said = re.findall(r"[a-z]+", hint.lower())
    words = WORDS[name]
    return len(words) if all(any(token.startswith(word) for token in said) for word in words) else 0


def _is_meant(name: str, count: int, hint: str) -> bool:
    return len(known_taxonomies()[name]) == count and _words_said(name, hint) > 0


def _positions(name: str, labels: Sequence[str]) -> tuple[int, ...]:
    """The position of every label in a known taxonomy; empty unless each label has one and each position a label."""
    index = _index(name)
    found = [next((index[key] for key in _keys(label) if key in index), -1) for label in labels]
    return tuple(found) if sorted(found) == list(range(len(known_taxonomies()[name]))) else ()


@cache
def _index(name: str) -> dict[str, int]:
    """Position by spelling. Surer spellings come first; one that two categories share is nobody's."""
    spellings = [list(_keys(", ".join([row["name"], *row.get("aliases", [])]))) for row in _stored(name)["categories"]]
    index: dict[str, int] = {}
    for equally_sure in zip_longest(*spellings):
        claims = Counter(key for key in equally_sure if key not in index)
        index |= {key: position for position, key in enumerate(equally_sure) if key and claims[key] == 1}
    return index


def _keys(name: str) -> Iterator[str]:
    """The spellings under which a name is looked up, the surest first: whole, without qualifiers, by its synonyms."""
    first, *synonyms = (_plain(part) for part in _SYNONYMS.split(name))
    yield first
    words = first.split()
    while len(words) > 1 and words[-1] in _QUALIFIERS:
        words.pop()
        yield " ".join(words)
    yield from synonyms


def _plain(name: str) -> str:
    return " ".join(re.findall(r"\w+", name.lower().replace("_", " ")))


def _own_taxonomy(labels: Sequence[str], first_id: int) -> Taxonomy:
    colors = distinct_colors(len(labels))
    rows = zip(_unlike_names(labels), colors, strict=True)
    numbered = enumerate(rows, start=first_id)
    return Taxonomy("", tuple(Category(number, name, True, color) for number, (name, color) in numbered))


def _unlike_names(labels: Sequence[str]) -> Iterator[str]:
    """The labels as they stand; those that are empty or come again are numbered."""
    names: set[str] = set()
    for index, label in enumerate(labels, start=1):
        name = label.strip() or f"class {index}"
        name = f"{name} ({index})" if name in names else name
        names.add(name)
        yield name


def _color(index: int) -> Color:
    hue, along_lightness, along_saturation = (index * step % 1 for step in _STEPS)
    channels = colorsys.hls_to_rgb(hue, 0.34 + 0.38 * along_lightness, 0.5 + 0.4 * along_saturation)
    red, green, blue = (round(255 * channel) for channel in channels)
    return red, green, blue
