"""Dataclasses as bytes and back, field by field as their annotations say: deflated JSON, and blobs behind it.

Nothing in the bytes names code. A reader says what it expects, and gets that or an error; a field that the bytes lack
takes its default, so that a class may grow without a new format.
"""

import dataclasses
import json
import struct
import types
import typing
import zlib
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from enum import Enum
from functools import cache
from itertools import pairwise
from typing import Any, TypeVar, get_args, get_origin

import numpy as np

_HEADER = struct.Struct("<3sBI")  # magic, format, bytes of the deflated JSON
_MAGIC = b"MFS"
_TYPE = "is"  # the key under which an object says its class, for fields that take one of several

T = TypeVar("T")


class RecordError(ValueError):
    """The bytes are not what was expected: damaged, of another class, or of a later release (``is_newer``)."""

    def __init__(self, reason: str, *, is_newer: bool = False) -> None:
        self.is_newer = is_newer
        super().__init__(reason)


def dump(value: Any, *, version: int) -> bytes:
    """A dataclass as bytes of ``version``."""
    blobs: list[bytes] = []
    head = _plain(value, blobs)
    text = json.dumps([head, [len(blob) for blob in blobs]], separators=(",", ":"))
    deflated = zlib.compress(text.encode(), 1)
    return b"".join((_HEADER.pack(_MAGIC, version, len(deflated)), deflated, *blobs))


def load(kind: type[T], data: bytes, *, version: int) -> T:
    """The dataclass ``kind`` that :func:`dump` made ``data`` of.

    Raises:
        RecordError: the bytes do not hold one.
    """
    try:
        magic, written, size = _HEADER.unpack_from(data)
        if magic != _MAGIC or written > version:
            raise RecordError(f"format {written} of {magic!r}", is_newer=magic == _MAGIC)
        end = _HEADER.size + size
        head, lengths = json.loads(zlib.decompress(data[_HEADER.size : end]))
        value: T = _built(kind, head, _cut(memoryview(data)[end:], lengths))
    except (struct.error, zlib.error, KeyError, TypeError, AttributeError, IndexError) as error:
        raise RecordError(f"{type(error).__name__}: {error}") from error
    except ValueError as error:
        raise error if isinstance(error, RecordError) else RecordError(str(error)) from error
    return value


def _cut(data: memoryview, lengths: list[int]) -> list[bytes]:
    ends = np.cumsum([0, *lengths]).tolist()
    if ends[-1] != len(data):
        raise RecordError(f"{len(data)} bytes of blobs where {ends[-1]} were announced")
    return [bytes(data[start:end]) for start, end in pairwise(ends)]


def _plain(value: Any, blobs: list[bytes]) -> Any:
    """What JSON can say of a value; bytes and arrays become numbers of blobs."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, bytes):
        blobs.append(value)
        return len(blobs) - 1
    if isinstance(value, np.ndarray):
        blobs.append(_packed(value))
        return [value.dtype.str, value.shape, len(blobs) - 1]
    if isinstance(value, slice):
        return [value.start, value.stop]
    if isinstance(value, Mapping):
        return [[_plain(key, blobs), _plain(item, blobs)] for key, item in value.items()]
    if isinstance(value, AbstractSet):
        return [_plain(item, blobs) for item in sorted(value)]
    if isinstance(value, tuple | list):
        return [_plain(item, blobs) for item in value]
    fields = {name: _plain(getattr(value, name), blobs) for name in _hints(value.__class__)}
    return {_TYPE: type(value).__name__, **fields}


def _built(hint: Any, plain: Any, blobs: list[bytes]) -> Any:
    """The value that ``plain`` stands for where ``hint`` is expected."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return None if plain is None else _built(_member(arguments, plain), plain, blobs)
    if dataclasses.is_dataclass(hint):
        return _object(hint, plain, blobs)
    if hint is bytes:
        return blobs[plain]
    if origin is np.ndarray:
        dtype, shape, blob = plain
        return _unpacked(dtype, shape, blobs[blob])
    if hint is slice:
        return slice(*plain)
    if origin is tuple:
        return _tuple(arguments, plain, blobs)
    if origin in (list, frozenset, set):
        return origin(_built(arguments[0], item, blobs) for item in plain)
    if origin in (dict, Mapping):
        return {_built(arguments[0], key, blobs): _built(arguments[1], item, blobs) for key, item in plain}
    if origin is typing.Literal:
        return arguments[arguments.index(plain)]
    return _scalar(hint, plain)


def _scalar(hint: Any, plain: Any) -> Any:
    """A string, a number, a truth or a member of an enumeration, and nothing that merely turns into one."""
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(plain)
    accepted = (int, float) if hint is float else hint
    if not isinstance(plain, accepted) or (isinstance(plain, bool) and hint is not bool):
        raise RecordError(f"{hint} expected, got {type(plain).__name__}")
    return hint(plain)


def _object(kind: Any, plain: Any, blobs: list[bytes]) -> Any:
    if plain[_TYPE] != kind.__name__:
        raise RecordError(f"{kind.__name__} expected, got {plain[_TYPE]}")
    hints = _hints(kind)
    return kind(**{name: _built(hints[name], item, blobs) for name, item in plain.items() if name in hints})


def _tuple(arguments: tuple[Any, ...], plain: list[Any], blobs: list[bytes]) -> tuple[Any, ...]:
    if arguments[-1] is Ellipsis:
        return tuple(_built(arguments[0], item, blobs) for item in plain)
    return tuple(_built(hint, item, blobs) for hint, item in zip(arguments, plain, strict=True))


def _member(arguments: tuple[Any, ...], plain: Any) -> Any:
    """The one of several types that a value is of: the class it names, or the only plain type."""
    named = plain.get(_TYPE) if isinstance(plain, dict) else None
    others = [hint for hint in arguments if hint is not type(None)]
    fitting = [hint for hint in others if named is None or getattr(hint, "__name__", None) == named]
    if len(fitting) != 1:
        raise RecordError(f"{named or type(plain).__name__} is none of {others}")
    return fitting[0]


@cache
def _hints(kind: Any) -> dict[str, Any]:
    """The annotations of the fields that a dataclass is made with."""
    hints = typing.get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind) if field.init}


def _packed(array: np.ndarray[Any, Any]) -> bytes:
    bits = np.packbits(array) if array.dtype == bool else np.ascontiguousarray(array)
    return zlib.compress(bits.tobytes(), 1)


def _unpacked(dtype: str, shape: list[int], packed: bytes) -> np.ndarray[Any, Any]:
    data = zlib.decompress(packed)
    if np.dtype(dtype) != bool:
        return np.frombuffer(data, np.dtype(dtype)).reshape(shape).copy()
    return np.unpackbits(np.frombuffer(data, np.uint8), count=int(np.prod(shape))).astype(bool).reshape(shape)
