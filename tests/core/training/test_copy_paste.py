"""Things of other pictures on a picture: pixels and labels together, nothing twice, the same for the same seed."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.formats.panoptic_dataset import PanopticDataset, read_panoptic_dataset
from core.training import RECIPES
from core.training.copy_paste import CopyPaste, LabelledView
from core.training.recipe import Recipe
from core.training.samples import TrainingSamples
from core.types import SegmentInfo
from tests.annotated import CAR, PERSON, ROAD, SKY, write_dataset
from tests.core.training.test_training import TINY, scene

ALWAYS = CopyPaste(chance=1.0, share=1.0)


def segment(segment_id: int, category_id: int = CAR) -> SegmentInfo:
    return SegmentInfo(segment_id, category_id, score=1.0, area=1)


def view_of(labels: np.ndarray, shade: int) -> LabelledView:
    """Every segment in a shade of its own."""
    image = np.repeat((labels % 100 + shade).astype(np.uint8)[..., None], 3, axis=2)
    return LabelledView(image, labels, tuple(segment(int(i)) for i in np.unique(labels) if i > 0))


maps = st.tuples(st.integers(1, 6), st.integers(1, 6), st.integers(0, 2**31)).map(
    lambda row: np.random.default_rng(row[2]).integers(-1, 5, row[:2]).astype(np.int32)
)


@given(maps, maps, st.sets(st.integers(1, 4)))
def test_every_pixel_is_either_as_it_was_or_wholly_the_others(
    below: np.ndarray, above: np.ndarray, ids: set[int]
) -> None:
    onto, other = view_of(below, 10), view_of(above, 120)
    chosen = [s for s in other.segments if s.segment_id in ids]
    result = onto.pasted(other, chosen)

    new = dict(zip((s.segment_id for s in result.segments[len(onto.segments) :]), chosen, strict=True))
    assert not new.keys() & {int(i) for i in np.unique(below)}
    assert result.segments[: len(onto.segments)] == onto.segments
    for (y, x), label in np.ndenumerate(result.labels):
        if int(label) in new:
            assert above[y, x] == new[int(label)].segment_id
            assert (result.image[y, x] == other.image[y, x]).all()
        else:
            assert label == below[y, x]
            assert (result.image[y, x] == onto.image[y, x]).all()
    height, width = np.minimum(below.shape, above.shape)
    pasted = np.isin(above[:height, :width], [s.segment_id for s in chosen])
    assert np.isin(result.labels[:height, :width], list(new)).sum() == pasted.sum()
    assert np.array_equal(onto.labels, below)  # the picture itself is left alone


def test_categories_come_along() -> None:
    onto = view_of(np.array([[1, 2]], np.int32), 10)
    other = LabelledView(onto.image, onto.labels, (segment(2, PERSON),))
    assert [s.category_id for s in onto.pasted(other, other.segments).segments] == [CAR, CAR, PERSON]


@pytest.mark.parametrize("wrong", [{"chance": 1.5}, {"share": -0.1}])
def test_shares_beyond_all_or_nothing_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        CopyPaste(**wrong)


def test_shares_are_kept_on_average() -> None:
    rng, things = np.random.default_rng(1), [segment(i) for i in range(1, 11)]
    rule = CopyPaste(chance=0.3, share=0.8)
    assert np.mean([rule.wanted(rng) for _ in range(2000)]) == pytest.approx(0.3, abs=0.04)
    assert np.mean([len(rule.chosen(things, rng)) for _ in range(500)]) == pytest.approx(8, abs=0.3)


@pytest.fixture
def dataset(tmp_path: Path) -> PanopticDataset:
    folder = write_dataset(tmp_path / "data", [scene(i) for i in range(6)], split="train")
    rng = np.random.default_rng(8)
    for path in (folder / "train").iterdir():
        cv2.imwrite(str(path), rng.integers(256, size=(72, 96, 3), dtype=np.uint8))
    return read_panoptic_dataset(folder, "train")


def samples(dataset: PanopticDataset, **changes: object) -> TrainingSamples:
    recipe: Recipe = replace(TINY, min_target_area=1, loss_stride=1, jitter=None, **changes)
    return TrainingSamples(dataset, recipe)


def test_pasted_things_are_further_targets(dataset: PanopticDataset) -> None:
    plain, pasted = samples(dataset), samples(dataset, copy_paste=ALWAYS)
    car, stuff = (dataset.taxonomy.class_index(i) for i in (CAR, SKY)), dataset.taxonomy.class_index(ROAD)
    (car_index, sky) = car
    more = 0
    for index in range(12):
        (image, before, name), (changed, after, same) = plain[index], pasted[index]
        assert name == same
        assert (after.masks.sum(0) <= 1).all()  # nothing overlaps
        for target in (before, after):
            assert set(target.class_indices.tolist()) <= {car_index, sky, stuff}
            assert sum((target.class_indices == i).sum() <= 1 for i in (sky, stuff)) == 2  # stuff is never pasted
        more += int((after.class_indices == car_index).sum() - (before.class_indices == car_index).sum())
        untouched = torch.stack([m for m, c in zip(after.masks, after.class_indices, strict=True) if c != car_index])
        assert torch.equal(image[:, untouched.sum(0) > 0], changed[:, untouched.sum(0) > 0])
    assert more > 4


def test_a_sample_follows_from_seed_and_index(dataset: PanopticDataset) -> None:
    rule = CopyPaste(chance=0.5, share=0.5)
    ours, again = samples(dataset, copy_paste=rule), samples(dataset, copy_paste=rule)
    other_seed = samples(dataset, copy_paste=rule, seed=77)
    again[3]  # what was drawn before does not matter
    assert all(torch.equal(ours[i][0], again[i][0]) for i in (5, 0, 5))
    assert all(torch.equal(a, b) for a, b in zip(*(s[5][1].masks for s in (ours, again)), strict=True))
    assert any(not torch.equal(ours[i][0], other_seed[i][0]) for i in range(4))


def test_no_recipe_pastes_unless_asked() -> None:
    assert all(recipe.copy_paste is None for recipe in RECIPES.values())
