"""Named tensors in files, read one at a time, and filling a network with them."""

import json
import pickle
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import safetensors
import torch
from torch import Tensor, nn

from core.messages import Sentence, Sentences, StudioError

BATCH_COUNTER = "num_batches_tracked"  # batch norm counts its training steps: no weight
INDEX_SUFFIX = ".index.json"
WRAPPERS = ("model", "state_dict")  # where training scripts keep the weights inside a torch file

_UNREADABLE = (OSError, EOFError, RuntimeError, ValueError, KeyError, pickle.UnpicklingError)


class Tensors(Protocol):
    """A source of named tensors. Nothing is read before it is asked for."""

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every tensor by name."""
        ...

    def read(self, name: str) -> Tensor:
        """One tensor on the CPU, in the type in which it is stored."""
        ...


@dataclass(frozen=True, slots=True)
class Share:
    """The ``part``-th of ``of`` equal slices along the first axis of a stored tensor (fused query, key and value)."""

    name: str
    part: int = 0
    of: int = 1


class TensorTable:
    """Tensors in memory; mapped files stay on the disk until one is read."""

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        self._tensors = tensors

    def shapes(self) -> dict[str, tuple[int, ...]]:
        return {name: tuple(tensor.shape) for name, tensor in self._tensors.items()}

    def read(self, name: str) -> Tensor:
        return self._tensors[name]


class SafetensorsFile:
    """One ``.safetensors`` file.

    Raises:
        StudioError: the file is damaged.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._file: Any = safetensors.safe_open(path, framework="pt")
        except (safetensors.SafetensorError, OSError) as error:
            raise StudioError("error.checkpoint_bad_file", file=path.name, reason=error) from error

    def shapes(self) -> dict[str, tuple[int, ...]]:
        return {name: tuple(self._file.get_slice(name).get_shape()) for name in self._file.keys()}  # noqa: SIM118 (not a mapping)

    def read(self, name: str) -> Tensor:
        tensor: Tensor = self._file.get_tensor(name)
        return tensor


class Shards:
    """Tensors spread over several files."""

    def __init__(self, parts: Iterable[Tensors]) -> None:
        self._shapes: dict[str, tuple[int, ...]] = {}
        self._home: dict[str, Tensors] = {}
        for part in parts:
            shapes = part.shapes()
            self._shapes |= shapes
            self._home |= dict.fromkeys(shapes, part)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        return self._shapes

    def read(self, name: str) -> Tensor:
        return self._home[name].read(name)


def open_tensors(path: Path) -> Tensors:
    """A ``.safetensors`` file, a torch file, or the ``.index.json`` that names the files of either kind.

    Raises:
        StudioError: a file is missing or damaged, or holds something else than tensors.
    """
    if path.name.endswith(INDEX_SUFFIX):
        return Shards(open_tensors(part) for part in _parts(path))
    if not path.is_file():
        raise StudioError("error.checkpoint_missing_file", name=path.parent.name, file=path.name)
    return SafetensorsFile(path) if path.suffix == ".safetensors" else TensorTable(read_torch_file(path))


def read_torch_file(path: Path) -> dict[str, Tensor]:
    """The tensors of a file that ``torch.save`` wrote, mapped from the disk; its pickle may only build tensors.

    Raises:
        StudioError: the file is damaged, names anything but plain values and tensors, or holds no named tensors.
    """
    try:
        loaded = _load(path)
    except _UNREADABLE as error:
        raise StudioError("error.checkpoint_bad_file", file=path.name, reason=_reason(error)) from error
    weights = next((loaded[key] for key in WRAPPERS if isinstance(loaded, Mapping) and key in loaded), loaded)
    if not isinstance(weights, Mapping) or not all(isinstance(value, Tensor) for value in weights.values()):
        raise StudioError("error.checkpoint_no_tensors", file=path.name)
    return dict(weights)


def wanted(model: nn.Module) -> dict[str, Tensor]:
    """Every tensor of a network that a checkpoint must bring."""
    return {name: value for name, value in model.state_dict().items() if not name.endswith(BATCH_COUNTER)}


