"""Everything that decides how the click head is trained."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ClickRecipe:
    """A run's settings.

    Attributes:
        steps: each is one click into every one of ``episodes`` masks, and one step of AdamW.
        episodes: segments that are being corrected at the same time.
        most_clicks: into one segment, before another takes its place.
        go_on: the chance that a segment gets one click more.
        good: IoU at which a person is content.
        least_area: pixels of a segment to be corrected.
        factors: of the crop around what is known of the segment, least and most.
        wide_share: of the clicks, those that are seen in a wider crop, up to ``widest``.
        close_share: of the clicks, those that are seen in a smaller crop: half of them about the error that was
            clicked, ``close_factors`` of its side, half about the click alone, down to ``closest`` of what is known.
        near_weight: how much more a pixel at the click counts than one far from it.
        ema_decay: of the averaged weights, which are what is saved.
        mixed_precision: the head computes in bfloat16 where the processor does; its losses never do.
        held_back, held_back_block: as in :class:`core.training.recipe.Recipe`.
    """

    steps: int = 20_000
    episodes: int = 8
    learning_rate: float = 1e-3
    weight_decay: float = 1e-4
    warmup_steps: int = 200
    clip_norm: float = 1.0
    ema_decay: float = 0.999
    most_clicks: int = 20
    go_on: float = 0.93
    good: float = 0.96
    least_area: int = 64
    factors: tuple[float, float] = (1.3, 2.6)
    wide_share: float = 0.08
    widest: float = 6.4
    close_share: float = 0.45
    closest: float = 0.12
    close_factors: tuple[float, float] = (2.0, 5.0)
    near_weight: float = 2.0
    mixed_precision: bool = True
    held_back: int = 16
    held_back_block: int = 8
    save_every: int = 500
    seed: int = 1
