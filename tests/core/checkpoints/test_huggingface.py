"""Folders that transformers itself wrote are read, and what we write it reads."""

import json
import shutil
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.checkpoints import Preprocessing, load_card, load_checkpoint, save_checkpoint
from core.checkpoints.huggingface_export import save_huggingface
from core.checkpoints.huggingface_names import key_table
from core.checkpoints.tensors import BATCH_COUNTER, wanted
from core.messages import StudioError
from core.model import MaskFormerConfig, ResNetSpec, SwinSpec, build_network
from core.taxonomies import known_taxonomies
from core.types import Taxonomy
from tests.annotated import TAXONOMY
from tests.theirs import ODD, PUBLISHED, answers, build, pictures

transformers = pytest.importorskip("transformers")


@pytest.fixture(scope="module")
def theirs():
    return build(ODD["swin"])


@pytest.fixture
def folder(theirs, tmp_path):
    theirs.save_pretrained(tmp_path / "odd")
    return tmp_path / "odd"


def weights_of(source):
    return load_checkpoint(source).model.state_dict()


def assert_same_weights(one, other):
    assert one.keys() == other.keys()
    assert [name for name, value in one.items() if not torch.equal(value, other[name])] == []


def describe(folder, **changes):
    """Changes fields of ``config.json``."""
    described = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**described, **changes}))


@pytest.mark.parametrize("variant", [*ODD, pytest.param("published", marks=pytest.mark.slow)])
def test_the_table_names_every_tensor_of_theirs_and_of_ours(variant, tmp_path):
    """The oracle is transformers: names in memory, and names as it writes them."""
    network = build(PUBLISHED["swin_base"] if variant == "published" else ODD[variant])
    network.save_pretrained(tmp_path)
    ours = wanted(load_checkpoint(tmp_path).model)
    table = key_table(network.config.backbone_config.model_type)
    for names in (set(network.state_dict()), set(load_file(tmp_path / "model.safetensors"))):
        used = {share.name for share in table.shares(ours, names).values()}
        left = {name.rpartition(".")[2] for name in names - used if name not in table.ignored}
        assert used <= names
        assert left <= {BATCH_COUNTER, *table.ignored}
        assert len(used) == len(ours)


def test_weights_may_be_split_or_in_torch_files_old_and_new(theirs, folder, tmp_path):
    whole = weights_of(folder)

    split = tmp_path / "split"
    theirs.save_pretrained(split, max_shard_size="60KB")
    assert len(list(split.glob("model-*.safetensors"))) > 2
    assert_same_weights(weights_of(split), whole)

    for name, state in {"new names": theirs.state_dict(), "old": load_file(folder / "model.safetensors")}.items():
        for zipped in (True, False):
            torch_folder = tmp_path / f"{name} {zipped}"
            torch_folder.mkdir()
            shutil.copy(folder / "config.json", torch_folder)
            torch.save(state, torch_folder / "pytorch_model.bin", _use_new_zipfile_serialization=zipped)
            assert_same_weights(weights_of(torch_folder), whole)


def test_torch_files_may_be_split(theirs, folder, tmp_path):
    whole = weights_of(folder)
    (folder / "model.safetensors").unlink()
    state = theirs.state_dict()
    names = list(state)
    halves = {"pytorch_model-1-of-2.bin": names[:100], "pytorch_model-2-of-2.bin": names[100:]}
    for file, part in halves.items():
        torch.save({name: state[name] for name in part}, folder / file)
    index = {"weight_map": {name: file for file, part in halves.items() for name in part}}
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps(index))
    assert_same_weights(weights_of(folder), whole)

    (folder / "pytorch_model-2-of-2.bin").unlink()
    with pytest.raises(StudioError, match=r"lacks pytorch_model-2-of-2\.bin"):
        load_checkpoint(folder)
    index["weight_map"][names[0]] = "../elsewhere.bin"
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps(index))
    with pytest.raises(StudioError, match=r"\.\./elsewhere\.bin"):
        load_checkpoint(folder)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_precisions_become_float32(folder, dtype):
    whole = weights_of(folder)
    stored = {name: value.to(dtype) for name, value in load_file(folder / "model.safetensors").items()}
    save_file(stored, folder / "model.safetensors")
    floats = {name: value for name, value in weights_of(folder).items() if value.is_floating_point()}
    assert {value.dtype for value in floats.values()} == {torch.float32}
    assert all(torch.equal(value, whole[name].to(dtype).float()) for name, value in floats.items())


