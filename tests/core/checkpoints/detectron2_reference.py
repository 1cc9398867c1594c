"""The paper's networks, slow and plain, straight from a dictionary of tensors under detectron2's names.

For what transformers does not have: ResNet-101c, the transformer-encoder pixel decoder, the per-pixel baselines. The
attention is torch's own, whose parameters the paper's code keeps under torch's names (``in_proj_weight``, ``linear1``,
``norm1`` ...). A tensor comes into being, drawn at random, when it is first asked for: the same code writes the list
of tensors and computes with them.
"""

import pickle
from dataclasses import dataclass
from math import pi
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 (its usual name)


@dataclass(frozen=True)
class Reference:
    """Sizes of a network; see :class:`core.model.MaskFormerConfig`, :class:`core.model.ResNetSpec`."""

    depths: tuple[int, ...] = (1, 2, 1, 3)
    widths: tuple[int, ...] = (16, 24, 32, 48)
    stem: tuple[int, ...] = (8,)
    multi_grid: tuple[int, ...] = ()
    pixel_width: int = 32
    mask_channels: int = 20
    width: int = 32
    queries: int = 7
    classes: int = 5
    hidden: int = 40
    encoder_layers: int = 0
    decoder_layers: int = 2
    formulation: str = "mask"
    part: str = "pixel_decoder."


class Weights(dict[str, Tensor]):
    """Named tensors, drawn when first asked for."""

    def __init__(self, device: str = "cpu") -> None:
        super().__init__()
        self.device = device
        self.random = torch.Generator().manual_seed(5)

    def of(self, name: str, *shape: int, positive: bool = False) -> Tensor:
        if name not in self:
            if self.device == "meta":
                self[name] = torch.empty(shape, device="meta")
            else:
                drawn = torch.randn(shape, generator=self.random) / max(1, shape[-1] * shape[0]) ** 0.25
                self[name] = 0.5 + drawn.abs() if positive else drawn
        return self[name]

    def norm(self, name: str, width: int) -> tuple[Tensor, Tensor]:
        return self.of(f"{name}.weight", width, positive=True), self.of(f"{name}.bias", width)


BASE = Reference()
ENCODER = Reference(encoder_layers=2)
DEEP = Reference(stem=(8, 8, 12), multi_grid=(1, 2, 4))
PER_PIXEL = Reference(formulation="per_pixel")
PLUS = Reference(formulation="per_pixel_plus", queries=5)


def stored(folder: Path, weights: dict[str, Tensor], name: str = "model_final.pkl", **others: Any) -> Path:
    """A file as the paper's authors wrote theirs."""
    path = folder / name
    arrays = {key: tensor.numpy() for key, tensor in weights.items()}
    path.write_bytes(pickle.dumps({"model": arrays, "__author__": "somebody", **others}))
    return path


def drawn(size: Reference, images: Tensor) -> tuple[Weights, dict[str, Tensor]]:
    """Random weights for a network, and what it should compute."""
    weights = Weights()
    with torch.no_grad():
        return weights, forward(weights, size, images)


def forward(weights: Weights, size: Reference, images: Tensor) -> dict[str, Tensor]:
    """Pixel embeddings, mask logits, and class logits (of queries or, for the baselines, of pixels)."""
    features = _resnet(weights, size, images)
    pixel_embeddings, memory = _pixel_decoder(weights, size, features)
    if size.formulation == "per_pixel":
        classes = weights.of("sem_seg_head.predictor.weight", size.classes, size.mask_channels, 1, 1)
        logits = F.conv2d(pixel_embeddings, classes, weights.of("sem_seg_head.predictor.bias", size.classes))
        return {"pixel_embeddings": pixel_embeddings, "class_logits": logits}
    queries = _decoder(weights, size, memory)
    masks = torch.einsum("bqc,bchw->bqhw", _mask_embeddings(weights, size, queries), pixel_embeddings)
    if size.formulation == "per_pixel_plus":
        return {"pixel_embeddings": pixel_embeddings, "class_logits": masks}
    logits = _linear(weights, "sem_seg_head.predictor.class_embed", queries, size.classes + 1)
    return {"pixel_embeddings": pixel_embeddings, "class_logits": logits, "mask_logits": masks}


