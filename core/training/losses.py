"""The training loss: cross entropy with a light "no object", focal and dice on matched masks, at every layer.

Where all pixels are labelled, masks are not mixed inside a cell and no class is exempt, values and gradients are those
of the paper's code and of transformers' ``MaskFormerLoss``. Different on purpose: void and padded pixels count for
nothing, there they are negatives; a free query may name a class whose absence proves nothing; several processes share
one mean of the class loss, there each has its own.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from core.messages import StudioError
from core.model import MaskFormerOutput
from core.training.mask_losses import mask_losses
from core.training.matcher import Matching
from core.training.seed_loss import seed_surprise
from core.training.targets import NOWHERE, Place, Target


@dataclass(frozen=True, slots=True)
class Losses:
    """Sums over layers: the weighted ``total``, and its unweighted parts by name."""

    total: Tensor
    parts: dict[str, Tensor]

    def __add__(self, other: "Losses") -> "Losses":
        return Losses(self.total + other.total, {name: part + other.parts[name] for name, part in self.parts.items()})

    def detached(self) -> "Losses":
        """The same numbers, without what led to them."""
        return Losses(self.total.detach(), {name: part.detach() for name, part in self.parts.items()})


@dataclass(frozen=True, slots=True)
class Criterion:
    """Loss of a batch, summed over decoder layers (deep supervision)."""

    class_weight: float = 1.0
    focal_weight: float = 20.0
    dice_weight: float = 1.0
    no_object_weight: float = 0.1

    def __call__(
        self,
        output: MaskFormerOutput,
        targets: list[Target],
        matchings: list[Matching],
        place: Place = NOWHERE,
        counts: Tensor | None = None,
    ) -> Losses:
        """Mask losses are divided by the number of true masks, class losses by the weight of the queries.

        Args:
            counts: both divisors, see :meth:`counts`; those of ``targets`` alone unless they are given.

        Raises:
            StudioError: the loss is not finite; names the step and the picture.
        """
        if counts is None:
            counts = self.counts(targets, output.class_logits.shape[1])
        masks, weight = counts.to(output.pixel_embeddings.device).clamp(min=1e-6).unbind()
        masks = masks.clamp(min=1)
        classes = self._class_losses(output, targets, matchings) / weight  # (B,)
        focal, dice = (sums / masks for sums in _mask_losses(output, targets, matchings))  # (B,)
        totals = self.class_weight * classes + self.focal_weight * focal + self.dice_weight * dice  # (B,)
        parts = {"classes": classes, "focal": focal, "dice": dice}
        if output.heat_logits is not None:
            parts["seeds"] = _seed_losses(output.heat_logits, targets) / masks
            totals = totals + parts["seeds"]
        require_finite(totals, place)
        return Losses(totals.sum(), {name: part.sum() for name, part in parts.items()})

    def counts(self, targets: list[Target], queries: int) -> Tensor:
        """(2,): how many true masks there are, and what the queries weigh, matched ones 1 each."""
        sizes = [len(target.class_indices) for target in targets]
        matched = sum(min(size, queries) for size in sizes)
        return torch.tensor([sum(sizes), matched + self.no_object_weight * (len(sizes) * queries - matched)])

    def _class_losses(self, output: MaskFormerOutput, targets: list[Target], matchings: list[Matching]) -> Tensor:
        """(B,): surprise of each picture's queries, summed over layers."""
        log_probs = torch.stack([layer.class_logits for layer in output.layers]).float().log_softmax(-1)
        no_object = log_probs.shape[-1] - 1
        losses = []
        for index, (target, matching) in enumerate(zip(targets, matchings, strict=True)):
            picture = log_probs[:, index]  # (L, Q, K+1)
            matched = picture.gather(1, matching.queries[..., None].expand(-1, -1, picture.shape[-1]))
            named = matched.gather(-1, target.class_indices[matching.targets][..., None])[..., 0]  # (L, n)
            free = torch.ones(picture.shape[:2], device=picture.device).scatter_(1, matching.queries, 0.0)
            silent = free * _silence(picture, target.exempt, no_object)
            losses.append(-named.sum() - self.no_object_weight * silent.sum())
        return torch.stack(losses)


def require_finite(losses: Tensor, place: Place) -> None:
    """Raises StudioError, with the step and the picture, where one of the pictures' losses (B,) is not finite."""
    if not losses.sum().isfinite():
        broken = int((~losses.isfinite()).int().argmax())
        raise StudioError("error.loss_not_finite", step=place.step, picture=place.name(broken))


def _silence(log_probs: Tensor, exempt: Tensor, no_object: int) -> Tensor:
    """log p(no object | no class that this picture's labels cannot refute): (L, Q, K+1) -> (L, Q).

    A free query that names an exempt class is neither punished nor rewarded: that class's logit gets no gradient.
    """
    irrefutable = torch.cat([exempt, exempt.new_zeros(1)])
    return log_probs[..., no_object] - log_probs.masked_fill(irrefutable, -torch.inf).logsumexp(-1)


def _seed_losses(heat_logits: Tensor, targets: list[Target]) -> Tensor:
    """(B,): what the heat of each picture is from its truth."""
    return torch.stack([seed_surprise(*picture) for picture in zip(heat_logits, targets, strict=True)])


def _mask_losses(output: MaskFormerOutput, targets: list[Target], matchings: list[Matching]) -> Tensor:
    """(2, B): focal and dice losses of each picture's matched queries, summed over layers."""
    embeddings = torch.stack([layer.mask_embeddings for layer in output.layers], 1).float().unbind()
    pictures = zip(embeddings, output.pixel_embeddings.float().unbind(), targets, matchings, strict=True)
    return torch.stack([torch.stack(_mask_sums(*picture)) for picture in pictures], 1)


def _mask_sums(embeddings: Tensor, pixels: Tensor, target: Target, matching: Matching) -> tuple[Tensor, Tensor]:
    """Focal and dice losses of one picture's matched queries, summed over layers: (L, Q, C) and (C, h, w)."""
    chosen = embeddings.gather(1, matching.queries[..., None].expand(-1, -1, embeddings.shape[-1]))
    logits = torch.einsum("nc,chw->nhw", chosen.flatten(0, 1), pixels)
    focal, dice = mask_losses(logits, matching.targets.flatten(), target.masks, target.valid)
    return focal.sum(), dice.sum()
