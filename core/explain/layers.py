"""How queries come to be what they are: the heads' verdict after every decoder layer, and where each layer looks.

Deep supervision trains the same heads on every layer's normed state (the paper's section 3.3, after DETR), so each
layer's classes and masks are predictions in their own right; the last layer's are the result.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.inference import Geometry, Prediction, Predictor
from core.messages import StudioError
from core.model import MaskFormer, MaskFormerOutput, Network
from core.model.attention import Attention
from core.model.transformer_decoder import DecoderLayer

STAYS = 0.9  # IoU with the final mask from which a mask counts as settled


@dataclass(frozen=True, slots=True)
class CrossAttention:
    """What one decoder layer compares: (heads, Q, d) and (heads, M, d), M = H' x W' places of the memory."""

    queries: Tensor
    keys: Tensor

    def weights(self, query: int) -> Tensor:
        """(heads, M) how much of each place the query takes in, 1 in all in each head."""
        scores = torch.einsum("hmd,hd->hm", self.keys, self.queries[:, query])
        weights: Tensor = (scores * self.keys.shape[-1] ** -0.5).softmax(dim=-1)
        return weights


@dataclass(frozen=True, eq=False)
class LayerTrail:
    """All queries of one picture after each of L predictions, float32 on the CPU.

    Attributes:
        class_logits: (L, Q, K + 1).
        mask_embeddings: (L, Q, C).
        attention: one for each decoder layer: the last L, or all where the first prediction stands before any layer.
        memory: where the memory's places lie in the picture.
        iou: (L, Q) of each mask with the last layer's, on the grid of the pixel embeddings.
    """

    class_logits: Tensor
    mask_embeddings: Tensor
    attention: tuple[CrossAttention, ...]
    memory: Geometry
    iou: Tensor

    def __len__(self) -> int:
        return len(self.class_logits)

    @property
    def beginnings(self) -> int:
        """Predictions before the first decoder layer: 1 where queries start at seeds."""
        return len(self) - len(self.attention)

    @property
    def class_probs(self) -> Tensor:
        """(L, Q, K + 1)."""
        return self.class_logits.softmax(dim=-1)

    @property
    def verdicts(self) -> Tensor:
        """(L, Q) most probable entry, K = no object."""
        return self.class_logits.argmax(dim=-1)

    @property
    def settled(self) -> Tensor:
        """(Q,) the first prediction from which on the verdict is the last one's and the IoU at least ``STAYS``."""
        stands = (self.verdicts == self.verdicts[-1]) & (self.iou >= STAYS)
        return len(self) - stands.flip(0).int().cumprod(dim=0).sum(dim=0)

    def mask_logits(self, query: int, prediction: Prediction) -> Tensor:
        """(L, h, w) of one query on the padded grid of the prediction."""
        return torch.einsum("lc,chw->lhw", self.mask_embeddings[:, query], prediction.pixel_embeddings)

    def attention_maps(self, layer: int, query: int) -> Tensor:
        """(heads, H', W') of one decoder layer, padding included."""
        weights = self.attention[layer].weights(query)
        return weights.view(len(weights), *self.memory.grid_hw)

    @property
    def nbytes(self) -> int:
        """Memory that a cache must count."""
        held = [self.class_logits, self.mask_embeddings, self.iou]
        held += [tensor for layer in self.attention for tensor in (layer.queries, layer.keys)]
        return sum(tensor.nbytes for tensor in held)


def follow_layers(predictor: Predictor, image: NDArray[np.uint8], prediction: Prediction) -> LayerTrail:
    """Runs the network once more on a predicted picture (H, W, 3) uint8, and looks on.

    Raises:
        StudioError: the network has no queries.
    """
    if predictor.checkpoint.is_per_pixel:
        raise StudioError("error.explain_no_queries")
    output, seen = predictor.observe(image, prediction.geometry, _watch)
    class_logits = torch.stack([layer.class_logits[0].float().cpu() for layer in output.layers])
    mask_embeddings = torch.stack([layer.mask_embeddings[0].float().cpu() for layer in output.layers])
    geometry = prediction.geometry
    return LayerTrail(
        class_logits=class_logits,
        mask_embeddings=mask_embeddings,
        attention=tuple(seen),
        memory=Geometry(
            geometry.picture_hw, geometry.resized_hw, geometry.padded_hw, predictor.checkpoint.config.memory_stride
        ),
        iou=_iou_with_last(mask_embeddings, prediction),
    )


def _watch(network: Network, images: Tensor) -> tuple[MaskFormerOutput, list[CrossAttention]]:
    assert isinstance(network, MaskFormer)
    with _Onlooker.on(network) as onlooker:
        output: MaskFormerOutput = network(images)
    return output, onlooker.seen


class _Onlooker:
    """Notes what the cross-attention of each decoder layer is asked, in their order."""

    def __init__(self) -> None:
        self.seen: list[CrossAttention] = []

    @classmethod
    @contextmanager
    def on(cls, network: MaskFormer) -> Iterator[Self]:
        """Looks on for as long as the context lasts."""
        onlooker = cls()
        layers = [layer for layer in network.transformer_decoder.layers if isinstance(layer, DecoderLayer)]
        hooks = [layer.cross_attention.register_forward_pre_hook(onlooker._note) for layer in layers]
        try:
            yield onlooker
        finally:
            for hook in hooks:
                hook.remove()

    def _note(self, attention: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        assert isinstance(attention, Attention)
        queries, keys = attention.projected(*inputs[:2])
        self.seen.append(CrossAttention(queries[0].float().cpu(), keys[0].float().cpu()))


def _iou_with_last(mask_embeddings: Tensor, prediction: Prediction) -> Tensor:
    """(L, Q); two masks without a cell are alike."""
    height, width = prediction.geometry.inner_hw
    pixels = prediction.pixel_embeddings[:, :height, :width].flatten(1)
    last = (mask_embeddings[-1] @ pixels >= 0).float()  # (Q, n)
    found = []
    for embeddings in mask_embeddings:
        mask = (embeddings @ pixels >= 0).float()
        common = torch.linalg.vecdot(mask, last)
        union = mask.sum(dim=1) + last.sum(dim=1) - common
        found.append(torch.where(union > 0, common / union.clamp(min=1), 1.0))
    return torch.stack(found)