def _resnet(weights: Weights, size: Reference, x: Tensor) -> list[Tensor]:
    for number, width in enumerate(size.stem, start=1):
        kernel = 7 if len(size.stem) == 1 else 3
        x = F.relu(_conv_batch_norm(weights, f"backbone.stem.conv{number}", x, width, kernel, 2 if number == 1 else 1))
    x = F.max_pool2d(x, 3, 2, 1)
    features = []
    for stage, (depth, width) in enumerate(zip(size.depths, size.widths, strict=True)):
        for block in range(depth):
            stride = 2 if stage > 0 and block == 0 else 1
            dilation = size.multi_grid[block] if stage == 3 and size.multi_grid else 1
            x = _bottleneck(weights, f"backbone.res{stage + 2}.{block}", x, width, stride, dilation)
        features.append(x)
    return features


def _bottleneck(weights: Weights, name: str, x: Tensor, width: int, stride: int, dilation: int) -> Tensor:
    y = F.relu(_conv_batch_norm(weights, f"{name}.conv1", x, width // 4, 1))
    y = F.relu(_conv_batch_norm(weights, f"{name}.conv2", y, width // 4, 3, stride, dilation))
    y = _conv_batch_norm(weights, f"{name}.conv3", y, width, 1)
    if x.shape[1] != width:
        x = _conv_batch_norm(weights, f"{name}.shortcut", x, width, 1, stride)
    return F.relu(x + y)


def _conv_batch_norm(
    weights: Weights, name: str, x: Tensor, width: int, kernel: int, stride: int = 1, dilation: int = 1
) -> Tensor:
    filters = weights.of(f"{name}.weight", width, x.shape[1], kernel, kernel)
    x = F.conv2d(x, filters, None, stride, kernel // 2 * dilation, dilation)
    mean = weights.of(f"{name}.norm.running_mean", width)
    variance = weights.of(f"{name}.norm.running_var", width, positive=True)
    return F.batch_norm(x, mean, variance, *weights.norm(f"{name}.norm", width))


def _conv_group_norm(weights: Weights, name: str, x: Tensor, width: int, kernel: int) -> Tensor:
    x = F.conv2d(x, weights.of(f"{name}.weight", width, x.shape[1], kernel, kernel), padding=kernel // 2)
    return F.group_norm(x, 32, *weights.norm(f"{name}.norm", width))


def _conv(weights: Weights, name: str, x: Tensor, width: int, kernel: int) -> Tensor:
    filters = weights.of(f"{name}.weight", width, x.shape[1], kernel, kernel)
    return F.conv2d(x, filters, weights.of(f"{name}.bias", width), padding=kernel // 2)


def _pixel_decoder(weights: Weights, size: Reference, features: list[Tensor]) -> tuple[Tensor, Tensor]:
    head, memory = f"sem_seg_head.{size.part}", features[-1]
    if size.encoder_layers:
        memory = _encoder(weights, size, head, memory)
    y = F.relu(_conv_group_norm(weights, f"{head}layer_4", memory, size.pixel_width, 3))
    for number in (3, 2, 1):
        lateral = _conv_group_norm(weights, f"{head}adapter_{number}", features[number - 1], size.pixel_width, 1)
        y = lateral + F.interpolate(y, size=lateral.shape[-2:], mode="nearest")
        y = F.relu(_conv_group_norm(weights, f"{head}layer_{number}", y, size.pixel_width, 3))
    return _conv(weights, f"{head}mask_features", y, size.mask_channels, 3), memory


def _encoder(weights: Weights, size: Reference, head: str, x: Tensor) -> Tensor:
    x = _conv(weights, f"{head}input_proj", x, size.pixel_width, 1)
    places, hw = _positions(x), x.shape[-2:]
    x = x.flatten(2).permute(2, 0, 1)  # (H'W', B, D)
    for layer in range(size.encoder_layers):
        name = f"{head}transformer.encoder.layers.{layer}"
        x = _added(weights, f"{name}.norm1", x, _attend(weights, f"{name}.self_attn", x + places, x + places, x))
        x = _added(weights, f"{name}.norm2", x, _perceptron(weights, name, x, size.hidden))
    return x.permute(1, 2, 0).unflatten(2, hw)


def _decoder(weights: Weights, size: Reference, memory: Tensor) -> Tensor:
    predictor = "sem_seg_head.predictor"
    if memory.shape[1] != size.width:
        memory = _conv(weights, f"{predictor}.input_proj", memory, size.width, 1)
    keys = _positions(memory)
    memory = memory.flatten(2).permute(2, 0, 1)  # (H'W', B, D)
    query = weights.of(f"{predictor}.query_embed.weight", size.queries, size.width)[:, None]
    x = torch.zeros(size.queries, memory.shape[1], size.width, device=memory.device)
    for layer in range(size.decoder_layers):
        name = f"{predictor}.transformer.decoder.layers.{layer}"
        x = _added(weights, f"{name}.norm1", x, _attend(weights, f"{name}.self_attn", x + query, x + query, x))
        seen = _attend(weights, f"{name}.multihead_attn", x + query, memory + keys, memory)
        x = _added(weights, f"{name}.norm2", x, seen)
        x = _added(weights, f"{name}.norm3", x, _perceptron(weights, name, x, size.hidden))
    norm = f"{predictor}.transformer.decoder.norm"
    return F.layer_norm(x, (size.width,), *weights.norm(norm, size.width)).transpose(0, 1)  # (B, Q, D)


def _attend(weights: Weights, name: str, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    width = query.shape[-1]
    attention = nn.MultiheadAttention(width, 8, device=query.device)
    fused = {"in_proj_weight": (3 * width, width), "in_proj_bias": (3 * width,)}
    output = {"out_proj.weight": (width, width), "out_proj.bias": (width,)}
    attention.load_state_dict({leaf: weights.of(f"{name}.{leaf}", *shape) for leaf, shape in (fused | output).items()})
    attended: Tensor = attention.eval()(query, key, value, need_weights=False)[0]
    return attended


def _added(weights: Weights, norm: str, x: Tensor, y: Tensor) -> Tensor:
    return F.layer_norm(x + y, x.shape[-1:], *weights.norm(norm, x.shape[-1]))


def _perceptron(weights: Weights, name: str, x: Tensor, hidden: int) -> Tensor:
    return _linear(weights, f"{name}.linear2", F.relu(_linear(weights, f"{name}.linear1", x, hidden)), x.shape[-1])


def _mask_embeddings(weights: Weights, size: Reference, x: Tensor) -> Tensor:
    name = "sem_seg_head.predictor.mask_embed.layers"
    for number in (0, 1):
        x = F.relu(_linear(weights, f"{name}.{number}", x, size.width))
    return _linear(weights, f"{name}.2", x, size.mask_channels)


def _linear(weights: Weights, name: str, x: Tensor, width: int) -> Tensor:
    return F.linear(x, weights.of(f"{name}.weight", width, x.shape[-1]), weights.of(f"{name}.bias", width))


def _positions(x: Tensor) -> Tensor:
    """(H'W', 1, D): sines and cosines of y, then of x, each counted from 1 and scaled to 2 pi at the far side."""
    _, channels, height, width = x.shape
    powers = 10000.0 ** (torch.arange(channels // 4) * 4 / channels)
    halves = []
    for count in (height, width):
        angles = torch.arange(1, count + 1)[:, None] / (count + 1e-6) * 2 * pi / powers
        halves.append(torch.stack((angles.sin(), angles.cos()), dim=-1).flatten(1))  # (count, D / 2)
    rows = halves[0][:, None].expand(-1, width, -1)
    columns = halves[1][None].expand(height, -1, -1)
    return torch.cat((rows, columns), dim=-1).flatten(0, 1)[:, None].to(x.device)
