"""What else a file in the paper's layout tells, and what is said of one that is not as it should be."""

import collections
import os
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from core.checkpoints import load_card, load_checkpoint
from core.checkpoints.detectron2 import data_set, read_file
from core.messages import StudioError
from core.model import MaskFormerConfig
from core.taxonomies import known_taxonomies
from tests.core.checkpoints.detectron2_reference import BASE, ENCODER, PER_PIXEL, PLUS, drawn, stored

ROOT = Path(__file__).parents[3]


def test_what_training_leaves_in_a_file_is_no_weight(tmp_path):
    weights, _ = drawn(BASE, torch.zeros(1, 3, 64, 64))
    left = {
        "criterion.empty_weight": torch.ones(6),
        "pixel_mean": torch.zeros(3, 1, 1),
        "pixel_std": torch.ones(3, 1, 1),
        "backbone.stem.conv1.norm.num_batches_tracked": torch.tensor(7),
    }
    path = stored(tmp_path, weights | left, matching_heuristics=True)
    assert load_checkpoint(path).config == read_file(stored(tmp_path, weights)).config


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "older format"])
@pytest.mark.parametrize("name", ["model_0004999.pth", "renamed.pkl"])
def test_torch_files_are_read_too(tmp_path, name, zipped):
    weights, _ = drawn(PLUS, torch.zeros(1, 3, 64, 64))
    training = {"optimizer": {"state": {0: torch.zeros(3)}}, "iteration": 4999, "scheduler": {"last_epoch": 4999}}
    state = collections.OrderedDict(weights)
    torch.save({"model": state, **training}, tmp_path / name, _use_new_zipfile_serialization=zipped)
    one = load_checkpoint(tmp_path / name).model.state_dict()
    other = load_checkpoint(stored(tmp_path, weights)).model.state_dict()
    assert all(torch.equal(one[key], other[key]) for key in other)


@pytest.mark.parametrize(
    ("classes", "others", "name", "taxonomy", "sides", "pad", "score"),
    [  # the paper's configuration files: INPUT.MIN_SIZE_TEST, MAX_SIZE_TEST, SIZE_DIVISIBILITY, OBJECT_MASK_THRESHOLD
        (133, {"encoder_layers": 6}, "a.pkl", "coco_panoptic", (800, 1333), 1, 0.8),
        (133, {"backbone": "swin_base"}, "a.pkl", "coco_panoptic", (800, 1333), 1, 0.8),
        (150, {}, "a.pkl", "ade20k", (512, 2048), 32, 0.7),
        (150, {"backbone": "swin_small"}, "a.pkl", "ade20k", (512, 2048), 32, 0.7),
        (150, {"backbone": "swin_large"}, "a.pkl", "ade20k", (640, 2560), 32, 0.7),
        (150, {"encoder_layers": 6}, "a.pkl", "ade20k_panoptic", (640, 2560), 32, 0.7),
        (150, {}, "panoptic-ade20k/a.pkl", "ade20k_panoptic", (640, 2560), 32, 0.7),
        (171, {"formulation": "per_pixel"}, "a.pkl", "coco_stuff", (640, 2560), 32, 0.8),
        (19, {"backbone": "resnet101c"}, "a.pkl", "cityscapes", (1024, 2048), 32, 0.8),
        (65, {}, "a.pkl", "mapillary", (2048, 2048), 32, 0.8),
        (847, {}, "a.pkl", "", (512, 2048), 32, 0.7),
        (3, {}, "a.pkl", "", (512, 2048), 32, 0.8),
    ],
)
def test_the_number_of_classes_tells_the_data_set(classes, others, name, taxonomy, sides, pad, score):
    config = MaskFormerConfig(num_classes=classes, **{"backbone": "resnet50", **others})
    categories, preprocessing = data_set(config, name)
    assert (preprocessing.short_side, preprocessing.max_long_side) == sides
    assert (preprocessing.pad_multiple, preprocessing.score_threshold) == (pad, score)
    assert preprocessing.mean == (123.675, 116.28, 103.53)  # of red, green, blue: INPUT.FORMAT is RGB everywhere
    assert len(categories) == classes
    assert categories == known_taxonomies()[taxonomy] if taxonomy else categories[0].name == "class 1"


def test_a_published_file_is_known_by_its_name(tmp_path):
    weights, _ = drawn(PER_PIXEL, torch.zeros(1, 3, 64, 64))
    path = stored(tmp_path, weights, "model_final_1043f3.pkl")
    known = read_file(path).card
    assert load_card(path) == known
    assert (known.title, known.domain, known.license) == ("PerPixelBaseline R50, ADE20K", "ADE20K", "CC BY-NC 4.0")
    other = read_file(stored(tmp_path, weights, "mine.pkl")).card
    assert (other.title, other.domain, other.license) == ("mine", "", "")


