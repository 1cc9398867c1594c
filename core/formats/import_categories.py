"""A file's categories beside one's own: which are the same, which are new, and what becomes of the new ones."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from core.messages import StudioError
from core.taxonomies import distinct_colors
from core.types import Category, Color, Taxonomy


@dataclass(frozen=True, slots=True)
class Add:
    """The category joins one's own."""


@dataclass(frozen=True, slots=True)
class MapTo:
    """Its masks get a category of one's own."""

    category_id: int


@dataclass(frozen=True, slots=True)
class LeaveOut:
    """Its masks are not imported."""


Choice: TypeAlias = Add | MapTo | LeaveOut


@dataclass(frozen=True, slots=True)
class CategoryPlan:
    """What every category of a file becomes.

    Attributes:
        category_id_of: own id by the file's id; None where its masks are left out.
        added: categories that the file brings, in its order.
    """

    category_id_of: Mapping[int, int | None]
    added: tuple[Category, ...]


def same_categories(theirs: Taxonomy, mine: Taxonomy) -> dict[int, int]:
    """Own id by the file's id, for names that are the same to the letter or but for case, hyphens and spaces."""
    by_name = {category.name: category.category_id for category in mine.categories}
    by_plain = _unambiguous(mine)
    found = {c.category_id: by_name.get(c.name, by_plain.get(_plain(c.name))) for c in theirs.categories}
    return {theirs_id: mine_id for theirs_id, mine_id in found.items() if mine_id is not None}


def plan_categories(
    theirs: Taxonomy, mine: Taxonomy, used: Sequence[int], choices: Mapping[int, Choice]
) -> CategoryPlan:
    """What becomes of the ``used`` categories of a file; those that are not one's own need a choice.

    An added category keeps its id where that is free, and its colour where nobody else has it.

    Raises:
        StudioError: a choice is missing, or maps to a category that one does not have.
    """
    same = same_categories(theirs, mine)
    category_id_of: dict[int, int | None] = {}
    added: list[Category] = []
    for category_id in used:
        category = theirs.category(category_id)
        match MapTo(same[category_id]) if category_id in same else choices.get(category_id):
            case MapTo(mine_id):
                category_id_of[category_id] = mine.category(mine_id).category_id
            case LeaveOut():
                category_id_of[category_id] = None
            case Add():
                added.append(_fitted(category, (*mine.categories, *added)))
                category_id_of[category_id] = added[-1].category_id
            case _:
                raise StudioError("error.import_choice", category=category.name)
    return CategoryPlan(category_id_of, tuple(added))


def _fitted(category: Category, others: Sequence[Category]) -> Category:
    ids = {other.category_id for other in others}
    fits = category.category_id not in ids and category.category_id > 0
    category_id = category.category_id if fits else max(ids, default=0) + 1
    return replace(category, category_id=category_id, color=_fresh(category.color, {c.color for c in others}))


def _fresh(color: Color, taken: set[Color]) -> Color:
    candidates = (color, *distinct_colors(len(taken) + 1))
    return next(candidate for candidate in candidates if candidate not in taken)


def _unambiguous(taxonomy: Taxonomy) -> dict[str, int]:
    """Category ids by plain name, without the plain names that two share."""
    names = [_plain(category.name) for category in taxonomy.categories]
    rows = zip(names, taxonomy.categories, strict=True)
    return {name: category.category_id for name, category in rows if names.count(name) == 1}


def _plain(name: str) -> str:
    return " ".join(re.findall(r"\w+", name.casefold().replace("_", " "))) or name