def test_whole_numbers_are_no_weights(folder):
    stored = load_file(folder / "model.safetensors")
    save_file({**stored, "class_predictor.bias": stored["class_predictor.bias"].int()}, folder / "model.safetensors")
    with pytest.raises(StudioError, match=r"class_predictor\.bias holds int32 numbers"):
        load_checkpoint(folder)


def test_every_tensor_that_does_not_fit_is_named_as_the_file_names_it(folder):
    stored = load_file(folder / "model.safetensors")
    del stored["mask_embedder.1.0.bias"]
    stored["class_predictor.bias"] = torch.zeros(3)
    stored["model.surprise"] = torch.zeros(1)
    save_file(stored, folder / "model.safetensors")
    with pytest.raises(StudioError) as caught:
        load_checkpoint(folder)
    sentence = str(caught.value)
    assert "mask_embedder.1.0.bias is missing" in sentence
    assert "class_predictor.bias is (3,) and should be (" in sentence
    assert "model.surprise is unexpected" in sentence


def test_a_wrong_number_of_classes_is_refused(folder):
    describe(folder, id2label={"0": "cat", "2": "dog"})
    with pytest.raises(StudioError, match="id2label"):
        load_checkpoint(folder)
    describe(folder, id2label={"0": "cat", "1": "dog"})
    with pytest.raises(StudioError, match=r"class_predictor\.weight is"):
        load_checkpoint(folder)


