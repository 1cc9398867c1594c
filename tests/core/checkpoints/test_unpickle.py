"""Pickles: numpy arrays come out bit for bit, and nothing else ever happens."""

import collections
import contextlib
import functools
import os
import pickle
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.checkpoints.pickled_arrays import PickledTensors
from core.checkpoints.unpickle import read_pickle
from core.messages import StudioError

RNG = np.random.default_rng(0)
ARRAYS = {
    "matrix": RNG.normal(size=(30, 70)).astype(np.float32),
    "by columns": np.asfortranarray(RNG.normal(size=(30, 70))),
    "turned": RNG.normal(size=(9, 4, 3)).astype(np.float16).transpose(2, 0, 1),
    "strided": RNG.normal(size=(8, 8)).astype(np.float32)[::2, 1::3],
    "most significant byte first": RNG.normal(size=5).astype(">f4"),
    "whole": np.arange(-3, 4),
    "bytes": np.arange(256, dtype=np.uint8),
    "flags": np.array([True, False]),
    "no axis": np.array(7),
    "scalar": np.float32(0.1),
}
CONTENT = {"model": ARRAYS, "__author__": "somebody", "matching_heuristics": True, "notes": [1, (2.5, None)]}


FROM_BUFFER = np.zeros(1).__reduce_ex__(5)[0]


class Says:
    """Pickles as whatever reduction it is given."""

    def __init__(self, *reduction: Any) -> None:
        self.reduction = reduction

    def __reduce__(self) -> Any:
        return self.reduction


def stored(folder: Path, content: Any, protocol: int = 4) -> Path:
    path = folder / "weights.pkl"
    path.write_bytes(content if isinstance(content, bytes) else pickle.dumps(content, protocol))
    return path


@pytest.mark.parametrize("protocol", range(6))
def test_arrays_come_out_bit_for_bit(tmp_path, protocol):
    path = stored(tmp_path, CONTENT, protocol)
    content = read_pickle(path)
    tensors = PickledTensors(path, content.pop("model"))
    assert content == {key: value for key, value in CONTENT.items() if key != "model"}
    assert tensors.shapes() == {name: np.shape(array) for name, array in ARRAYS.items()}
    for name, array in ARRAYS.items():
        read = tensors.read(name).numpy()
        assert read.dtype == array.dtype.newbyteorder("=")
        assert np.array_equal(read, array)


@pytest.mark.parametrize("protocol", [2, 3])
def test_the_names_of_numpy_1_are_known(tmp_path, protocol):
    newer = pickle.dumps({"model": ARRAYS}, protocol)
    older = newer.replace(b"cnumpy._core.", b"cnumpy.core.")
    assert older != newer
    path = stored(tmp_path, older)
    tensors = PickledTensors(path, read_pickle(path)["model"])
    assert np.array_equal(tensors.read("matrix").numpy(), ARRAYS["matrix"])


def test_an_ordered_dictionary_may_carry_notes(tmp_path):
    weights = collections.OrderedDict(ARRAYS)
    weights._metadata = collections.OrderedDict({"": {"version": 1}})
    content = read_pickle(stored(tmp_path, {"model": weights}))
    assert list(content["model"]) == list(ARRAYS)


def test_numbers_stay_in_the_file(tmp_path):
    path = stored(tmp_path, {"model": {"large": np.zeros((1000, 1000), np.float32)}})
    array = read_pickle(path)["model"]["large"]
    assert array.data.count == 4_000_000
    assert path.read_bytes()[array.data.start :][: array.data.size] == bytes(4_000_000)


def test_a_file_that_shrinks_while_it_is_read_is_damaged(tmp_path):
    path = stored(tmp_path, {"model": ARRAYS})
    tensors = PickledTensors(path, read_pickle(path)["model"])
    os.truncate(path, 100)
    with pytest.raises(StudioError, match="cut short or damaged"):
        tensors.read("matrix")


