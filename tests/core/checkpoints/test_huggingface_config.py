"""What the two JSON files of a Hugging Face folder may say, in every spelling of its releases."""

import json

import pytest

from core.checkpoints import Preprocessing
from core.checkpoints.checkpoint import MOST_PIXELS_A_SIDE
from core.checkpoints.huggingface import is_huggingface, read_folder
from core.checkpoints.huggingface_config import read_config, read_labels
from core.checkpoints.huggingface_preprocessing import LARGEST_UNRESIZED, read_preprocessing
from core.messages import StudioError
from core.model import MaskFormerConfig, ResNetSpec, SwinSpec
from core.taxonomies import known_taxonomies

RESNET = {"model_type": "resnet"}
SWIN = {"model_type": "swin", "drop_path_rate": 0.3}
IMAGENET = Preprocessing()


def described(backbone=RESNET, decoder=None, **fields):
    return {
        "model_type": "maskformer",
        "backbone_config": backbone,
        "decoder_config": decoder,
        "id2label": {"0": "cat", "1": "dog"},
        **fields,
    }


def read(*parts, **fields):
    return read_config(described(*parts, **fields), "tom")


@pytest.mark.parametrize(
    ("backbone", "row"),
    [
        (RESNET, "resnet50"),
        ({**RESNET, "depths": [3, 4, 23, 3], "hidden_act": "relu"}, "resnet101"),
        (SWIN, "swin_tiny"),
        ({**SWIN, "model_type": "maskformer-swin", "depths": [2, 2, 18, 2]}, "swin_small"),
        (None, "swin_base"),
        (
            {**SWIN, "embed_dim": 192, "depths": [2, 2, 18, 2], "num_heads": [6, 12, 24, 48], "window_size": 12},
            "swin_large",
        ),
        ({**RESNET, "embedding_size": 20}, ResNetSpec(depths=(3, 4, 6, 3), stem=(20,))),
        ({"model_type": "swin"}, SwinSpec(96, (2, 2, 6, 2), (3, 6, 12, 24), 7, drop_path=0.1)),
    ],
)
def test_backbones(backbone, row):
    assert read(backbone).backbone == row


def test_fields_left_out_have_the_published_values():
    assert read() == MaskFormerConfig(num_classes=2, backbone="resnet50")


def test_every_number_is_read():
    decoder = {
        "model_type": "detr",
        "d_model": 64,
        "num_queries": 17,
        "decoder_layers": 2,
        "decoder_attention_heads": 4,
        "decoder_ffn_dim": 80,
        "dropout": 0,
        "encoder_layers": 6,  # of a whole DETR; a MaskFormer has no such part
    }
    assert read(RESNET, decoder, fpn_feature_size=96, mask_feature_size=40) == MaskFormerConfig(
        num_classes=2,
        backbone="resnet50",
        num_queries=17,
        width=64,
        mask_channels=40,
        pixel_decoder_width=96,
        decoder_layers=2,
        attention_heads=4,
        feedforward_width=80,
        dropout=0.0,
    )


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"model_type": "mask2former"}, "mask2former"),
        ({"model_type": None}, "None"),
        ({"backbone": {"model_type": "convnext"}}, "convnext"),
        ({"backbone": {**RESNET, "layer_type": "basic"}}, "layer_type"),
        ({"backbone": {**RESNET, "hidden_act": "gelu"}}, "hidden_act"),
        ({"backbone": {**RESNET, "downsample_in_bottleneck": True}}, "downsample_in_bottleneck"),
        ({"backbone": {**RESNET, "out_features": ["stage2", "stage3", "stage4"]}}, "out_features"),
        ({"backbone": {**SWIN, "use_absolute_embeddings": True}}, "use_absolute_embeddings"),
        ({"backbone": {**SWIN, "mlp_ratio": 2}}, "mlp_ratio"),
        ({"backbone": {**SWIN, "patch_size": 2}}, "patch_size"),
        ({"decoder": {"activation_function": "gelu"}}, "activation_function"),
        ({"decoder": {"model_type": "conditional_detr"}}, "conditional_detr"),
        ({"backbone": "resnet50"}, "backbone_config"),
        ({"backbone": {**RESNET, "depths": "3463"}}, "depths"),
        ({"backbone": {**RESNET, "depths": [3, 4, 6]}}, "depths"),
        ({"backbone": {**SWIN, "embed_dim": 96.0}}, "embed_dim"),
        ({"backbone": {**RESNET, "depths": [10**9, 1, 1, 1]}}, "depths"),
        ({"decoder": {"decoder_layers": 10**9}}, "decoder_layers"),
        ({"id2label": None, "num_labels": 10**12}, "num_labels"),
        ({"decoder": {"num_queries": "100"}}, "num_queries"),
        ({"decoder": {"num_queries": 0}}, "num_queries"),
        ({"decoder": {"dropout": "no"}}, "dropout"),
        ({"fpn_feature_size": 250}, "pixel decoder"),
        ({"id2label": {"0": "cat", "2": "dog"}}, "id2label"),
        ({"id2label": {}}, "id2label"),
    ],
)
def test_anything_else_is_refused_in_a_sentence(fields, complaint):
    with pytest.raises(StudioError, match=complaint):
        read(**fields)


