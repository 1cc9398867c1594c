"""Any dataclass comes back from its bytes, and bytes that are none are told from those that are."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.document.store.record import RecordError, dump, load


class Fruit(StrEnum):
    APPLE = "apple"
    PEAR = "pear"


@dataclass(frozen=True)
class Leaf:
    size: float
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bud:
    size: float


@dataclass(frozen=True)
class Branch:
    number: int
    share: float
    title: str
    is_old: bool
    fruit: Fruit
    raw: bytes
    pair: tuple[int, str]
    rows: slice
    ids: frozenset[int]
    leaves: Mapping[int, Leaf | None]
    end: Leaf | Bud
    top: Leaf | None = None


branches = st.builds(
    Branch,
    share=st.floats(allow_nan=False),
    rows=st.builds(slice, st.integers(), st.integers()),
    leaves=st.dictionaries(
        st.integers(), st.none() | st.builds(Leaf, st.floats(allow_nan=False), st.tuples(st.text()))
    ),
    end=st.builds(Leaf, st.floats(allow_nan=False)) | st.builds(Bud, st.floats(allow_nan=False)),
    top=st.none() | st.builds(Leaf, st.floats(allow_nan=False)),
)


@given(branches)
def test_everything_comes_back(branch):
    again = load(Branch, dump(branch, version=1), version=1)
    assert again == branch
    assert type(again.end) is type(branch.end)
    assert type(again.fruit) is Fruit


def test_a_read_only_mapping_is_a_mapping():
    branch = Branch(1, 0.5, "a", True, Fruit.PEAR, b"", (1, "b"), slice(0, 1), frozenset(), {}, Bud(1))
    frozen = Branch(**{**vars(branch), "leaves": MappingProxyType({1: Leaf(2.0)})})
    assert load(Branch, dump(frozen, version=1), version=1).leaves == {1: Leaf(2.0)}


@dataclass(frozen=True, eq=False)
class Sheet:
    values: NDArray[np.int32]
    mask: NDArray[np.bool_]


@pytest.mark.parametrize("shape", [(0, 4), (1, 1), (3, 5), (17, 31)])
def test_arrays_keep_shape_and_kind(shape):
    rng = np.random.default_rng(0)
    sheet = Sheet(rng.integers(-9, 9, shape, dtype=np.int32), rng.random(shape) > 0.5)
    again = load(Sheet, dump(sheet, version=1), version=1)
    for got, wanted in ((again.values, sheet.values), (again.mask, sheet.mask)):
        assert got.dtype == wanted.dtype
        assert got.shape == wanted.shape
        assert (got == wanted).all()


def test_numbers_of_numpy_are_numbers():
    assert load(Leaf, dump(Leaf(np.float32(0.5)), version=1), version=1) == Leaf(0.5)


@dataclass(frozen=True)
class Grown:
    size: float
    added: tuple[int, ...] = field(default=(7,))


Grown.__name__ = "Bud"


def test_a_class_may_gain_fields_with_defaults():
    assert load(Grown, dump(Bud(1.5), version=1), version=1) == Grown(1.5)


def test_a_later_format_is_told_from_damage():
    with pytest.raises(RecordError) as later:
        load(Bud, dump(Bud(1.0), version=2), version=1)
    assert later.value.is_newer
    with pytest.raises(RecordError) as damaged:
        load(Bud, b"anything at all", version=1)
    assert not damaged.value.is_newer


@pytest.mark.parametrize("kind", [Leaf, Sheet])
def test_another_class_is_refused(kind):
    with pytest.raises(RecordError):
        load(kind, dump(Bud(1.0), version=1), version=1)


def test_a_field_of_another_kind_is_refused():
    with pytest.raises(RecordError):
        load(Bud, dump(Bud("large"), version=1), version=1)


def test_cut_or_changed_bytes_are_an_error_or_another_value_and_nothing_else():
    """Damage shows as RecordError; no other exception gets out, whatever the bytes."""
    branch = Branch(1, 0.5, "a", True, Fruit.PEAR, b"raw" * 9, (1, "b"), slice(0, 1), frozenset({3}), {}, Bud(1))
    whole, chance = dump(branch, version=1), random.Random(5)
    for end in range(len(whole)):
        with pytest.raises(RecordError):
            load(Branch, whole[:end], version=1)
    for _ in range(2000):
        changed = bytearray(whole)
        changed[chance.randrange(len(whole))] = chance.randrange(256)
        try:
            load(Branch, bytes(changed), version=1)
        except RecordError:
            continue
