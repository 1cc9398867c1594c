"""The trail of a network: its last layer is the prediction, attention is what the layers used, and no hook stays."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core.explain.layers import STAYS, LayerTrail, follow_layers
from core.inference import Prediction, Predictor
from core.messages import StudioError
from core.model.attention import Attention
from core.model.waves import WAVE_CHANNELS
from tests.core.explain.networks import CONFIG, IMAGE, predictor_of

SEEDED = replace(CONFIG, seeds=5, mask_channels=WAVE_CHANNELS + 8, memory_stride=16)


@pytest.fixture(scope="module", params=[CONFIG, SEEDED], ids=["paper", "seeded"])
def followed(request: pytest.FixtureRequest) -> tuple[Predictor, Prediction, LayerTrail]:
    predictor = predictor_of(request.param)
    prediction = predictor.predict(IMAGE)
    return predictor, prediction, follow_layers(predictor, IMAGE, prediction)


def test_the_last_layer_is_the_prediction(followed: tuple[Predictor, Prediction, LayerTrail]) -> None:
    predictor, prediction, trail = followed
    seeds = predictor.checkpoint.config.seeds
    assert (len(trail), trail.beginnings) == (3 + bool(seeds), int(bool(seeds)))
    torch.testing.assert_close(trail.class_logits[-1], prediction.class_logits, atol=1e-5, rtol=0)
    for query in range(len(prediction)):
        last = trail.mask_logits(query, prediction)[-1]
        torch.testing.assert_close(last, prediction.mask_logits[query], atol=1e-4, rtol=0)
    assert (trail.iou[-1] == 1).all()


def test_layers_are_the_networks_own(followed: tuple[Predictor, Prediction, LayerTrail]) -> None:
    predictor, prediction, trail = followed
    output = predictor.observe(IMAGE, prediction.geometry, lambda network, images: network(images))
    for mine, layer in zip(trail.class_logits, output.layers, strict=True):
        torch.testing.assert_close(mine, layer.class_logits[0])
    different = [not torch.allclose(trail.class_logits[-1], layer) for layer in trail.class_logits[:-1]]
    assert all(different)


@torch.inference_mode()
def test_attention_is_what_the_layers_took_in(followed: tuple[Predictor, Prediction, LayerTrail]) -> None:
    """Values weighted by it are what the module gave."""
    predictor, prediction, trail = followed
    seen: list[tuple[torch.Tensor, torch.Tensor, Attention]] = []

    def watch(network: torch.nn.Module, images: torch.Tensor) -> None:
        hooks = [
            layer.cross_attention.register_forward_hook(
                lambda module, inputs, output: seen.append((inputs[2][0], output[0], module))
            )
            for layer in network.transformer_decoder.layers
        ]
        network(images)
        for hook in hooks:
            hook.remove()

    predictor.observe(IMAGE, prediction.geometry, watch)
    assert len(seen) == len(trail.attention) == 3
    for layer, (values, expected, module) in enumerate(seen):
        weights = torch.stack([trail.attention_maps(layer, query) for query in range(len(prediction))])
        heads, (height, width) = weights.shape[1], trail.memory.grid_hw
        assert (heads, height * width) == (2, len(values))
        torch.testing.assert_close(weights.sum(dim=(2, 3)), torch.ones(len(prediction), heads))
        split = module.value(values).view(len(values), heads, -1)  # (M, heads, d)
        mixed = torch.einsum("qhm,mhd->qhd", weights.flatten(2), split).flatten(1)
        torch.testing.assert_close(module.output(mixed), expected, atol=1e-5, rtol=1e-4)


def test_no_hook_stays_and_the_prediction_is_the_same(followed: tuple[Predictor, Prediction, LayerTrail]) -> None:
    predictor, prediction, _ = followed
    modules = predictor.checkpoint.model.modules()
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in modules)
    again = predictor.predict(IMAGE)
    assert torch.equal(again.class_logits, prediction.class_logits)
    assert torch.equal(again.mask_logits, prediction.mask_logits)


def test_no_hook_stays_where_the_network_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    predictor = predictor_of(CONFIG)
    prediction = predictor.predict(IMAGE)
    monkeypatch.setattr(predictor.checkpoint.model, "class_head", None)
    with pytest.raises(TypeError):
        follow_layers(predictor, IMAGE, prediction)
    assert not any(module._forward_pre_hooks for module in predictor.checkpoint.model.modules())


def trail_of(verdicts: list[list[int]], iou: list[list[float]]) -> LayerTrail:
    """A trail with these most probable entries and IoUs, a row a layer."""
    logits = torch.nn.functional.one_hot(torch.tensor(verdicts), 4).float()
    return LayerTrail(logits, torch.zeros(*logits.shape[:2], 1), (), None, torch.tensor(iou))  # type: ignore[arg-type]


def test_a_query_settles_where_class_and_mask_stay() -> None:
    verdicts = [[0, 1, 3, 2], [0, 2, 3, 1], [0, 1, 3, 2], [0, 1, 3, 2]]
    low = STAYS - 0.01
    iou = [[0.95, 0.95, low, 1.0], [0.95, 0.95, low, 1.0], [0.95, STAYS, low, 1.0], [1.0, 1.0, 1.0, 1.0]]
    assert trail_of(verdicts, iou).settled.tolist() == [0, 2, 3, 2]


def test_iou_is_that_of_the_masks(followed: tuple[Predictor, Prediction, LayerTrail]) -> None:
    _, prediction, trail = followed
    height, width = prediction.geometry.inner_hw
    for query in range(len(prediction)):
        masks: NDArray[np.bool_] = trail.mask_logits(query, prediction)[:, :height, :width].numpy() >= 0
        for layer, mask in enumerate(masks):
            union = (mask | masks[-1]).sum()
            expected = (mask & masks[-1]).sum() / union if union else 1.0
            assert float(trail.iou[layer, query]) == pytest.approx(expected, abs=1e-3)


def test_a_per_pixel_network_has_nothing_to_follow() -> None:
    predictor = predictor_of(replace(CONFIG, formulation="per_pixel"))
    with pytest.raises(StudioError):
        follow_layers(predictor, IMAGE, predictor.predict(IMAGE))
