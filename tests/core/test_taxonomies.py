"""Every known taxonomy against lists that others published, and checkpoints' labels against the taxonomies."""

import json

import numpy as np
import pytest

from core.taxonomies import FOLDER, WORDS, distinct_colors, known_taxonomies, taxonomy_for
from core.types import Taxonomy
from tests.core import published_labels as published

COUNTS = {
    "coco_panoptic": (80, 53),
    "coco_stuff": (80, 91),
    "ade20k": (0, 150),
    "ade20k_panoptic": (100, 50),
    "cityscapes": (8, 11),
    "mapillary": (37, 28),
}
COCO_GAPS = {12, 26, 29, 30, 45, 66, 68, 69, 71, 83}
COCO_PANOPTIC = published.COCO_THINGS + published.COCO_PANOPTIC_STUFF


def names_of(taxonomy: Taxonomy) -> list[str]:
    return [category.name for category in taxonomy.categories]


def things_of(name: str) -> set[int]:
    """Positions of the things."""
    return set(np.flatnonzero(known_taxonomies()[name].is_thing).tolist())


def test_every_file_is_known_and_every_known_one_has_a_file():
    assert {path.stem for path in FOLDER.glob("*.json")} == set(WORDS) == set(COUNTS)


@pytest.mark.parametrize("name", WORDS)
def test_counts_names_and_colors(name):
    taxonomy = known_taxonomies()[name]
    things = int(taxonomy.is_thing.sum())
    assert (things, len(taxonomy) - things) == COUNTS[name]
    assert taxonomy.name == name
    assert len({category.color for category in taxonomy.categories}) == len(taxonomy)
    assert all(0 <= channel <= 255 for category in taxonomy.categories for channel in category.color)


@pytest.mark.parametrize(
    ("name", "stuff"), [("coco_panoptic", published.COCO_PANOPTIC_STUFF), ("coco_stuff", published.COCO_STUFF_STUFF)]
)
def test_coco_things_come_first_under_the_detection_tasks_ids(name, stuff):
    taxonomy = known_taxonomies()[name]
    assert names_of(taxonomy) == published.COCO_THINGS + stuff
    assert things_of(name) == set(range(80))
    assert [category.category_id for category in taxonomy.categories[:80]] == sorted(set(range(1, 91)) - COCO_GAPS)


def test_coco_stuff_ids():
    ids = {category.name: category.category_id for category in known_taxonomies()["coco_panoptic"].categories[80:]}
    assert (ids["banner"], ids["window-other"], ids["tree-merged"], ids["rug-merged"]) == (92, 181, 184, 200)
    assert [category.category_id for category in known_taxonomies()["coco_stuff"].categories[80:]] == list(
        range(92, 183)
    )


def test_ade_things_are_those_of_the_instance_challenge():
    things = {published.ADE_HUGGING_FACE.index(name if name != "bed" else "bed ") for name in published.ADE_THINGS}
    assert len(things) == 100
    assert things_of("ade20k_panoptic") == things


def test_ade_ids_count_from_one_in_semantic_annotations_and_from_zero_in_panoptic_ones():
    semantic, panoptic = known_taxonomies()["ade20k"], known_taxonomies()["ade20k_panoptic"]
    assert names_of(semantic) == names_of(panoptic)
    assert [category.category_id for category in semantic.categories] == list(range(1, 151))
    assert [category.category_id for category in panoptic.categories] == list(range(150))


def test_cityscapes():
    taxonomy = known_taxonomies()["cityscapes"]
    assert names_of(taxonomy) == published.CITYSCAPES
    assert [category.category_id for category in taxonomy.categories] == published.CITYSCAPES_LABEL_IDS
    assert {taxonomy[index].name for index in things_of("cityscapes")} == set(published.CITYSCAPES_THINGS)
    assert taxonomy.category(26).color == (0, 0, 142)


def test_mapillary_things_are_the_categories_with_instances():
    rows = json.loads((FOLDER / "mapillary.json").read_text(encoding="utf-8"))["categories"]
    assert {alias for row in rows if row["isthing"] for alias in row["aliases"]} == set(published.MAPILLARY_THINGS)
    assert [row["id"] for row in rows] == list(range(1, 66))