@pytest.mark.parametrize("damage", ["truncated", "empty", "text", "code"])
@pytest.mark.parametrize("file", ["model.safetensors", "pytorch_model.bin"])
def test_damaged_and_hostile_weights_are_refused(folder, tmp_path, file, damage):
    if file == "pytorch_model.bin":
        torch.save(load_file(folder / "model.safetensors"), folder / file)
        (folder / "model.safetensors").unlink()
    content = (folder / file).read_bytes()
    damaged = {"truncated": content[: len(content) // 2], "empty": b"", "text": b"hello\n" * 99, "code": None}[damage]
    if damaged is None:
        torch.save({"weights": Touch(tmp_path / "touched")}, folder / file)
    else:
        (folder / file).write_bytes(damaged)
    with pytest.raises(StudioError, match=file):
        load_checkpoint(folder)
    assert not (tmp_path / "touched").exists()


class Touch:
    """A pickle of it writes a file when it is obeyed."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (type(self.path).touch, (self.path,))


@pytest.mark.parametrize(
    ("width", "told"),
    [(2**20, "should be"), (32_000_000, "out of range: pixel_decoder_width"), (2**40, "out of range")],
)
def test_a_configuration_far_larger_than_its_file_takes_no_memory(folder, width, told):
    describe(folder, fpn_feature_size=width)
    with pytest.raises(StudioError, match=told):
        load_checkpoint(folder)


# ours -> Hugging Face


SPECS = {
    "resnet": ResNetSpec(depths=(1, 2, 1, 1), widths=(16, 32, 40, 64), stem=(12,)),
    "swin": SwinSpec(width=16, depths=(1, 1, 2, 1), heads=(1, 2, 2, 4), window=3, drop_path=0.2),
}
SMALL = MaskFormerConfig(
    num_classes=len(TAXONOMY),
    backbone=SPECS["resnet"],
    num_queries=5,
    width=32,
    mask_channels=16,
    pixel_decoder_width=32,
    decoder_layers=1,
    attention_heads=4,
    feedforward_width=48,
    dropout=0.05,
)


@pytest.fixture
def ours(tmp_path, request):
    """A checkpoint of ours that was saved and loaded again; its weights are no halves."""
    config = replace(SMALL, backbone=SPECS[getattr(request, "param", "resnet")])
    torch.manual_seed(5)
    weights = {name: torch.randn_like(value) for name, value in wanted(build_network(config)).items()}
    weights = {name: value.abs() if name.endswith("running_var") else value for name, value in weights.items()}
    save_checkpoint(
        tmp_path / "ours",
        weights=weights,
        config=config,
        taxonomy=TAXONOMY,
        preprocessing=Preprocessing(short_side=96, max_long_side=200, score_threshold=0.35),
        half=False,
    )
    (tmp_path / "ours" / "README.md").write_text('---\ntitle: "Small: one"\nlicense: CC0\n---\n\nDrawn.\n')
    return load_checkpoint(tmp_path / "ours")


@pytest.mark.parametrize("ours", list(SPECS), indirect=True)
def test_there_and_back_changes_no_bit(ours, tmp_path):
    save_huggingface(tmp_path / "exported", ours)
    back = load_checkpoint(tmp_path / "exported")

    assert_same_weights(back.model.state_dict(), ours.model.state_dict())
    assert (back.config, back.taxonomy, back.preprocessing) == (ours.config, ours.taxonomy, ours.preprocessing)
    assert replace(back.card, name="") == replace(ours.card, name="")
    assert load_card(tmp_path / "exported") == back.card


@pytest.mark.parametrize("ours", list(SPECS), indirect=True)
@torch.inference_mode()
def test_transformers_loads_what_we_write(ours, tmp_path):
    save_huggingface(tmp_path, ours)
    network, told = transformers.MaskFormerForInstanceSegmentation.from_pretrained(tmp_path, output_loading_info=True)
    assert not any(told.values())

    images = pictures(2, 70, 90)
    output = ours.model(images)
    for name, value in answers(network.eval(), images).items():
        assert (getattr(output, name) - value).abs().max() <= 1e-4 * value.abs().max(), name
    assert list(network.config.id2label.values()) == [category.name for category in ours.taxonomy.categories]
    assert isinstance(transformers.AutoModel.from_pretrained(tmp_path), transformers.MaskFormerModel)


def test_transformers_and_back_keeps_taxonomy_and_thresholds(ours, tmp_path):
    """What a person does who fine-tunes our export."""
    save_huggingface(tmp_path / "exported", ours)
    network = transformers.MaskFormerForInstanceSegmentation.from_pretrained(tmp_path / "exported")
    processor = transformers.MaskFormerImageProcessorPil.from_pretrained(tmp_path / "exported")
    network.save_pretrained(tmp_path / "again")
    processor.save_pretrained(tmp_path / "again")
    again = load_checkpoint(tmp_path / "again")
    assert_same_weights(again.model.state_dict(), ours.model.state_dict())
    assert (again.config, again.taxonomy, again.preprocessing) == (ours.config, ours.taxonomy, ours.preprocessing)


def test_other_labels_than_the_exported_make_another_taxonomy(ours, tmp_path):
    save_huggingface(tmp_path, ours)
    labels = {str(index): f"thing {index}" for index in range(len(TAXONOMY))}
    describe(tmp_path, id2label=labels)
    assert [c.name for c in load_checkpoint(tmp_path).taxonomy.categories] == list(labels.values())


@pytest.mark.parametrize("field", ["do_reduce_labels", "reduce_labels"])
@pytest.mark.parametrize(("said", "first"), [(True, 1), (False, 0), (None, 1)])
def test_ids_of_labels_that_nobody_published_begin_where_the_data_set_has_them(folder, tmp_path, field, said, first):
    """Reduced labels are those of maps that count from 1, since 0 is void there."""
    (folder / "preprocessor_config.json").write_text(json.dumps({} if said is None else {field: said}))
    loaded = load_checkpoint(folder)
    classes = len(loaded.taxonomy)
    assert [c.category_id for c in loaded.taxonomy.categories] == list(range(first, first + classes))
    save_huggingface(tmp_path / "again", loaded)
    described = json.loads((tmp_path / "again" / "preprocessor_config.json").read_text())
    assert described["do_reduce_labels"] is (first == 1)


def test_reduced_labels_are_said_or_not_said(folder):
    (folder / "preprocessor_config.json").write_text('{"do_reduce_labels": "maybe"}')
    with pytest.raises(StudioError, match="do_reduce_labels"):
        load_checkpoint(folder)


@pytest.mark.parametrize(("name", "reduces"), [("ade20k", True), ("coco_panoptic", False)])
def test_reduced_labels_are_told(ours, tmp_path, name, reduces):
    known = known_taxonomies()[name]
    taxonomy = Taxonomy(known.name, known.categories[: len(TAXONOMY)])
    save_huggingface(tmp_path, replace(ours, taxonomy=taxonomy))
    described = json.loads((tmp_path / "preprocessor_config.json").read_text())
    gaps = [c.category_id for c in taxonomy.categories] != list(range(1, len(taxonomy) + 1))
    assert described["do_reduce_labels"] == (reduces or not gaps)


@pytest.mark.parametrize(
    "change",
    [
        {"backbone": "efficientnet_lite0"},
        {"backbone": replace(SPECS["resnet"], stem=(8, 8, 12))},
        {"backbone": replace(SPECS["resnet"], depths=(1, 1, 1, 2), multi_grid=(1, 2))},
        {"encoder_layers": 1},
        {"memory_stride": 16},
        {"formulation": "per_pixel"},
    ],
    ids=str,
)
def test_what_transformers_does_not_have_is_not_written(ours, tmp_path, change):
    config = replace(ours.config, **change)
    with pytest.raises(StudioError, match="no such network"):
        save_huggingface(tmp_path / "exported", replace(ours, config=config, model=build_network(config)))
    assert not (tmp_path / "exported").exists()
