"""The table of published checkpoints against the networks it describes and the figures that others printed."""

from functools import cache
from pathlib import Path

import pytest
import torch
from torch import nn

from core.checkpoints.hub import is_hub_name
from core.checkpoints.published import ZooRow, published
from core.checkpoints.zoo import State, models
from core.model import build_network

# The paper prints parameters for ADE20K (150 classes) and for COCO panoptic (133), in millions; to these digits.
PUBLISHED_PARAMETERS = {
    ("resnet50", 0): ("41.3", 150),
    ("resnet101", 0): ("60.3", 150),
    ("resnet101c", 0): ("60", 150),
    ("swin_tiny", 0): ("41.8", 150),
    ("swin_small", 0): ("63.1", 150),
    ("swin_base", 0): ("101.8", 150),
    ("swin_large", 0): ("211.6", 150),
    ("resnet50", 6): ("45", 133),
    ("resnet101", 6): ("64", 133),
}
# Counted on facebook/maskformer-resnet{50,101}-ade by an independent implementation.
COUNTED = {"facebook/maskformer-resnet50-ade": 41_307_863, "facebook/maskformer-resnet101-ade": 60_299_991}
WINDOWS = {"swin_tiny": 7, "swin_small": 7, "swin_base": 12, "swin_large": 12}
SWIN_BLOCKS = {"swin_tiny": 12, "swin_small": 24, "swin_base": 24, "swin_large": 24}

every_row = pytest.mark.parametrize("row", published(), ids=lambda row: row.name)


@cache
def network(row: ZooRow) -> nn.Module:
    """The row's network without memory: shapes only."""
    with torch.device("meta"):
        return build_network(row.config()).eval()


def parameters(row: ZooRow) -> int:
    return sum(parameter.numel() for parameter in network(row).parameters())


@every_row
def test_builds_and_runs(row: ZooRow) -> None:
    output = network(row)(torch.zeros(1, 3, 64, 96, device="meta"))
    if row.formulation == "mask":
        assert output.class_logits.shape == (1, 100, row.classes + 1)
        assert output.mask_logits.shape == (1, 100, 16, 24)
    else:
        assert output.class_logits.shape == (1, row.classes, 16, 24)


@every_row
def test_parameters_to_the_published_digits(row: ZooRow) -> None:
    if row.formulation != "mask":
        assert row.parameters is None, "nobody published a count for the baselines"
        return
    digits, classes = PUBLISHED_PARAMETERS[row.backbone, row.encoder_layers]
    counted = parameters(row) + (classes - row.classes) * 257  # a class is a row and a bias of the head
    decimals = len(digits.partition(".")[2])
    assert f"{counted / 1e6:.{decimals}f}" == digits
    assert row.parameters == float(digits)


def test_parameters_to_the_last_one() -> None:
    rows = {row.name: row for row in published()}
    assert {name: parameters(rows[name]) for name in COUNTED} == COUNTED


@every_row
def test_size_of_the_download(row: ZooRow) -> None:
    """Within a megabyte of the file's size on Hugging Face, whose Swin files also hold the position indices."""
    weights = sum(tensor.numel() * tensor.element_size() for tensor in network(row).state_dict().values())
    indices = SWIN_BLOCKS.get(row.backbone, 0) * WINDOWS.get(row.backbone, 0) ** 4 * 8
    assert abs((weights + indices) / 1e6 - row.megabytes) < 1


def test_the_whole_zoo_is_there_once() -> None:
    rows = published()
    assert len(rows) == len({row.name for row in rows}) == len({row.url for row in rows}) == 30
    assert [row.by_hand for row in rows] == [False] * 16 + [True] * 14
    assert all(is_hub_name(row.name) for row in rows)
    assert {row.license for row in rows} == {"CC BY-NC 4.0"}


def test_names_on_hugging_face_say_what_the_rows_say() -> None:
    sizes = {"swin_tiny": "swin-tiny", "swin_small": "swin-small", "swin_base": "swin-base", "swin_large": "swin-large"}
    words = {"COCO panoptic": "coco", "ADE20K": "ade", "ADE20K-Full": "ade20k-full", "COCO-Stuff-10K": "coco-stuff"}
    words |= {"Cityscapes": "cityscapes", "Mapillary Vistas": "vistas"}
    for row in published()[:16]:
        assert row.name == f"facebook/maskformer-{sizes.get(row.backbone, row.backbone)}-{words[row.data]}"


@pytest.mark.parametrize(
    ("data", "title", "figure"),
    [
        ("ADE20K", "PerPixelBaseline R50", 39.2),
        ("ADE20K", "PerPixelBaseline+ R50", 41.9),
        ("ADE20K", "MaskFormer R50", 44.5),
        ("ADE20K", "MaskFormer R101", 45.5),
        ("ADE20K", "MaskFormer R101c", 46.0),
        ("ADE20K", "MaskFormer Swin-T", 46.7),
        ("ADE20K", "MaskFormer Swin-S", 49.8),
        ("ADE20K", "MaskFormer Swin-B", 52.7),
        ("ADE20K", "MaskFormer Swin-L", 54.1),
        ("COCO panoptic", "MaskFormer R50 + 6 Enc", 46.5),
        ("COCO panoptic", "MaskFormer R101 + 6 Enc", 47.6),
        ("COCO panoptic", "MaskFormer Swin-T", 47.7),
        ("COCO panoptic", "MaskFormer Swin-S", 49.7),
        ("COCO panoptic", "MaskFormer Swin-B", 51.8),
        ("COCO panoptic", "MaskFormer Swin-L", 52.7),
    ],
)
def test_figures_of_the_paper(data: str, title: str, figure: float) -> None:
    assert [row.figure for row in published() if (row.data, row.title) == (data, title)] == [figure]


def test_list_of_models(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    assert {entry.state for entry in models()} == {State.BUNDLED, State.DOWNLOADABLE, State.BY_HAND}
    for name in ("facebook/maskformer-swin-tiny-coco", "someone/own"):
        snapshot = tmp_path / f"models--{name.replace('/', '--')}" / "snapshots" / "0123abc"
        snapshot.mkdir(parents=True)
        (snapshot / "config.json").write_text('{"model_type": "maskformer"}')
        (snapshot / "preprocessor_config.json").write_text("{}")
        (snapshot / "model.safetensors").write_bytes(bytes(3_000_000))
    entries = {entry.name: entry for entry in models()}
    assert [name for name, entry in entries.items() if entry.state == State.CACHED] == [
        "someone/own",
        "facebook/maskformer-swin-tiny-coco",
    ]
    assert entries["someone/own"].megabytes == 3
    assert entries["facebook/maskformer-swin-tiny-coco"].figure == "PQ 47.7"
    assert entries["street"].license