@torch.no_grad()
def fill(
    model: nn.Module, tensors: Tensors, shares: Mapping[str, Share], *, name: str, ignored: Collection[str] = ()
) -> None:
    """Copies stored tensors into ``model``, one at a time; ``shares`` says where each of its tensors comes from.

    Raises:
        StudioError: the tensors do not fit (all that do not are named), or one is of other than finite floating-point
            numbers.
    """
    refuse_misfits(model, tensors, shares, name=name, ignored=ignored)
    for ours, target in wanted(model).items():
        share = shares[ours]
        source = tensors.read(share.name)
        if not source.is_floating_point():
            problem = Sentence("error.tensor_kind", tensor=share.name, kind=str(source.dtype).removeprefix("torch."))
            raise StudioError("error.checkpoint_tensors", name=name, problems=problem)
        target.copy_(source.chunk(share.of)[share.part])
        if not all(end.isfinite() for end in target.aminmax()):  # without a copy of the tensor
            problem = Sentence("error.tensor_not_finite", tensor=share.name)
            raise StudioError("error.checkpoint_tensors", name=name, problems=problem)


def refuse_misfits(
    model: nn.Module, tensors: Tensors, shares: Mapping[str, Share], *, name: str, ignored: Collection[str] = ()
) -> None:
    """Looks at names and shapes only: ``model`` may stand on the meta device, without memory.

    Stored tensors may be there unread whose name, or the last part of it, stands in ``ignored``.

    Raises:
        StudioError: tensors are missing, unexpected or mis-shaped; all are named, as the file names them.
    """
    passed_over = {BATCH_COUNTER, *ignored}
    shapes = tensors.shapes()
    stored = {key: shapes[key] for key in shapes if passed_over.isdisjoint((key, key.rpartition(".")[2]))}
    problems = _problems(wanted(model), stored, shares)
    if problems:
        raise StudioError("error.checkpoint_tensors", name=name, problems=Sentences(tuple(problems)))


def _problems(
    targets: Mapping[str, Tensor], stored: Mapping[str, tuple[int, ...]], shares: Mapping[str, Share]
) -> list[Sentence]:
    expected = {shares[ours].name: _whole(target, shares[ours]) for ours, target in targets.items()}
    missing = [Sentence("error.tensor_missing", tensor=key) for key in expected if key not in stored]
    unexpected = [Sentence("error.tensor_unexpected", tensor=key) for key in stored if key not in expected]
    misshaped = [
        Sentence("error.tensor_shape", tensor=key, found=stored[key], expected=shape)
        for key, shape in expected.items()
        if key in stored and stored[key] != shape
    ]
    return sorted(missing + unexpected + misshaped, key=str)


def _whole(target: Tensor, share: Share) -> tuple[int, ...]:
    """The shape of the stored tensor of which ``target`` is a share."""
    return (target.shape[0] * share.of, *target.shape[1:]) if share.of > 1 else tuple(target.shape)


def _parts(index: Path) -> list[Path]:
    """The files that an index names: they lie beside it."""
    try:
        described: dict[str, Any] = json.loads(index.read_text(encoding="utf-8"))
        names = sorted(set(described["weight_map"].values()))
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise StudioError("error.checkpoint_bad_file", file=index.name, reason=error) from error
    outside = [name for name in names if not isinstance(name, str) or Path(name).name != name]
    if outside:
        raise StudioError(
            "error.checkpoint_bad_file", file=index.name, reason=Sentence("error.reason_outside", path=outside[0])
        )
    return [index.parent / name for name in names]


def _load(path: Path) -> Any:
    try:
        return torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except RuntimeError as error:
        if "mmap" not in str(error):
            raise
    return torch.load(path, map_location="cpu", weights_only=True)  # torch's format before 1.6 cannot be mapped


def _reason(error: BaseException) -> Sentence | str:
    """What torch says, in one line: the forbidden name where there is one, else its first sentence."""
    forbidden = re.search(r"GLOBAL (\S+)", str(error))
    if forbidden:
        return Sentence("error.reason_forbidden", what=forbidden[1])
    return (str(error).strip().splitlines() or [type(error).__name__])[0].partition(". ")[0].rstrip(".")
