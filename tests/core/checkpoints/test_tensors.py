import pytest
import torch
from torch import nn

from core.checkpoints.tensors import Share, TensorTable, fill, read_torch_file
from core.messages import StudioError

FUSED = {"qkv.weight": torch.arange(18.0).view(6, 3), "qkv.bias": torch.arange(6.0)}
SHARES = {
    "query.weight": Share("qkv.weight", 0, 3),
    "query.bias": Share("qkv.bias", 0, 3),
    "value.weight": Share("qkv.weight", 2, 3),
    "value.bias": Share("qkv.bias", 2, 3),
}


def attention():
    return nn.ModuleDict({"query": nn.Linear(3, 2), "value": nn.Linear(3, 2)})


def test_fused_tensors_are_cut():
    model = attention()
    fill(model, TensorTable(FUSED), SHARES, name="a")
    assert model["query"].weight.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert model["value"].weight.tolist() == [[12, 13, 14], [15, 16, 17]]
    assert model["value"].bias.tolist() == [4, 5]


def test_a_fused_tensor_of_another_size_is_named_whole():
    with pytest.raises(StudioError, match=r"qkv\.bias is \(8,\) and should be \(6,\)"):
        fill(attention(), TensorTable({**FUSED, "qkv.bias": torch.zeros(8)}), SHARES, name="a")


def test_what_is_ignored_may_be_there_under_its_whole_name_or_the_last_part():
    more = {**FUSED, "a.index": torch.zeros(1), "norm.bias": torch.zeros(1), "b.num_batches_tracked": torch.zeros(1)}
    fill(attention(), TensorTable(more), SHARES, name="a", ignored=("index", "norm.bias"))
    with pytest.raises(StudioError, match=r"do not fit the model: norm\.bias is unexpected\.$"):
        fill(attention(), TensorTable(more), SHARES, name="a", ignored=("index",))


@pytest.mark.parametrize("wrapper", [None, "model", "state_dict"])
def test_a_torch_file_may_wrap_its_weights(tmp_path, wrapper):
    torch.save(FUSED if wrapper is None else {wrapper: FUSED, "iteration": 7}, tmp_path / "a.pth")
    read = read_torch_file(tmp_path / "a.pth")
    assert read.keys() == FUSED.keys()
    assert all(torch.equal(read[name], FUSED[name]) for name in FUSED)


@pytest.mark.parametrize("content", [[1, 2], {"a": 1}, torch.zeros(2), {"model": [torch.zeros(1)]}], ids=str)
def test_a_torch_file_of_something_else_is_refused(tmp_path, content):
    torch.save(content, tmp_path / "a.pth")
    with pytest.raises(StudioError, match="no table of named tensors"):
        read_torch_file(tmp_path / "a.pth")


def test_what_a_pickle_asks_for_is_named(tmp_path):
    torch.save({"a": print}, tmp_path / "a.pth")
    with pytest.raises(StudioError, match=r"asks for .*print"):
        read_torch_file(tmp_path / "a.pth")
