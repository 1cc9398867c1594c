"""The click head's weights: half precision in a safetensors file, the bundled ones by default."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor

from core.files import write_atomically
from core.messages import StudioError
from core.refinement.head import ClickHead

BUNDLED = Path(__file__).resolve().parents[2] / "assets" / "checkpoints" / "refinement" / "model.safetensors"


def save_head(path: Path, weights: Mapping[str, Tensor]) -> None:
    """Writes the whole file or none of it."""
    halves = {name: tensor.detach().half().contiguous() for name, tensor in weights.items()}
    write_atomically(path, save(halves))


@cache
def load_head(path: Path = BUNDLED) -> ClickHead:
    """A head in single precision, ready to answer; the same file is read once.

    Raises:
        StudioError: the file is not there, or is no head of this shape.
    """
    head = ClickHead()
    try:
        head.load_state_dict({name: tensor.float() for name, tensor in load_file(path).items()})
    except (OSError, SafetensorError, RuntimeError) as error:
        raise StudioError("error.no_head", file=path) from error
    return head.eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]  # torch's stubs
