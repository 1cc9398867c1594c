"""Which device computes, and how to know that its memory is full."""

import torch

from core.messages import StudioError

DEVICES = ("auto", "cpu", "cuda", "mps")


def choose_device(name: str = "auto") -> torch.device:
    """The named device; ``auto`` takes CUDA, else MPS, else the CPU.

    Raises:
        StudioError: this computer has no such device.
    """
    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return torch.device(next(kind for kind, is_here in present.items() if is_here))
    if not present.get(name.partition(":")[0], False):
        known = ", ".join(kind for kind, is_here in present.items() if is_here)
        raise StudioError("error.device_missing", device=name, known=known)
    return torch.device(name)


def is_out_of_memory(error: RuntimeError) -> bool:
    """True for CUDA's own exception type and for MPS's plain RuntimeError."""
    return isinstance(error, torch.OutOfMemoryError) or "out of memory" in str(error).lower()
