"""The paper's rules restated slowly: every mask at the picture's size, one plain step after the other."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import interpolate

from core.inference import Geometry, Prediction
from core.types import Category, Fate, PanopticResult, Taxonomy

TIE = 1e-5  # probabilities nearer than this may be ordered either way by single precision


def taxonomy(things: int = 2, stuff: int = 2) -> Taxonomy:
    kinds = [True] * things + [False] * stuff
    return Taxonomy("drawn", tuple(Category(10 * i + 7, f"class {i}", k, (i, i, i)) for i, k in enumerate(kinds)))


def random_prediction(
    seed: int, geometry: Geometry, queries: int = 12, classes: Taxonomy | None = None, smooth: int = 4
) -> Prediction:
    """Random blobs: noise on a grid ``smooth`` times coarser, enlarged; some queries are confident, some are not."""
    random = torch.Generator().manual_seed(seed)
    classes = classes or taxonomy()
    height, width = geometry.grid_hw
    noise = torch.randn(1, queries, -(-height // smooth) + 1, -(-width // smooth) + 1, generator=random) * 4
    return Prediction(
        class_logits=torch.randn(queries, len(classes) + 1, generator=random) * 3,
        mask_logits=interpolate(noise, size=(height, width), mode="bicubic", align_corners=False)[0].contiguous(),
        mask_embeddings=torch.randn(queries, 8, generator=random),
        pixel_embeddings=torch.randn(8, height, width, generator=random),
        geometry=geometry,
        taxonomy=classes,
    )


def sharp_prediction(seed: int, geometry: Geometry, queries: int, classes: Taxonomy, smooth: int) -> Prediction:
    """Blobs that leave each cell to about one query, as a trained model's masks do."""
    prediction = random_prediction(seed, geometry, queries, classes, smooth)
    first, second = prediction.mask_logits.topk(2, dim=0).values
    is_first = prediction.mask_logits == first
    margins = torch.where(is_first, first - second, prediction.mask_logits - first) * 4
    prediction.mask_logits.copy_(margins.clamp(-15, 12))
    return prediction


def upsampled(prediction: Prediction) -> NDArray[np.float64]:
    """(Q, H, W) mask logits by the textbook formula in double precision, one pixel row and column at a time."""
    logits = prediction.mask_logits.double().numpy()
    sizes, scales = prediction.geometry.picture_hw, prediction.geometry.scale_hw
    for axis, (pixels, scale) in enumerate(zip(sizes, scales, strict=True), start=1):
        lines = []
        for pixel in range(pixels):
            position = min(max((pixel + 0.5) * scale - 0.5, 0.0), logits.shape[axis] - 1.0)
            before = int(position)
            after = min(before + 1, logits.shape[axis] - 1)
            share = position - before
            lines.append(logits.take(before, axis) * (1 - share) + logits.take(after, axis) * share)
        logits = np.stack(lines, axis)
    return logits


def sigmoid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1 / (1 + np.exp(-values))


def strengths(prediction: Prediction, kept: list[int]) -> NDArray[np.float64]:
    """(k, H, W) p(class) x mask probability."""
    return prediction.scores[kept].double().numpy()[:, None, None] * sigmoid(upsampled(prediction)[kept])


def kept_queries(prediction: Prediction, score_threshold: float, off: frozenset[int] = frozenset()) -> list[int]:
    best = prediction.class_logits.softmax(-1).max(-1)
    no_object = len(prediction.taxonomy)
    return [
        q
        for q, (p, k) in enumerate(zip(best.values.tolist(), best.indices.tolist(), strict=True))
        if q not in off and k != no_object and p > score_threshold
    ]


def check_panoptic(
    result: PanopticResult,
    prediction: Prediction,
    score_threshold: float,
    overlap_threshold: float,
    off: frozenset[int],
) -> None:
    """Asserts that a result follows the rules, allowing either order where two queries tie."""
    kept = kept_queries(prediction, score_threshold, off)
    assert {f.query for f in result.fates if f.fate in (Fate.OVERLAPPED, Fate.FUSED, Fate.SEGMENT)} == set(kept)
    assert {f.query for f in result.fates if f.fate is Fate.OFF} == set(off)
    expected = np.zeros(prediction.geometry.picture_hw, dtype=np.int32)
    if not kept:
        assert (result.panoptic_map == expected).all()
        return
    strength = strengths(prediction, kept)
    winner = strength.argmax(axis=0)
    ranked = np.sort(strength, axis=0)
    is_tie = ranked[-1] - ranked[-2] < TIE if len(kept) > 1 else np.zeros(winner.shape, dtype=bool)
    own = sigmoid(upsampled(prediction)[kept]) >= 0.5
    stuff: dict[int, int] = {}
    segments = 0
    for place, query in enumerate(kept):
        fate = result.fates[query]
        won = winner == place
        assert abs(fate.won_area - won.sum()) <= is_tie.sum()
        assert fate.mask_area == own[place].sum()
        if fate.won_area == 0 or fate.mask_area == 0 or fate.won_area / fate.mask_area < overlap_threshold:
            assert (fate.fate, fate.segment_id) == (Fate.OVERLAPPED, None)
            continue
        class_index = fate.class_index
        if class_index in stuff:
            assert (fate.fate, fate.segment_id) == (Fate.FUSED, stuff[class_index])
        else:
            segments += 1
            assert (fate.fate, fate.segment_id) == (Fate.SEGMENT, segments)
            if not prediction.taxonomy[class_index].is_thing:
                stuff[class_index] = segments
        expected[won] = fate.segment_id
    assert (result.panoptic_map == expected)[~is_tie].all()
    assert sorted(s.segment_id for s in result.segments) == list(range(1, segments + 1))
    for segment in result.segments:
        assert segment.area == (result.panoptic_map == segment.segment_id).sum() > 0
