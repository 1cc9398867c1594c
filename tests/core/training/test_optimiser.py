import pytest
import torch

from core.model import LiteSpec, MaskFormerConfig, Network, ResNetSpec, SwinSpec, build_network
from core.training.optimiser import build_optimiser, freeze_stages
from core.training.street_recipes import STREET

BACKBONES = {
    "resnet": ResNetSpec(depths=(1, 1, 1, 1), widths=(16, 24, 32, 40), stem=(8,)),
    "swin": SwinSpec(width=16, depths=(1, 2, 2, 1), heads=(1, 2, 2, 4), window=4, drop_path=0.0),
    "lite": LiteSpec(width=0.5, depth=0.5),
}
each_family = pytest.mark.parametrize("family", BACKBONES)


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


def network(family: str) -> Network:
    config = MaskFormerConfig(num_classes=3, backbone=BACKBONES[family], width=32, pixel_decoder_width=32)
    return build_network(config).train()


@each_family
def test_frozen_stages_neither_learn_nor_gather_statistics(family):
    model = network(family)
    freeze_stages(model, 2)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    output = model(torch.randn(2, 3, 64, 64))
    (output.mask_logits.square().mean() + output.class_logits.square().mean()).backward()
    build_optimiser(model, STREET).step()
    changed = {name for name, value in model.state_dict().items() if not torch.equal(value, before[name])}
    frozen = ("backbone.stem.", "backbone.patch_", "backbone.stages.0.", "backbone.stages.1.")
    assert not [name for name in changed if name.startswith(frozen)]
    assert [name for name in changed if name.startswith("backbone.stages.3.")]


@each_family
def test_nothing_is_frozen_unless_asked_for(family):
    model = network(family)
    freeze_stages(model, 0)
    assert all(parameter.requires_grad for parameter in model.parameters())
    assert all(module.training for module in model.modules())


@each_family
def test_only_norms_and_positions_do_not_decay(family):
    model = network(family)
    rows = build_optimiser(model, STREET).param_groups
    decays = {id(p): row["weight_decay"] for row in rows for p in row["params"]}
    rates = {id(p): row["lr"] for row in rows for p in row["params"]}
    for name, parameter in model.named_parameters():
        is_norm = parameter.dim() == 1 and name.endswith("weight")
        is_position = name.endswith(("position_bias", "query_positions.weight"))
        if is_norm or is_position:
            assert decays[id(parameter)] == 0, name
        elif parameter.dim() > 1:
            assert decays[id(parameter)] == STREET.weight_decay, name
        share = STREET.backbone_multiplier if name.startswith("backbone.") else 1
        assert rates[id(parameter)] == STREET.learning_rate * share, name
