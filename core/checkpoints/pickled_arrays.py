"""How a pickle describes numpy arrays: the names it may say, and what saying them means here.

The numbers of an array stay in the file until somebody reads them, so a shape costs no memory whatever is declared.
"""

import math
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.files import shown_name
from core.messages import StudioError

# What numpy writes for an array and Python for an ordered dictionary. numpy 2 says _core where older ones said core.
ALLOWED = frozenset(
    {
        "numpy.ndarray",
        "numpy.dtype",
        "numpy.core.multiarray._reconstruct",
        "numpy.core.multiarray.scalar",
        "numpy.core.numeric._frombuffer",
        "_codecs.encode",
        "collections.OrderedDict",
    }
)
NUMBER_TYPES = frozenset({"b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"})
MOST_AXES, LONGEST_AXIS = 32, 2**40
MOST_SHARING = 4  # an array may stand under several names; the sum of all arrays is at most this many files


class ForbiddenError(Exception):
    """A pickle asks for something else than numpy arrays; the argument says for what."""


@dataclass(frozen=True, slots=True)
class Span:
    """``count`` bytes that stay in the file: as they are, or as text (UTF-8) whose characters are the bytes."""

    start: int
    size: int
    count: int
    is_text: bool

    def read(self, file: BufferedReader) -> bytearray:
        """The bytes; raises ValueError where they are no longer there, or the text has other characters."""
        raw = bytearray(self.size)
        file.seek(self.start)
        if file.readinto(raw) != self.size:
            raise ValueError
        return bytearray(raw.decode("utf-8").encode("latin-1")) if self.is_text else raw


@dataclass(slots=True, eq=False)
class StoredArray:
    """An array as a pickle describes it; its numbers are still in the file, or here if they came as short text.

    Attributes:
        stored_shape: in the order in which the numbers lie in the file, the last axis the fastest.
        axes: which of these axes each axis of the array is.
    """

    stored_shape: tuple[int, ...] = ()
    axes: tuple[int, ...] = ()
    dtype: np.dtype[Any] | None = None
    data: Span | bytes = b""

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.stored_shape[axis] for axis in self.axes)

    @property
    def nbytes(self) -> int:
        """What the array needs in memory."""
        return math.prod(self.stored_shape) * self.dtype.itemsize if self.dtype else 0

    def read(self, file: BufferedReader) -> NDArray[Any]:
        """The numbers in this computer's byte order; raises ValueError where the file does not hold them."""
        raw = self.data.read(file) if isinstance(self.data, Span) else bytearray(self.data)
        array = np.frombuffer(raw, self.dtype).reshape(self.stored_shape).transpose(self.axes)
        return array.astype(array.dtype.newbyteorder("="), copy=False)


@dataclass(frozen=True, slots=True)
class Name:
    """One of the allowed names. Only that it was said is kept."""

    full: str


@dataclass(slots=True, eq=False)
class DataType:
    """A numpy data type; a later instruction tells its byte order."""

    value: np.dtype[Any]


def allowed_name(full: str) -> Name:
    """The only place where a name enters.

    Raises:
        ForbiddenError: the name is not on the list.
    """
    full = full.replace("numpy._core.", "numpy.core.")
    if full not in ALLOWED:
        raise ForbiddenError(full)
    return Name(full)


def call(function: Any, arguments: Any) -> Any:
    """What a pickle means by calling one of the names; nothing is called.

    Raises:
        ForbiddenError: the arguments are not those that numpy writes.
        ValueError, TypeError: an array does not add up.
    """
    match function, arguments:
        case Name("numpy.core.multiarray._reconstruct"), (Name("numpy.ndarray"), _, _):
            return StoredArray()
        case Name("numpy.core.multiarray.scalar"), (DataType(dtype), data):
            return _array((), dtype, data)
        case Name("numpy.core.numeric._frombuffer"), (data, DataType(dtype), shape, "C" | "F" as order):
            return _array(shape, dtype, data, is_fortran=order == "F")
        case Name("numpy.core.numeric._frombuffer"), (data, DataType(dtype), shape, "K", tuple(axes)):
            return _array(shape, dtype, data, axes=axes)
        case Name("numpy.dtype"), (str(code), *_) if code in NUMBER_TYPES:
            return DataType(np.dtype(code))
        case Name("numpy.dtype"), (str(code), *_):
            raise ForbiddenError(f"numpy's data type {code}")
        case Name("_codecs.encode"), (str() | Span() as data, "latin1"):
            return data
        case Name("collections.OrderedDict"), ():
            return {}
        case Name(full), _:
            raise ForbiddenError(f"{full} with unusual arguments")
    raise TypeError


def give_state(target: Any, state: Any) -> None:
    """What a pickle means by giving an object its state; raises ValueError or TypeError where it makes no sense."""
    match target, state:
        case DataType(dtype), (_, "<" | ">" | "=" | "|" as order, *_):
            target.value = dtype.newbyteorder(order)
        case StoredArray(), (_, shape, DataType(dtype), is_fortran, data):
            made = _array(shape, dtype, data, is_fortran=bool(is_fortran))
            target.stored_shape, target.axes = made.stored_shape, made.axes
            target.dtype, target.data = made.dtype, made.data
        case dict(), dict():  # the notes that torch keeps beside a dictionary of weights
            pass
        case _:
            raise TypeError


def _array(
    shape: Any, dtype: np.dtype[Any], data: Any, *, is_fortran: bool = False, axes: tuple[Any, ...] | None = None
) -> StoredArray:
    """``shape`` is as the numbers lie, except in Fortran's order, where the numbers lie the other way round."""
    raw = data.encode("latin-1") if isinstance(data, str) else data
    if not isinstance(shape, tuple) or not isinstance(raw, Span | bytes) or len(shape) > MOST_AXES:
        raise TypeError
    axes = tuple(range(len(shape))) if axes is None else axes
    in_order = [axis for axis in range(len(shape)) if axis in axes]
    if len(in_order) != len(axes) or not all(isinstance(side, int) and 0 <= side < LONGEST_AXIS for side in shape):
        raise ValueError
    array = StoredArray(shape[::-1], axes[::-1], dtype, raw) if is_fortran else StoredArray(shape, axes, dtype, raw)
    if array.nbytes != (raw.count if isinstance(raw, Span) else len(raw)):
        raise ValueError
    return array


class PickledTensors:
    """The arrays of a pickle as named tensors, read from the file one at a time.

    Raises:
        StudioError: not every value is an array, or one array stands under so many names that they make a bomb.
    """

    def __init__(self, path: Path, arrays: Any) -> None:
        self._path = path
        self._arrays: dict[str, StoredArray] = arrays
        is_table = isinstance(arrays, dict) and len(arrays) > 0
        if not is_table or not all(isinstance(array, StoredArray) and array.dtype for array in arrays.values()):
            raise StudioError("error.checkpoint_no_tensors", file=shown_name(path.name))
        if sum(array.nbytes for array in arrays.values()) > MOST_SHARING * path.stat().st_size:
            raise StudioError("error.pickle_damaged", file=shown_name(path.name))

    def shapes(self) -> dict[str, tuple[int, ...]]:
        return {name: array.shape for name, array in self._arrays.items()}

    def read(self, name: str) -> Tensor:
        try:
            with self._path.open("rb") as file:
                return torch.from_numpy(self._arrays[name].read(file))
        except (OSError, ValueError) as error:
            raise StudioError("error.pickle_damaged", file=shown_name(self._path.name)) from error
