"""The network that a run begins with: fresh, on an ImageNet backbone, or another checkpoint's with new classes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.checkpoints import Checkpoint, Preprocessing
from core.checkpoints.imagenet import load_imagenet
from core.messages import StudioError
from core.model import MaskFormerConfig, Network, build_network
from core.model.waves import WAVE_CHANNELS
from core.training.recipe import Recipe
from core.types import Taxonomy

# The tensors with one row a class, by formulation; with "mask" a last row stands for no object.
CLASS_ROWS = {
    "mask": ("class_head.weight", "class_head.bias"),
    "per_pixel": ("classifier.weight", "classifier.bias"),
    "per_pixel_plus": ("transformer_decoder.query_positions.weight",),
}


@dataclass(frozen=True, slots=True)
class Beginning:
    """A network and what belongs to it; ``known`` are the classes whose weights the checkpoint ``origin`` brought."""

    model: Network
    config: MaskFormerConfig
    preprocessing: Preprocessing
    origin: str = ""
    known: tuple[str, ...] = ()


def begin(recipe: Recipe, taxonomy: Taxonomy, start: Checkpoint | None, *, pretrained: bool) -> Beginning:
    """From ``start``, else from an ImageNet backbone, else (``pretrained`` off) from chance.

    With ``start``, the scale of colours is its own, and so is the architecture, unless the recipe's is ``grown`` from
    it; classes that it knows by name keep their weights, as does "no object"; the other classes begin fresh.

    Raises:
        StudioError: there are no ImageNet weights for the recipe's backbone, or its network does not grow from
            ``start``.
    """
    if start is not None:
        return _adapted(recipe, taxonomy, start)
    config = recipe.config(len(taxonomy))
    model = build_network(config)
    if pretrained:
        load_imagenet(model.backbone, config.backbone)
    return Beginning(model, config, recipe.preprocessing)


def _adapted(recipe: Recipe, taxonomy: Taxonomy, start: Checkpoint) -> Beginning:
    count = len(taxonomy)
    queries = count if start.config.formulation == "per_pixel_plus" else start.config.num_queries
    config = replace(start.config, num_classes=count, num_queries=queries)
    if recipe.grown:
        config = _grown(recipe, config)
    model = build_network(config)
    sources = same_classes(start.taxonomy, taxonomy)
    weights = dict(start.model.state_dict())
    for name in CLASS_ROWS[config.formulation]:
        weights[name] = _rows(model.state_dict()[name], weights[name], sources)
    model.load_state_dict(_fitted(model.state_dict(), weights) if recipe.grown else weights)
    scale = {name: getattr(start.preprocessing, name) for name in ("mean", "std", "pad_multiple")}
    known = tuple(c.name for c, source in zip(taxonomy.categories, sources, strict=True) if source is not None)
    return Beginning(model, config, replace(recipe.preprocessing, **scale), start.card.name, known)


def _grown(recipe: Recipe, old: MaskFormerConfig) -> MaskFormerConfig:
    """The recipe's network, of which ``old`` is the part without seeds, or the whole.

    Raises:
        StudioError: it is neither.
    """
    config = recipe.config(old.num_classes)
    waves = WAVE_CHANNELS if config.seeds else 0
    plain = replace(config, num_queries=old.num_queries, seeds=0, mask_channels=config.mask_channels - waves)
    if old not in (config, plain):
        ours, theirs = plain.to_json(), old.to_json()
        what = ", ".join(f"{name} = {theirs[name]}" for name in ours if ours[name] != theirs[name])
        raise StudioError("error.grown_start", recipe=recipe.name, what=what)
    return config


def _fitted(fresh: Mapping[str, Tensor], old: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """``fresh`` with what ``old`` has under the same names: whole tensors, or the rows that both have."""
    fitted = dict(fresh)
    for name, tensor in fresh.items():
        known = old.get(name)
        if known is not None and known.shape[1:] == tensor.shape[1:]:
            fitted[name] = torch.cat([known[: len(tensor)], tensor[len(known) :]]) if tensor.dim() else known
    return fitted


def same_classes(start: Taxonomy, taxonomy: Taxonomy) -> list[int | None]:
    """For each class of ``taxonomy``, the first of ``start`` with its name, but for case and punctuation."""
    places: dict[str, int] = {}
    for index, category in enumerate(start.categories):
        places.setdefault(_plain(category.name), index)
    return [places.get(_plain(category.name)) for category in taxonomy.categories]


def _plain(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


def _rows(fresh: Tensor, old: Tensor, sources: Sequence[int | None]) -> Tensor:
    """``fresh`` with the rows that have a source, and with the row after the last class where there is one."""
    rows = fresh.clone()
    pairs = [(row, source) for row, source in enumerate(sources) if source is not None]
    if len(fresh) > len(sources):
        pairs.append((len(fresh) - 1, len(old) - 1))
    for row, source in pairs:
        rows[row] = old[source]
    return rows.to(torch.float32)