def test_everything_that_does_not_fit_is_named_at_once(tmp_path):
    weights, _ = drawn(ENCODER, torch.zeros(1, 3, 64, 64))
    layer = "sem_seg_head.predictor.transformer.decoder.layers.0"
    weights["sem_seg_head.predictor.class_embed.bias"] = torch.zeros(4)  # a head of another K
    weights[f"{layer}.self_attn.in_proj_weight"] = torch.zeros(90, 32)
    weights["backbone.fpn.extra"] = torch.zeros(1)
    lost = ("sem_seg_head.pixel_decoder.adapter_2.norm.bias", "backbone.res3.1.conv2.weight", f"{layer}.linear1.bias")
    for name in lost:
        del weights[name]
    with pytest.raises(StudioError) as refusal:
        load_checkpoint(stored(tmp_path, weights))
    assert str(refusal.value) == (
        "The weights in model_final.pkl do not fit the model: backbone.fpn.extra is unexpected; "
        "backbone.res3.1.conv2.weight is missing; "
        "sem_seg_head.pixel_decoder.adapter_2.norm.bias is missing; "
        "sem_seg_head.predictor.class_embed.bias is (4,) and should be (6,); "
        f"{layer}.linear1.bias is missing; "
        f"{layer}.self_attn.in_proj_weight is (90, 32) and should be (96, 32)."
    )


def test_missing_names_are_those_of_the_file_s_age(tmp_path):
    weights, _ = drawn(replace(BASE, part=""), torch.zeros(1, 3, 64, 64))
    del weights["sem_seg_head.adapter_2.weight"]
    with pytest.raises(StudioError, match=r": sem_seg_head\.adapter_2\.weight is missing\.$"):
        load_checkpoint(stored(tmp_path, weights))


def test_whatever_is_missing_the_sentence_is_about_tensors(tmp_path):
    whole, _ = drawn(replace(ENCODER, formulation="per_pixel"), torch.zeros(1, 3, 64, 64))
    for lost in list(whole)[::25]:
        path = stored(tmp_path, {name: tensor for name, tensor in whole.items() if name != lost})
        with pytest.raises(StudioError, match=r"(is missing|is unexpected|there is no)"):
            load_checkpoint(path)


def test_whole_numbers_are_no_weights(tmp_path):
    weights, _ = drawn(BASE, torch.zeros(1, 3, 64, 64))
    weights["backbone.stem.conv1.weight"] = weights["backbone.stem.conv1.weight"].long()
    with pytest.raises(StudioError, match=r"backbone\.stem\.conv1\.weight holds int64 numbers"):
        load_checkpoint(stored(tmp_path, weights))


def test_a_small_file_cannot_ask_for_a_huge_network(tmp_path):
    weights, _ = drawn(BASE, torch.zeros(1, 3, 64, 64))
    weights["sem_seg_head.predictor.query_embed.weight"] = torch.zeros(1, 2**20)  # layers of 2^20 x 2^20 and more
    with pytest.raises(StudioError, match=r"should be \(3145728, 1048576\)"):
        load_checkpoint(stored(tmp_path, weights))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b"<html>404</html>", "no pickle of numpy arrays"),
        (pickle.dumps({"model": {"w": torch.zeros(3).numpy()}})[:-9], "cut short or damaged"),
        (pickle.dumps([1, 2]), "holds no table of named tensors"),
        (pickle.dumps({"model": [1, 2]}), "holds no table of named tensors"),
        (pickle.dumps({"blobs": {"conv1_w": torch.zeros(3).numpy()}}), "holds no table of named tensors"),
        (pickle.dumps({"model": {"stem.weight": torch.zeros(3).numpy()}}), "there is no sem_seg_head.predictor"),
        (pickle.dumps({"model": {"w": torch.zeros(3)}}), "asks for torch._utils._rebuild_tensor_v2"),
        (pickle.dumps(os.system), f"asks for {os.name}.system"),
        (b"PK\x03\x04 and no more", "cannot be read"),
    ],
    ids=["empty", "a page", "cut", "a list", "listed", "caffe2", "another network", "torch", "code", "cut zip"],
)
@pytest.mark.parametrize("name", ["a.pkl", "a.pth"])
def test_every_other_file_is_refused_in_one_sentence(tmp_path, name, content, told):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(StudioError) as refusal:
        load_checkpoint(tmp_path / name)
    assert told in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 200


def test_a_torch_file_that_runs_code_is_refused_by_name(tmp_path):
    class Attack:
        def __reduce__(self) -> Any:
            return os.system, (f"touch '{tmp_path / 'ran'}'",)

    torch.save({"model": {"w": Attack()}}, tmp_path / "a.pth")
    with pytest.raises(StudioError, match=f"{os.name}.system"):
        load_checkpoint(tmp_path / "a.pth")
    assert not (tmp_path / "ran").exists()


MEASURE = """
import re, sys
from pathlib import Path
from core.checkpoints.detectron2 import read_file

def peak():  # of this process: what getrusage tells begins with its parent's
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024

warm, path = map(Path, sys.argv[1:])
read_file(warm).load()
before = peak()
model = read_file(path).load().model
size = sum(tensor.nbytes for tensor in model.state_dict().values())
print((peak() - before - size) / path.stat().st_size)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
@pytest.mark.slow
@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_reading_needs_little_memory_beside_the_model(tmp_path, protocol):
    weights, _ = drawn(replace(BASE, widths=(256, 512, 1024, 2048), pixel_width=256), torch.zeros(1, 3, 64, 64))
    small, _ = drawn(BASE, torch.zeros(1, 3, 64, 64))
    warm, path = stored(tmp_path, small, "warm.pkl"), tmp_path / "large.pkl"
    path.write_bytes(pickle.dumps({"model": {name: tensor.numpy() for name, tensor in weights.items()}}, protocol))
    program = [sys.executable, "-c", MEASURE, warm, path]
    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=True)
    assert float(done.stdout) <= 1.3
