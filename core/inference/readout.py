"""A network's output for one picture in the terms of a :class:`Prediction`."""

from typing import TypeAlias

import torch
from torch import Tensor

from core.model import MaskFormerOutput, PerPixelOutput

# Class logits (Q, K + 1), mask logits (Q, h, w), mask embeddings (Q, C), pixel embeddings (C, h, w)
Tensors: TypeAlias = tuple[Tensor, Tensor, Tensor, Tensor]


def read_out(output: MaskFormerOutput | PerPixelOutput) -> Tensors:
    """The first picture of a batch, in float32 on the output's device."""
    return _of_pixels(output) if isinstance(output, PerPixelOutput) else _of_masks(output)


def _of_masks(output: MaskFormerOutput) -> Tensors:
    """Masks are multiplied out in float32, whatever the network computed in."""
    class_logits, mask_embeddings = output.class_logits[0].float(), output.mask_embeddings[0].float()
    pixel_embeddings = output.pixel_embeddings[0].float()
    mask_logits = torch.einsum("qc,chw->qhw", mask_embeddings, pixel_embeddings)  # (Q, h, w)
    return class_logits, mask_logits, mask_embeddings, pixel_embeddings


def _of_pixels(output: PerPixelOutput) -> Tensors:
    """Query k is class k for certain and has no embedding of its own; its mask logits are log-probabilities.

    They rank as the class logits do, interpolated or not: the two differ by the same amount for all classes of a cell.
    """
    mask_logits = output.class_logits[0].float().log_softmax(dim=0)  # (K, h, w)
    pixel_embeddings = output.pixel_embeddings[0].float()
    classes = len(mask_logits)
    class_logits = torch.eye(classes, classes + 1, device=mask_logits.device).log()  # 0 for itself, else -inf
    return class_logits, mask_logits, pixel_embeddings.new_zeros(classes, len(pixel_embeddings)), pixel_embeddings
