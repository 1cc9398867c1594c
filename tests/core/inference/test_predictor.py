import numpy as np
import pytest
import torch

from core.checkpoints import Checkpoint, Preprocessing
from core.checkpoints.card import Card
from core.inference import Predictor, choose_device, fit, network_input, panoptic
from core.messages import StudioError
from core.model import MaskFormer, MaskFormerConfig
from tests.core.inference.oracle import taxonomy

CONFIG = MaskFormerConfig(
    num_classes=4,
    num_queries=6,
    width=32,
    mask_channels=16,
    pixel_decoder_width=32,
    decoder_layers=1,
    attention_heads=4,
    feedforward_width=32,
)


@pytest.fixture(scope="module")
def checkpoint():
    torch.manual_seed(0)
    preprocessing = Preprocessing(short_side=64, max_long_side=160, score_threshold=0.1, overlap_threshold=0.3)
    return Checkpoint(MaskFormer(CONFIG).eval(), CONFIG, taxonomy(), preprocessing, Card("random"))


@pytest.fixture(scope="module")
def predictor(checkpoint):
    return Predictor(checkpoint, device="cpu")


def noise(height, width):
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (48, 64), (300, 7)])
def test_any_size_gives_a_result_at_its_own_size(predictor, size):
    prediction = predictor.predict(noise(*size))
    assert panoptic(prediction).panoptic_map.shape == size
    assert prediction.mask_logits.shape == (6, *prediction.geometry.grid_hw)
    assert (prediction.score_threshold, prediction.overlap_threshold) == (0.1, 0.3)


def test_mask_logits_are_embeddings_times_pixels(predictor):
    prediction = predictor.predict(noise(48, 64))
    expected = torch.einsum("qc,chw->qhw", prediction.mask_embeddings, prediction.pixel_embeddings)
    torch.testing.assert_close(prediction.mask_logits, expected)


def test_padding_is_zero_after_normalising():
    preprocessing = Preprocessing(short_side=40, max_long_side=100)
    geometry = fit((40, 50), short_side=40, max_long_side=100)
    images = network_input(np.full((40, 50, 3), 255, dtype=np.uint8), geometry, preprocessing)
    assert images.shape == (1, 3, 64, 64)
    assert (images[..., 40:, :] == 0).all()
    assert (images[..., 50:] == 0).all()
    assert images[0, 0, 39, 49].item() == pytest.approx((255 - 123.675) / 58.395)


@pytest.mark.parametrize(
    ("size", "dtype"), [((4, 4), "uint8"), ((4, 4, 4), "uint8"), ((4, 4, 3), "float32"), ((0, 4, 3), "uint8")]
)
def test_what_is_no_picture_is_refused(predictor, size, dtype):
    with pytest.raises(ValueError, match="image must be"):
        predictor.predict(np.zeros(size, dtype))


@pytest.mark.parametrize(
    ("step", "ask"),
    [
        ("_run", lambda predictor: predictor.predict(noise(8, 8))),
        ("_run_finer_stages", lambda predictor: predictor.finer_features(noise(8, 8), fit((8, 8), 64, 160))),
    ],
)
def test_full_device_memory_moves_the_work_to_the_cpu_with_one_sentence(checkpoint, monkeypatch, step, ask):
    said = []
    predictor = Predictor(checkpoint, device="cpu", warn=said.append)
    predictor.device = torch.device("cuda")
    run = getattr(Predictor, step)

    def full(self, images):
        if self.device.type == "cuda":
            raise torch.OutOfMemoryError("CUDA out of memory")
        return run(self, images)

    monkeypatch.setattr(Predictor, step, full)
    for _ in range(2):
        ask(predictor)
    assert said == ["The memory of cuda is full: the processor (CPU) does the work from here on."]
    assert predictor.device.type == "cpu"


def test_other_failures_are_not_hidden(checkpoint, monkeypatch):
    predictor = Predictor(checkpoint, device="cpu")
    predictor.device = torch.device("cuda")

    def broken(self, images):
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    monkeypatch.setattr(Predictor, "_run", broken)
    with pytest.raises(RuntimeError, match="mat1"):
        predictor.predict(noise(8, 8))


def test_missing_device_is_said(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert choose_device("auto") == torch.device("cpu")
    with pytest.raises(StudioError, match="no device cuda"):
        choose_device("cuda")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
def test_half_precision_stays_near_single(checkpoint):
    image = noise(64, 96)
    single, half = (Predictor(checkpoint, device=device).predict(image) for device in ("cpu", "cuda"))
    torch.testing.assert_close(half.class_probs, single.class_probs, atol=0.02, rtol=0)
    Predictor(checkpoint, device="cpu")
