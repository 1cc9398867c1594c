"""Annotations turned into a label map and segments: first a report of what has to be decided, then the decisions."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.formats.import_categories import CategoryPlan, Choice, plan_categories, same_categories
from core.formats.import_coco import PictureAnnotations
from core.formats.import_overlaps import Overlap, OverlapRule, Pile, order_from_below
from core.masks import label_areas
from core.messages import StudioError
from core.types import VOID, Category, Origin, SegmentInfo, Taxonomy


@dataclass(frozen=True, slots=True)
class ImportRules:
    """What a person decided: who owns contested pixels, and what becomes of categories that are not one's own."""

    overlaps: OverlapRule | None = None
    categories: Mapping[int, Choice] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UnknownCategory:
    """A category of the file that is not one's own, with its masks in the picture and their pixels."""

    category: Category
    masks: int
    pixels: int


@dataclass(frozen=True, slots=True)
class ImportedPicture:
    """What was imported, and what of it is not seen.

    Attributes:
        label_map: (H, W) int32, 0 = void.
        segments: ids 1, 2, ... in the file's order.
        added: categories that were not one's own.
        left_out: masks whose category was left out.
        hidden: masks of which no pixel is left under the others.
    """

    label_map: NDArray[np.int32]
    segments: tuple[SegmentInfo, ...]
    added: tuple[Category, ...]
    left_out: int
    hidden: int


@dataclass(frozen=True)
class ImportCase:
    """A picture's annotations before they are resolved against the categories one has."""

    annotations: PictureAnnotations
    taxonomy: Taxonomy

    @cached_property
    def pile(self) -> Pile:
        """All masks on each other."""
        return Pile.of([mask.mask for mask in self.annotations.masks], self.annotations.size_hw)

    @cached_property
    def overlaps(self) -> list[Overlap]:
        """Every pair of masks that claim the same pixels."""
        return self.pile.overlaps()

    @property
    def used(self) -> list[int]:
        """The file's categories that have masks, in its order."""
        present = {mask.category_id for mask in self.annotations.masks}
        return [c.category_id for c in self.annotations.taxonomy.categories if c.category_id in present]

    @property
    def unknown(self) -> list[UnknownCategory]:
        """Those of the used categories that are not one's own."""
        same = same_categories(self.annotations.taxonomy, self.taxonomy)
        masks, pixels = Counter[int](), Counter[int]()
        for mask, area in zip(self.annotations.masks, self.pile.areas, strict=True):
            masks[mask.category_id] += 1
            pixels[mask.category_id] += area
        categories = (self.annotations.taxonomy.category(i) for i in self.used if i not in same)
        return [UnknownCategory(c, masks[c.category_id], pixels[c.category_id]) for c in categories]

    def resolve(self, rules: ImportRules) -> ImportedPicture:
        """The picture by the rules.

        Raises:
            StudioError: masks overlap and no rule says who wins, or an unknown category has no choice.
        """
        if rules.overlaps is None and self.pile.contested:
            raise StudioError("error.import_overlap_rule", pixels=self.pile.contested)
        plan = plan_categories(self.annotations.taxonomy, self.taxonomy, self.used, rules.categories)
        kept = [i for i, mask in enumerate(self.annotations.masks) if plan.category_id_of[mask.category_id] is not None]
        from_below = [i for i in self._from_below(rules.overlaps or OverlapRule.LAST) if i in set(kept)]
        numbers = np.zeros(len(self.annotations.masks), dtype=np.int32)
        label_map = self.pile.label_map(range(1, len(numbers) + 1), from_below)
        areas = label_areas(label_map)
        seen = [i for i in kept if i + 1 in areas]
        numbers[seen] = np.arange(1, len(seen) + 1)
        table = np.concatenate([[VOID], numbers]).astype(np.int32)
        segments = tuple(self._segment(i, int(numbers[i]), areas[i + 1], plan) for i in seen)
        hidden = len(kept) - len(seen)
        return ImportedPicture(table[label_map], segments, plan.added, len(numbers) - len(kept), hidden)

    def _from_below(self, rule: OverlapRule) -> list[int]:
        masks = self.annotations.masks
        return order_from_below(rule, self.pile.areas, [m.score for m in masks], [m.is_crowd for m in masks])

    def _segment(self, index: int, segment_id: int, area: int, plan: CategoryPlan) -> SegmentInfo:
        mask = self.annotations.masks[index]
        category_id = plan.category_id_of[mask.category_id]
        assert category_id is not None
        return SegmentInfo(
            segment_id=segment_id,
            category_id=category_id,
            score=mask.score,
            area=area,
            origin=Origin.IMPORT,
            touched=True,
            source=self.annotations.source,
        )