@pytest.mark.parametrize(
    ("fields", "labels"),
    [
        ({"id2label": {"1": "dog", "0": "cat"}}, ["cat", "dog"]),
        ({"id2label": {str(i): f"c{i}" for i in range(12)}}, [f"c{i}" for i in range(12)]),
        ({"num_labels": 3}, ["LABEL_0", "LABEL_1", "LABEL_2"]),
        ({"id2label": {"0": "cat"}, "num_labels": 2}, ["LABEL_0", "LABEL_1"]),
        ({}, ["LABEL_0", "LABEL_1"]),
    ],
)
def test_labels_in_class_order(fields, labels):
    assert read_labels(fields) == labels


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ({}, Preprocessing(800, 1333)),
        ({"size": {"shortest_edge": 480, "longest_edge": 1000}}, Preprocessing(480, 1000)),
        ({"size": 640, "max_size": 2560, "size_divisibility": 32}, Preprocessing(640, 2560)),
        ({"size": 512, "size_divisor": 0}, Preprocessing(512, 1333, pad_multiple=1)),
        ({"size": {"longest_edge": 700}}, Preprocessing(700, 700)),
        ({"size": {"shortest_edge": 640, "longest_edge": 10**9}}, Preprocessing(640, MOST_PIXELS_A_SIDE)),
        ({"size": {"height": 512, "width": 768}, "size_divisor": 64}, Preprocessing(512, 768, pad_multiple=64)),
        ({"do_resize": False, "size": 9}, Preprocessing(0, LARGEST_UNRESIZED)),
        (
            {"image_mean": [0.5, 0.4, 0.2], "image_std": 0.25},
            Preprocessing(800, 1333, mean=(127.5, 102.0, 51.0), std=(63.75,) * 3),
        ),
        ({"do_normalize": False}, Preprocessing(800, 1333, mean=(0.0,) * 3, std=(255.0,) * 3)),
        ({"do_rescale": False}, Preprocessing(800, 1333, mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))),
        (
            {"do_rescale": False, "image_mean": [123.675, 116.28, 103.53], "image_std": [58.395, 57.12, 57.375]},
            Preprocessing(800, 1333),
        ),
        ({"rescale_factor": 0.5, "image_mean": 1, "image_std": 2}, Preprocessing(800, 1333, (2.0,) * 3, (4.0,) * 3)),
    ],
)
def test_preprocessing(file, expected):
    assert read_preprocessing(file) == expected


@pytest.mark.parametrize(
    "file",
    [
        {"size": "large"},
        {"size": 0},
        {"size": 10**9, "max_size": 10**9},
        {"size": {"shortest_edge": 2.5}},
        {"size": {"height": 0, "width": 5}},
        {"image_mean": [0.5, 0.5]},
        {"image_mean": ["a", "b", "c"]},
        {"image_std": [0, 1, 1]},
        {"rescale_factor": 0},
        {"size_divisor": "32"},
        {"size_divisor": 10**6},
    ],
)
def test_odd_preprocessing_is_refused(file):
    with pytest.raises(StudioError):
        read_preprocessing(file)


def folder_of(folder, config, preprocessing=None):
    """A folder without weights: what can be told from its JSON."""
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "model.safetensors").write_bytes((2).to_bytes(8, "little") + b"{}")
    if preprocessing is not None:
        (folder / "preprocessor_config.json").write_text(json.dumps(preprocessing))
    return folder


def test_our_own_folders_are_told_from_theirs(tmp_path):
    assert is_huggingface(folder_of(tmp_path, described()))
    assert is_huggingface(folder_of(tmp_path, {"architectures": ["MaskFormerForInstanceSegmentation"]}))
    assert not is_huggingface(folder_of(tmp_path, {"model": {}, "taxonomy": {}, "preprocessing": {}}))


@pytest.mark.parametrize(
    ("name", "taxonomy", "threshold"),
    [
        ("maskformer-swin-base-coco", "coco_panoptic", 0.8),
        ("maskformer-swin-base-ade", "ade20k", 0.7),
        ("tuned-ade-panoptic", "ade20k_panoptic", 0.7),
        ("streets", "cityscapes", 0.8),
    ],
)
def test_the_labels_choose_taxonomy_and_thresholds(tmp_path, name, taxonomy, threshold):
    known = known_taxonomies()[taxonomy]
    labels = {str(index): category.name for index, category in enumerate(known.categories)}
    stored = read_folder(folder_of(tmp_path / name, described(id2label=labels), {"size": 640}))
    assert stored.taxonomy == known
    assert (stored.preprocessing.score_threshold, stored.preprocessing.short_side) == (threshold, 640)


def test_labels_may_stand_twice(tmp_path):
    stored = read_folder(folder_of(tmp_path, described(id2label={"0": "lamp", "1": "lamp", "2": "LAMP", "3": ""})))
    assert len(stored.taxonomy) == 4


@pytest.mark.parametrize("content", ["", "[]", "{", '{"size": 5,}', "\x00\xff", '{"size":' * 100_000])
def test_a_broken_preprocessor_file_is_named(tmp_path, content):
    folder = folder_of(tmp_path / "tom", described())
    (folder / "preprocessor_config.json").write_text(content, encoding="latin-1")
    with pytest.raises(StudioError, match=r"preprocessor_config\.json"):
        read_folder(folder)


def test_a_folder_without_weights_says_what_it_lacks(tmp_path):
    folder = folder_of(tmp_path / "tom", described())
    (folder / "model.safetensors").unlink()
    with pytest.raises(StudioError, match=r"tom lacks model\.safetensors / pytorch_model\.bin"):
        read_folder(folder)
