"""Category lists of several pictures as one: the same name is the same category."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from core.types import Category, Taxonomy


@dataclass(frozen=True, slots=True)
class Renumbered:
    """A category whose id another one already had."""

    name: str
    category_id: int
    becomes: int


@dataclass
class TaxonomyMerger:
    """Takes in one list after the other; what it has given out never changes.

    Attributes:
        renumbered: categories that could not keep their ids.
        now_things: names of categories that are things in one list and stuff in another; merged they are things.
    """

    name: str
    renumbered: list[Renumbered] = field(default_factory=list)
    now_things: list[str] = field(default_factory=list)
    _by_name: dict[str, Category] = field(default_factory=dict)
    _ids: set[int] = field(default_factory=set)

    def add(self, taxonomy: Taxonomy) -> Mapping[int, int]:
        """Takes a list in; the merged id of each of its ids.

        A new category keeps its id where nobody has it yet, else it gets the smallest above all.
        """
        return {category.category_id: self._merged_id(category, taxonomy) for category in taxonomy.categories}

    @property
    def taxonomy(self) -> Taxonomy:
        """All categories so far, in the order in which they came."""
        return Taxonomy(self.name, tuple(self._by_name.values()))

    def _merged_id(self, category: Category, taxonomy: Taxonomy) -> int:
        known = self._by_name.get(category.name)
        if known is None:
            return self._take_in(category, taxonomy)
        if known.is_thing != category.is_thing and category.name not in self.now_things:
            self.now_things.append(category.name)
            self._by_name[category.name] = replace(known, is_thing=True)
        return known.category_id

    def _take_in(self, category: Category, taxonomy: Taxonomy) -> int:
        category_id = category.category_id
        if category_id in self._ids:
            own = (other.category_id for other in taxonomy.categories)
            category_id = max(self._ids.union(own)) + 1
            self.renumbered.append(Renumbered(category.name, category.category_id, category_id))
        self._ids.add(category_id)
        self._by_name[category.name] = replace(category, category_id=category_id)
        return category_id