def attacks(marker: Path) -> dict[str, tuple[Any, str]]:
    """What runs code (or fills the memory) when the pickle module reads it, and the name that must be told."""
    touch = f"touch '{marker}'"
    write = f"open({str(marker)!r}, 'w').close()"
    line = touch.encode()
    system = f"{os.name}.system"
    encoded = np.array([1.0], np.float32)
    return {
        "a command": (Says(os.system, (touch,)), system),
        "python": (Says(eval, (write,)), "builtins.eval"),
        "beside honest arrays": ({"model": {**ARRAYS, "x": Says(exec, (write,))}}, "builtins.exec"),
        "as a key": ({"model": {Says(os.getpid, ()): encoded}}, f"{os.name}.getpid"),
        "a chain of attributes": (Says(getattr, (Says(__import__, ("os",)), "system")), "builtins.getattr"),
        "a partial": (Says(functools.partial, (os.system, touch)), "functools.partial"),
        "inside arguments": (Says(collections.OrderedDict, (Says(os.system, (touch,)),)), system),
        "as a state": (Says(collections.OrderedDict, (), Says(os.system, (touch,))), system),
        "as an item": (Says(list, (), None, iter([Says(os.system, (touch,))])), "builtins.list"),
        "as an array's type": (Says(np.dtype, (Says(os.system, (touch,)),)), system),
        "objects in an array": (np.array([Says(os.system, (touch,))], dtype=object), "data type O8"),
        "a table of an array": (np.zeros(2, [("a", "f4")]), "data type V4"),
        "another way to make arrays": (Says(np.fromfile, ("/dev/zero",)), "numpy.fromfile"),
        "memory": (Says(bytearray, (10**15,)), "builtins.bytearray"),
        "an inflating codec": (Says(__import__("_codecs").encode, ("x", "zip")), "_codecs.encode with unusual"),
        "an ordered dictionary of something": (Says(collections.OrderedDict, ([],)), "OrderedDict with unusual"),
        "torch's storages": ({"model": {"x": torch.zeros(2)}}, "torch._utils._rebuild_tensor_v2"),
        "a class of one's own": ({"model": Says}, "Says"),
        "INST": (b"(S" + repr(line.decode()).encode() + b"\nios\nsystem\n.", "os.system"),
        "OBJ": (b"(cos\nsystem\nS'x'\no.", "os.system"),
        "NEWOBJ": (b"\x80\x02cnumpy\nndarray\n)\x81.", "the instruction NEWOBJ"),
        "PERSID": (b"Pwhatever\n.", "the instruction PERSID"),
        "EXT1": (b"\x80\x02\x82\x01.", "the instruction EXT1"),
        "a name put together": (b"\x80\x04\x8c\x02os\x94\x8c\x06system\x940h\x00h\x01\x93\x8c\x01x\x85R.", "os.system"),
        "a name of parts": (b"\x80\x04\x8c\x05numpy\x8c\x0f_core.os.system\x93.", "numpy.core.os.system"),
        "a late name": (pickle.dumps(ARRAYS, 2)[:-1] + b"0cos\nsystem\n(S'x'\ntR.", "os.system"),
        "many instructions": (b"\x80\x04" + b"N0" * 100_000 + b"N.", "more than 200000 instructions"),
    }


@pytest.mark.parametrize("attack", attacks(Path()))
def test_what_is_no_array_is_refused_by_name(tmp_path, attack):
    marker = tmp_path / "ran"
    content, told = attacks(marker)[attack]
    with pytest.raises(StudioError, match="only numpy arrays, text and numbers") as refusal:
        read_pickle(stored(tmp_path, content))
    assert told in str(refusal.value)
    assert not marker.exists()


@pytest.mark.parametrize("attack", ["a command", "python", "as a state", "objects in an array", "INST"])
def test_the_attacks_are_real(tmp_path, attack):
    marker = tmp_path / "ran"
    path = stored(tmp_path, attacks(marker)[attack][0])
    with contextlib.suppress(Exception):  # one complains afterwards
        pickle.loads(path.read_bytes())
    assert marker.exists()