@pytest.mark.parametrize(
    ("labels", "hint", "name"),
    [
        (COCO_PANOPTIC, "facebook/maskformer-swin-tiny-coco", "coco_panoptic"),
        (published.COCO_THINGS + published.COCO_STUFF_STUFF, "facebook/maskformer-resnet101-coco-stuff", "coco_stuff"),
        (published.ADE_HUGGING_FACE, "facebook/maskformer-swin-tiny-ade", "ade20k"),
        (published.ADE_HUGGING_FACE, "shi-labs/oneformer-ade20k-panoptic", "ade20k_panoptic"),
        (published.ADE_WITH_SYNONYMS, "", "ade20k"),
        (published.CITYSCAPES, "", "cityscapes"),
    ],
)
def test_published_spellings_are_recognised_in_class_order(labels, hint, name):
    assert taxonomy_for(labels, hint=hint) == known_taxonomies()[name]


@pytest.mark.parametrize("name", WORDS)
@pytest.mark.parametrize(
    "spell",
    [str.upper, lambda label: label.replace(" ", "_"), lambda label: f" {label} ", lambda label: f"{label}, anything"],
    ids=["capitals", "underscores", "blanks", "synonyms"],
)
def test_spelling_does_not_matter(name, spell):
    labels = [spell(label) for label in names_of(known_taxonomies()[name])]
    assert taxonomy_for(labels, hint=name) == known_taxonomies()[name]


def test_qualifiers_of_coco_stuff_may_be_missing():
    plain = [label.replace("-merged", "").replace("-other", "").replace("-stuff", "") for label in COCO_PANOPTIC]
    assert taxonomy_for(plain) == known_taxonomies()["coco_panoptic"]


@pytest.mark.parametrize("name", WORDS)
def test_reordered_labels_keep_ids_and_things_by_name(name):
    known = known_taxonomies()[name]
    order = np.random.default_rng(3).permutation(len(known)).tolist()
    found = taxonomy_for([known[position].name for position in order], hint=name)
    assert found.name == name
    assert list(found.categories) == [known[position] for position in order]


@pytest.mark.parametrize("spell", ["LABEL_{}", "{}", "class {}", ""])
def test_numbered_labels_are_named_by_the_models_name(spell):
    labels = [spell.format(index) for index in range(133)]
    assert taxonomy_for(labels, hint="facebook/maskformer-swin-tiny-coco") == known_taxonomies()["coco_panoptic"]
    assert taxonomy_for(labels[:19], hint="maskformer_R101_cityscapes-19.pkl") == known_taxonomies()["cityscapes"]
    assert taxonomy_for(labels[:100], hint="maskformer-coco").name == ""
    assert taxonomy_for(labels, hint="facade-parser").name == ""
    assert taxonomy_for(labels).name == ""


@pytest.mark.parametrize(
    "change",
    [
        lambda labels: labels[:-1],
        lambda labels: [*labels, "unicorn"],
        lambda labels: ["unicorn", *labels[1:]],
        lambda labels: [labels[1], *labels[1:]],
    ],
)
def test_a_class_too_few_too_many_or_other_makes_a_taxonomy_of_its_own(change):
    labels = change(published.CITYSCAPES)
    found = taxonomy_for(labels, hint="cityscapes")
    assert found.name == ""
    assert [category.category_id for category in found.categories] == list(range(1, len(labels) + 1))
    assert found.is_thing.all()


def test_own_names_stay_and_doubles_are_told_apart():
    assert names_of(taxonomy_for(["cat", " dog ", "cat", ""])) == ["cat", "dog", "cat (3)", "class 4"]
    assert names_of(taxonomy_for(["LABEL_0", "LABEL_1"])) == ["LABEL_0", "LABEL_1"]


def test_distinct_colors_are_distinct():
    assert len(set(distinct_colors(3000))) == 3000
    first = np.array(distinct_colors(20))
    apart = np.abs(first[:, None] - first).sum(-1) + 1000 * np.eye(20)
    assert apart.min() > 40
