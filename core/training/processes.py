"""The processes that train together: one, or as many as ``torchrun`` started."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from core.messages import StudioError

PATIENCE = timedelta(hours=6)  # the others wait while the first validates and calibrates


@dataclass(frozen=True, slots=True)
class Processes:
    """This process's number among ``count``; only the first writes."""

    rank: int = 0
    count: int = 1

    @property
    def is_first(self) -> bool:
        """True for the one that writes."""
        return self.rank == 0

    def mean(self, values: Tensor) -> Tensor:
        """The mean of every process's values; a new tensor."""
        if self.count == 1:
            return values
        values = values.clone()
        dist.all_reduce(values)
        return values / self.count

    def spread(self, model: nn.Module) -> nn.Module:
        """A model whose gradients are the mean over all processes; all begin with the first's weights."""
        if self.count == 1:
            return model
        device = next(model.parameters()).device
        return DistributedDataParallel(model, device_ids=[device] if device.type == "cuda" else None)

    def wait(self) -> None:
        """Until all are here."""
        if self.count > 1:
            dist.barrier()

    def shares(self, batch_size: int, parts: int) -> None:
        """Raises StudioError where a batch cannot be shared in equal parts."""
        if batch_size % (self.count * parts):
            raise StudioError("error.batch_shares", batch=batch_size, processes=self.count, parts=parts)


ALONE = Processes()


def own_device(device: torch.device) -> torch.device:
    """The device of this process: with several, each has its own GPU."""
    if device.type != "cuda" or "LOCAL_RANK" not in os.environ:
        return device
    return torch.device("cuda", int(os.environ["LOCAL_RANK"]) % torch.cuda.device_count())


@contextmanager
def joined(device: torch.device) -> Iterator[Processes]:
    """The processes that ``torchrun`` started, told by its environment; without it, this one alone."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield ALONE
        return
    options: dict[str, Any] = {}
    if device.type == "cuda":
        torch.cuda.set_device(device)
        options["device_id"] = device
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo", timeout=PATIENCE, **options)
    try:
        yield Processes(dist.get_rank(), dist.get_world_size())
    finally:
        dist.destroy_process_group()