def lie(shape: tuple[int, ...], data: bytes = b"1234") -> Says:
    """An array that claims another size than it has."""
    make, arguments, state = np.zeros(1, np.float32).__reduce__()
    return Says(make, arguments, (state[0], shape, *state[2:4], data))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"neither fish nor fowl",
        b".",
        b"\x80\x04",
        b"\x80\x04N0.",
        b"\x80\x04K\x01K\x02R.",
        b"\x80\x04]}K\x01s.",
        b"\x80\x04(N}u.",
        b"\x80\x04\x8e" + struct.pack("<Q", 2**40) + b"few.",
        b"\x80\x04B\xff\xff\xff\x7f.",
        b"\x80\x04\x8b\xff\xff\xff\x7f.",
        b"\x80\x04h\x07.",
        b"\x80\x04})" + b"\x85" * 50_000 + b"Ns.",
        {"model": {"a": lie((2**20, 2**20))}},
        {"model": {"a": lie((2, 2, 0, 3))}},
        {"model": {"a": lie((-1, -1))}},
        {"model": {"a": lie((2**62, 2**62))}},
        {"model": {"a": lie((1,) * 40)}},
        {"model": {"a": lie((1.5,))}},
        {"model": {"a": Says(FROM_BUFFER, (b"1234", np.dtype("f4"), (1, 1), "K", (0, 0)))}},
        {"model": {"a": Says(FROM_BUFFER, (b"1234", np.dtype("f4"), (1, 1), "K", (0, "1")))}},
        {"model": {"a": lie((1,), data=b"123")}},
        {"model": {"a": lie((1,), data=None)}},
    ],
    ids=lambda content: repr(content)[:30],
)
def test_damaged_and_lying_files_are_refused(tmp_path, content):
    with pytest.raises(StudioError, match="cut short or damaged"):
        read_pickle(stored(tmp_path, content))


@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_every_beginning_of_a_file_is_refused(tmp_path, protocol):
    whole = pickle.dumps({"model": {"a": np.ones(3, np.float32)}}, protocol)
    for length in range(len(whole)):
        with pytest.raises(StudioError, match=r"cut short or damaged"):
            read_pickle(stored(tmp_path, whole[:length]))


def test_one_array_under_endless_names_is_a_bomb(tmp_path):
    array = np.ones(1000, np.float32)
    twice = stored(tmp_path, {"a": array, "b": array})
    assert len(PickledTensors(twice, read_pickle(twice)).shapes()) == 2
    bomb = stored(tmp_path, dict.fromkeys(map(str, range(100)), array))
    with pytest.raises(StudioError):
        PickledTensors(bomb, read_pickle(bomb))


@pytest.mark.parametrize("weights", [{}, [], 3, {"a": 3}, {"a": [ARRAYS["matrix"]]}])
def test_what_is_no_table_of_arrays_is_refused(tmp_path, weights):
    path = stored(tmp_path, weights)
    with pytest.raises(StudioError, match="no table of named tensors"):
        PickledTensors(path, read_pickle(path))


@settings(max_examples=150, deadline=None)
@given(data=st.data(), protocol=st.sampled_from([0, 2, 4, 5]))
def test_whatever_a_file_holds_it_is_read_or_refused(tmp_path_factory, data, protocol):
    whole = bytearray(pickle.dumps({"model": {"a": ARRAYS["turned"], "b": ARRAYS["scalar"]}}, protocol))
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(whole) - 1))
        whole[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    path = stored(tmp_path_factory.mktemp("fuzz"), bytes(whole))
    try:
        content = read_pickle(path)
        tensors = PickledTensors(path, content["model"] if isinstance(content, dict) else content)
        shapes = tensors.shapes()
        assert all(tuple(tensors.read(name).shape) == shape for name, shape in shapes.items())
    except (StudioError, KeyError):
        pass
