from core.checkpoints.names import KeyTable
from core.checkpoints.tensors import Share

TABLE = KeyTable.of(
    ("res{s+2}.{b}.conv", "stages.{s}.{b}.filter.0"),
    ("{l}.qkv", ("layers.{l}.query", "layers.{l}.key", "layers.{l}.value")),
    ("{l}.bias_table", "layers.{l}.position_bias"),
    ("{l}.old", "layers.{l}.output"),
    ("{l}.new", "layers.{l}.output"),
    theirs="net.",
    ours="backbone.",
)


def share(name, stored=()):
    return TABLE.shares([name], stored)[name]


def test_numbers_move_with_their_offset():
    assert share("backbone.stages.3.11.filter.0.weight") == Share("net.res5.11.conv.weight")


def test_a_row_may_be_a_module_or_a_tensor():
    assert share("backbone.layers.0.position_bias") == Share("net.0.bias_table")
    assert share("backbone.layers.0.output.running_mean") == Share("net.0.old.running_mean")


def test_fused_tensors_are_shared_in_their_order():
    parts = [share(f"backbone.layers.7.{part}.bias") for part in ("query", "key", "value")]
    assert parts == [Share("net.7.qkv.bias", part, 3) for part in range(3)]


def test_the_first_name_that_is_stored_is_taken():
    assert share("backbone.layers.1.output.bias", {"net.1.new.bias"}) == Share("net.1.new.bias")
    assert share("backbone.layers.1.output.bias", {"net.2.new.bias"}) == Share("net.1.old.bias")


def test_names_without_a_row_are_the_same_on_both_sides():
    assert share("class_head.weight") == Share("class_head.weight")
    assert share("backbone.stages.x.0.filter.0.weight") == Share("backbone.stages.x.0.filter.0.weight")
    assert share("other.backbone.layers.1.output.bias") == Share("other.backbone.layers.1.output.bias")


def test_tables_add_up():
    both = TABLE + KeyTable.of(("heads.c", "class_head"), ignored=("index",))
    assert both.shares(["class_head.bias", "backbone.layers.2.key.weight"]) == {
        "class_head.bias": Share("heads.c.bias"),
        "backbone.layers.2.key.weight": Share("net.2.qkv.weight", 1, 3),
    }
    assert both.ignored == ("index",)
