"""Reading a pickle of numpy arrays without obeying it: nothing that it names is ever imported or called.

A small machine follows the pickle's instructions. It knows dictionaries, lists, tuples, text, numbers and what
:mod:`core.checkpoints.pickled_arrays` knows; whatever else a pickle asks for is refused by name.
"""

import pickletools
from collections.abc import Callable
from io import BufferedReader, FileIO
from pathlib import Path
from typing import Any

from core.checkpoints.pickled_arrays import ForbiddenError, Span, allowed_name, call, give_state
from core.files import shown_name
from core.messages import StudioError

MOST_INSTRUCTIONS = 200_000  # the published network with the most tensors needs some 20 000
LONGEST_TEXT = 4096  # longer text stays in the file: before protocol 3, numpy wrote the bytes of an array as text

# Instructions whose datum stands in the file, and how many bytes tell its length.
DATA = {
    "SHORT_BINBYTES": 1,
    "BINBYTES": 4,
    "BINBYTES8": 8,
    "BYTEARRAY8": 8,
    "SHORT_BINSTRING": 1,
    "BINSTRING": 4,
    "SHORT_BINUNICODE": 1,
    "BINUNICODE": 4,
    "BINUNICODE8": 8,
}
BINARY_TEXT = {"SHORT_BINSTRING", "BINSTRING"}  # Python 2's text: one byte a character


def read_pickle(path: Path) -> Any:
    """What a pickle holds, with a :class:`~core.checkpoints.pickled_arrays.StoredArray` in the place of every array.

    Raises:
        StudioError: the file is empty or damaged, or asks for anything but numpy arrays.
    """
    file = shown_name(path.name)
    try:
        with _Contained(path) as stream:
            return _Machine(stream).run()
    except ForbiddenError as error:
        raise StudioError("error.pickle_forbidden", file=file, what=shown_name(str(error)[:200])) from error
    except OSError as error:
        raise StudioError("error.checkpoint_bad_file", file=file, reason=error.strerror or error) from error
    except (ValueError, IndexError, KeyError, TypeError) as error:
        raise StudioError("error.pickle_damaged", file=file) from error


class _Contained(BufferedReader):
    """A file that sets no memory aside for more bytes than it has."""

    def __init__(self, path: Path) -> None:
        super().__init__(FileIO(path))
        self._size = path.stat().st_size

    def read(self, size: int | None = -1, /) -> bytes:
        left = self._size - self.tell()
        return super().read(left if size is None else min(size, left))


