"""A convolution and its batch norm, computed as one or one after the other."""

import pytest
import torch
from torch import Tensor, nn

from core.model.convolution import ConvNorm
from tests.parity.weights import randomise


def layer(groups: int) -> ConvNorm:
    torch.manual_seed(3)
    conv = nn.Conv2d(6, 12, 3, stride=2, padding=2, dilation=2, groups=groups, bias=False)
    made = ConvNorm(conv, nn.BatchNorm2d(12, eps=1e-3), nn.ReLU())
    randomise(made)
    return made.double()


def plain(network: ConvNorm, x: Tensor) -> Tensor:
    conv, norm, activation = network
    return activation(norm(conv(x)))


@pytest.mark.parametrize("groups", [1, 3, 6])
def test_values_and_gradients_with_fixed_statistics(groups):
    network, x = layer(groups).eval(), torch.randn(2, 6, 9, 11, dtype=torch.float64, requires_grad=True)
    leaves = [x, *network.parameters()]
    outputs = network(x), plain(network, x)
    weights = torch.randn_like(outputs[0])
    ours, theirs = (torch.autograd.grad((output * weights).sum(), leaves) for output in outputs)

    torch.testing.assert_close(*outputs)
    for got, expected in zip(ours, theirs, strict=True):
        torch.testing.assert_close(got, expected)


def test_statistics_are_learned_in_training():
    network, same, x = layer(1).train(), layer(1).train(), torch.randn(2, 6, 9, 11, dtype=torch.float64)
    torch.testing.assert_close(network(x), plain(same, x), rtol=0, atol=0)
    assert torch.equal(network[1].running_var, same[1].running_var)
    assert not torch.equal(network[1].running_var, layer(1)[1].running_var)


def test_names_are_those_of_a_row_of_layers():
    assert set(layer(1).state_dict()) == {
        "0.weight",
        *(f"1.{name}" for name in ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")),
    }
