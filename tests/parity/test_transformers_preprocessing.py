"""Our input beside the one that transformers' image processor makes of the same picture and the same JSON file.

It stretches a picture to a multiple of 32, where the paper and we pad. Sizes are therefore compared before that, and
pixels where there is nothing to stretch.
"""

import json

import numpy as np
import pytest
import torch

from core.checkpoints import Preprocessing
from core.checkpoints.huggingface_export import describe_preprocessing
from core.checkpoints.huggingface_preprocessing import read_preprocessing
from core.inference import fit
from core.inference.predictor import network_input
from tests.annotated import TAXONOMY

transformers = pytest.importorskip("transformers")

FILES = {
    "coco, a quarter": {"size": {"shortest_edge": 200, "longest_edge": 333}},
    "ade, a quarter": {"size": {"shortest_edge": 128, "longest_edge": 512}, "image_mean": [0.5, 0.4, 0.3]},
    "small": {"size": {"shortest_edge": 64, "longest_edge": 97}, "image_std": [0.2, 0.3, 0.4]},
}


def processor(described):
    return transformers.MaskFormerImageProcessorPil(**described)


def picture(height, width):
    return np.random.default_rng(height * width).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("name", FILES)
def test_sizes(name):
    """Theirs rounds the long side down, the paper's code to the nearest."""
    preprocessing = read_preprocessing(FILES[name])
    theirs = processor({**FILES[name], "size_divisor": 0, "do_rescale": False, "do_normalize": False})
    generator = np.random.default_rng(0)
    for height, width in [*generator.integers(30, 400, (12, 2)).tolist(), (64, 64), (30, 400), (400, 31)]:
        expected = theirs(picture(height, width), return_tensors="pt")["pixel_values"].shape[-2:]
        geometry = fit((height, width), preprocessing.short_side, preprocessing.max_long_side)
        differences = [ours - other for ours, other in zip(geometry.resized_hw, expected, strict=True)]
        assert set(differences) <= {0, 1}, (height, width, geometry.resized_hw, expected)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("hw", [(96, 128), (192, 192), (256, 192)])
def test_pixels(name, hw):
    described = {**FILES[name], "size": {"shortest_edge": 96, "longest_edge": 128}}
    preprocessing = read_preprocessing(described)
    expected = processor(described)(picture(*hw), return_tensors="pt")["pixel_values"]
    geometry = fit(hw, preprocessing.short_side, preprocessing.max_long_side, preprocessing.pad_multiple)
    torch.testing.assert_close(network_input(picture(*hw), geometry, preprocessing), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    "preprocessing",
    [
        Preprocessing(),
        Preprocessing(short_side=0),
        Preprocessing(800, 1333, mean=(1.0, 2.0, 3.0), std=(50.0, 60.5, 70.25), pad_multiple=64),
    ],
    ids=["default", "own size", "own numbers"],
)
def test_what_we_write_is_read_back_by_both(preprocessing, tmp_path):
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(describe_preprocessing(preprocessing, TAXONOMY)))
    read = transformers.MaskFormerImageProcessorPil.from_pretrained(tmp_path)
    assert read_preprocessing(json.loads(read.to_json_string())) == preprocessing

    pixels = picture(128, 192)
    expected = read(pixels, size={"shortest_edge": 128, "longest_edge": 192}, return_tensors="pt")["pixel_values"]
    unscaled = network_input(pixels, fit((128, 192), 128, 192, preprocessing.pad_multiple), preprocessing)
    torch.testing.assert_close(unscaled, expected, rtol=0, atol=1e-5)