class _Machine:
    """The stack, the marks and the memo, as the source of :mod:`pickletools` explains them."""

    def __init__(self, file: _Contained) -> None:
        self._file = file
        self.stack: list[Any] = []
        self._below: list[list[Any]] = []  # the stacks under each mark
        self._memo: dict[int, Any] = {}

    def run(self) -> Any:
        for number, (instruction, argument, place) in enumerate(pickletools.genops(self._file)):
            if number == MOST_INSTRUCTIONS:
                raise ForbiddenError(f"more than {MOST_INSTRUCTIONS} instructions")
            self._follow(instruction.name, argument, place or 0)
        return self.stack.pop()

    def _follow(self, instruction: str, argument: Any, place: int) -> None:
        if instruction not in ACTIONS:
            called = argument.replace(" ", ".") if instruction == "INST" else ""
            raise ForbiddenError(called or f"the instruction {instruction}")
        if instruction in DATA:
            argument = self._datum(instruction, argument, place + 1 + DATA[instruction])
        ACTIONS[instruction](self, argument)

    def _datum(self, instruction: str, datum: str | bytes, start: int) -> str | Span:
        """Short text is a name or a comment; the rest may be an array's numbers, and stays where it is."""
        if isinstance(datum, str) and len(datum) <= LONGEST_TEXT:
            return datum
        is_text = isinstance(datum, str) and instruction not in BINARY_TEXT
        return Span(start, self._file.tell() - start, len(datum), is_text)

    def push(self, value: Any) -> None:
        self.stack.append(value)

    def pop(self, count: int) -> tuple[Any, ...]:
        items = [self.stack.pop() for _ in range(count)]
        return tuple(reversed(items))

    def mark(self) -> None:
        self._below.append(self.stack)
        self.stack = []

    def since_mark(self) -> list[Any]:
        items, self.stack = self.stack, self._below.pop()
        return items

    def append(self, items: list[Any]) -> None:
        """More items for the list on top of the stack."""
        target = self.stack[-1]
        if not isinstance(target, list):
            raise TypeError
        target.extend(items)

    def set(self, items: list[Any]) -> None:
        """Keys and values in turn for the dictionary on top of the stack."""
        target = self.stack[-1]
        if not isinstance(target, dict) or not all(isinstance(key, str | int) for key in items[::2]):
            raise TypeError
        target.update(zip(items[::2], items[1::2], strict=True))

    def remember(self, index: int | None) -> None:
        self._memo[len(self._memo) if index is None else index] = self.stack[-1]

    def recall(self, index: int) -> None:
        self.stack.append(self._memo[index])

    def name_on_stack(self) -> None:
        module, attribute = self.pop(2)
        if not isinstance(module, str) or not isinstance(attribute, str):
            raise TypeError
        self.push(allowed_name(f"{module}.{attribute}"))

    def give_state(self) -> None:
        (state,) = self.pop(1)
        give_state(self.stack[-1], state)


def _dictionary(machine: _Machine) -> None:
    items = machine.since_mark()
    machine.push({})
    machine.set(items)


ACTIONS: dict[str, Callable[[_Machine, Any], object]] = {
    **dict.fromkeys(("PROTO", "FRAME", "STOP"), lambda machine, argument: None),
    **dict.fromkeys(DATA, _Machine.push),
    **dict.fromkeys(("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4"), _Machine.push),
    **dict.fromkeys(("FLOAT", "BINFLOAT", "STRING", "UNICODE"), _Machine.push),
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"), _Machine.remember),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), _Machine.recall),
    "NONE": lambda machine, _: machine.push(None),
    "NEWTRUE": lambda machine, _: machine.push(True),
    "NEWFALSE": lambda machine, _: machine.push(False),
    "EMPTY_TUPLE": lambda machine, _: machine.push(()),
    "EMPTY_LIST": lambda machine, _: machine.push([]),
    "EMPTY_DICT": lambda machine, _: machine.push({}),
    "TUPLE1": lambda machine, _: machine.push(machine.pop(1)),
    "TUPLE2": lambda machine, _: machine.push(machine.pop(2)),
    "TUPLE3": lambda machine, _: machine.push(machine.pop(3)),
    "MARK": lambda machine, _: machine.mark(),
    "TUPLE": lambda machine, _: machine.push(tuple(machine.since_mark())),
    "LIST": lambda machine, _: machine.push(machine.since_mark()),
    "DICT": lambda machine, _: _dictionary(machine),
    "POP": lambda machine, _: machine.pop(1),
    "POP_MARK": lambda machine, _: machine.since_mark(),
    "DUP": lambda machine, _: machine.push(machine.stack[-1]),
    "APPEND": lambda machine, _: machine.append(list(machine.pop(1))),
    "SETITEM": lambda machine, _: machine.set(list(machine.pop(2))),
    "APPENDS": lambda machine, _: machine.append(machine.since_mark()),
    "SETITEMS": lambda machine, _: machine.set(machine.since_mark()),
    "GLOBAL": lambda machine, argument: machine.push(allowed_name(argument.replace(" ", "."))),
    "STACK_GLOBAL": lambda machine, _: machine.name_on_stack(),
    "REDUCE": lambda machine, _: machine.push(call(*machine.pop(2))),
    "BUILD": lambda machine, _: machine.give_state(),
}
