"""An edit in words: what was done, and what undo or redo would do."""

from dataclasses import fields

from core.document import Edit, Relabel, describe
from core.messages import Sentence, text
from core.types import Taxonomy


def edit_name(edit: Edit, taxonomy: Taxonomy) -> Sentence:
    """The edit as a thing that can be undone or redone."""
    return Sentence(describe(edit), **_values(edit, taxonomy))


def edit_sentence(edit: Edit, taxonomy: Taxonomy, language: str) -> str:
    """What the edit did, told right after it."""
    return text(describe(edit).replace("app.edit.", "app.done.", 1), language, **_values(edit, taxonomy))


def _values(edit: Edit, taxonomy: Taxonomy) -> dict[str, object]:
    """The edit's own fields that a sentence can hold, its category by name."""
    values = {field.name: getattr(edit, field.name) for field in fields(edit)}
    values = {name: value for name, value in values.items() if isinstance(value, str | int | float)}
    if isinstance(edit, Relabel):
        names = {category.category_id: category.name for category in taxonomy.categories}
        values["category"] = names.get(edit.category_id, edit.category_id)  # a person may have removed it since
    return values
