"""Everything that decides a training run, as one frozen row a recipe."""

from dataclasses import dataclass, field
from typing import Any

from core.checkpoints import Preprocessing
from core.model import MaskFormerConfig
from core.training.augmentation import MILD_JITTER, ColorJitter
from core.training.copy_paste import CopyPaste
from core.training.framing import Framing


@dataclass(frozen=True, slots=True)
class Recipe:
    """A training run's settings.

    Attributes:
        model: fields of MaskFormerConfig without those that the data set decides, see :meth:`config`.
        grown: the network is ``model``'s even where the run begins with a checkpoint, whose tensors it takes as far as
            they fit; otherwise that checkpoint's network is trained on.
        framing: how pictures are brought to the training size.
        jitter: of colours; None leaves them.
        copy_paste: things of other training pictures are pasted onto some; None leaves all as they are.
        rare_category_share: pictures of categories that stand in fewer than this fraction of the pictures are
            drawn more often (0 = as they come).
        matching_stride, loss_stride: where costs and losses are measured (the paper: 4 and 1).
        backbone_multiplier: the backbone's share of the learning rate.
        ema_decay: of the exponential average of the weights, which is what is saved (0 = the weights themselves).
        batch_size: pictures a step, over all processes and parts.
        accumulate: parts that a process computes its pictures in, one after the other; the step is the same.
        warmup_steps: linear, times ``schedule``: a row of :data:`core.training.optimiser.SCHEDULES`.
        poly_power: the poly schedule falls as (1 - step / steps) ** poly_power.
        milestones: fractions of the run after which the step schedule divides the rate by ten.
        clip_norm: bound on the gradient's norm over the whole model.
        frozen_stages: backbone stages (with the stem) that keep their ImageNet weights and statistics.
        frozen_statistics: the backbone's batch norms keep their statistics and weights everywhere.
        mixed_precision: the network computes in bfloat16 on a GPU, and on a CPU where that is asked for; matching and
            losses never do.
        held_back, held_back_block: one block of neighbouring pictures in this many is kept from training, for
            validation and calibration, and how many pictures a block has.
        short_sides, threshold_grid: input sizes and thresholds to choose from when the weights are done.
        min_target_area: a segment with fewer pixels in the crop is treated as void.
    """

    name: str
    model: dict[str, Any]
    preprocessing: Preprocessing
    framing: Framing
    steps: int
    batch_size: int
    learning_rate: float
    backbone_multiplier: float
    weight_decay: float
    warmup_steps: int
    grown: bool = False
    jitter: ColorJitter | None = MILD_JITTER
    copy_paste: CopyPaste | None = None
    accumulate: int = 1
    schedule: str = "poly"
    frozen_stages: int = 0
    rare_category_share: float = 0.0
    frozen_statistics: bool = False
    mixed_precision: bool = True
    poly_power: float = 0.9
    milestones: tuple[float, ...] = (2 / 3,)
    clip_norm: float = 0.1
    ema_decay: float = 0.998
    matching_stride: int = 4
    loss_stride: int = 4
    class_weight: float = 1.0
    focal_weight: float = 20.0
    dice_weight: float = 1.0
    no_object_weight: float = 0.1
    held_back: int = 16
    held_back_block: int = 8
    min_target_area: int = 16
    validate_every: int = 1000
    save_every: int = 100
    seed: int = 1
    loader_workers: int = 1
    short_sides: tuple[int, ...] = (384,)
    threshold_grid: tuple[float, ...] = field(default=(0.3, 0.4, 0.5, 0.6, 0.7, 0.8))

    def config(self, num_classes: int) -> MaskFormerConfig:
        """The network for a data set of so many classes, each of which is a query in the ``per_pixel_plus`` one."""
        queries = {"num_queries": num_classes} if self.model.get("formulation") == "per_pixel_plus" else {}
        return MaskFormerConfig(num_classes=num_classes, **self.model | queries)
