"""Training samples: sample ``i`` depends on the seed and ``i`` alone, so a resumed run sees what it would have seen."""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, partial, reduce
from typing import TypeAlias

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from core.formats.panoptic_dataset import DatasetPicture, PanopticDataset
from core.messages import StudioError
from core.training.augmentation import OUTSIDE, cut_image, cut_labels, padded
from core.training.copy_paste import CopyPaste, LabelledView
from core.training.framing import Frame
from core.training.recipe import Recipe
from core.training.targets import Target
from core.types import VOID, SegmentInfo

Sample: TypeAlias = tuple[Tensor, Target, str]  # a picture (3, H, W) uint8, its truth, its name


@dataclass(frozen=True, slots=True)
class Batch:
    """``images`` (B, 3, H, W) uint8 and one target a picture; ``names`` for messages."""

    images: Tensor
    targets: list[Target]
    names: list[str]

    def parts(self, count: int) -> list["Batch"]:
        """The batch in so many equal parts."""
        size = len(self.names) // count
        cuts = [slice(first, first + size) for first in range(0, size * count, size)]
        return [Batch(self.images[cut], self.targets[cut], self.names[cut]) for cut in cuts]


def split_held_back(dataset: PanopticDataset, one_in: int, block: int) -> tuple[PanopticDataset, PanopticDataset]:
    """(training, held back): one block of so many pictures in this many is held back.

    Runs of neighbouring file names stay together, as neighbours are often one scene.
    """
    ordered = sorted(dataset.pictures, key=lambda picture: picture.file_name)
    period = one_in * block
    held = {p.image_id for index, p in enumerate(ordered) if index % period >= period - block}
    kept = tuple(picture for picture in dataset.pictures if picture.image_id not in held)
    back = tuple(picture for picture in dataset.pictures if picture.image_id in held)
    return (
        PanopticDataset(dataset.name, dataset.split, dataset.taxonomy, kept),
        PanopticDataset(dataset.name, dataset.split, dataset.taxonomy, back),
    )


class TrainingSamples(Dataset[Sample]):
    """An endless row of augmented samples; index = samples drawn since the run began."""

    def __init__(self, dataset: PanopticDataset, recipe: Recipe) -> None:
        self.dataset = dataset
        self.recipe = recipe
        self.shares = picture_shares(dataset, recipe.rare_category_share)

    def __getitem__(self, index: int) -> Sample:
        epoch, place = divmod(index, len(self.dataset))
        picture = self.dataset.pictures[_order(self.recipe.seed, epoch, self.shares)[place]]
        rng = np.random.default_rng([self.recipe.seed, 1, index])
        frame = self.recipe.framing(picture.size_hw, rng)
        view = self._view(picture, frame)
        if self.recipe.copy_paste is not None and self.recipe.copy_paste.wanted(rng):
            view = self._pasted(view, self.recipe.copy_paste, rng)
        image = view.image if self.recipe.jitter is None else self.recipe.jitter(view.image, rng)
        image = padded(image, frame.canvas_hw, np.round(self.recipe.preprocessing.mean))
        labels = padded(view.labels, frame.canvas_hw, OUTSIDE)
        target = self._target(picture, labels, view.segments)
        return torch.from_numpy(image).permute(2, 0, 1), target, picture.file_name

    def _view(self, picture: DatasetPicture, frame: Frame) -> LabelledView:
        return LabelledView(
            cut_image(self.dataset.image(picture), frame.view, frame.scaled_hw),
            cut_labels(self.dataset.label_map(picture), frame.view, frame.scaled_hw),
            tuple(segment for segment in picture.segments if segment.segment_id not in picture.crowd_ids),
        )

    def _pasted(self, view: LabelledView, copy_paste: CopyPaste, rng: np.random.Generator) -> LabelledView:
        """With things of a picture that is drawn and framed as any."""
        picture = self.dataset.pictures[int(rng.integers(len(self.dataset)))]
        other = self._view(picture, self.recipe.framing(picture.size_hw, rng))
        taxonomy = self.dataset.taxonomy
        things = [segment for segment in other.segments if taxonomy.category(segment.category_id).is_thing]
        return view.pasted(other, copy_paste.chosen(things, rng))

    def _target(self, picture: DatasetPicture, labels: NDArray[np.int32], segments: tuple[SegmentInfo, ...]) -> Target:
        taxonomy, stride = self.dataset.taxonomy, self.recipe.loss_stride
        counts = dict(zip(*(values.tolist() for values in np.unique(labels, return_counts=True)), strict=True))
        present = [s for s in segments if counts.get(s.segment_id, 0) >= self.recipe.min_target_area]
        ids = np.array([segment.segment_id for segment in present], dtype=np.int32)
        masks = cell_shares(labels == ids[:, None, None], stride)  # (T, h, w)
        valid = masks.sum(0)
        if picture.void_is_background:
            valid = valid + cell_shares(labels[None] == VOID, stride)[0]
        indices = np.array([taxonomy.class_index(segment.category_id) for segment in present], dtype=np.int64)
        exempt = torch.zeros(len(taxonomy), dtype=torch.bool)
        exempt[[taxonomy.class_index(category_id) for category_id in picture.not_exhaustive_category_ids]] = True
        return Target(
            class_indices=torch.from_numpy(indices),
            is_thing=torch.from_numpy(taxonomy.is_thing[indices]),
            masks=masks,
            valid=valid,
            exempt=exempt,
        )


def picture_shares(dataset: PanopticDataset, rare: float) -> tuple[float, ...]:
    """How often each picture is drawn in an epoch, 1 on average: repeat factors of LVIS (arXiv 1908.03195).

    A category that stands in a fraction f < ``rare`` of the pictures asks for sqrt(rare / f); a picture follows its
    rarest category.
    """
    if not rare:
        return (1.0,) * len(dataset)  # without reading every picture's segments
    present = [{segment.category_id for segment in picture.segments} for picture in dataset.pictures]
    counts = Counter(category_id for categories in present for category_id in categories)
    asked = {category_id: max(1.0, math.sqrt(rare * len(present) / count)) for category_id, count in counts.items()}
    factors = [max((asked[category_id] for category_id in categories), default=1.0) for categories in present]
    return tuple(factor * len(factors) / sum(factors) for factor in factors)


@lru_cache(maxsize=2)
def _order(seed: int, epoch: int, shares: tuple[float, ...]) -> list[int]:
    """An epoch's pictures: systematic sampling gives each its share, rounded up or down; then they are shuffled."""
    rng = np.random.default_rng([seed, 0, epoch])
    marks = rng.random() + np.arange(len(shares))
    drawn = np.searchsorted(np.cumsum(shares), marks).clip(max=len(shares) - 1)
    order: list[int] = rng.permutation(drawn).tolist()
    return order


def cell_shares(masks: NDArray[np.bool_], stride: int) -> Tensor:
    """(T, H, W) bool -> (T, h, w) float32: the share of each stride x stride cell that is covered."""
    if any(side % stride for side in masks.shape[1:]):
        raise ValueError(f"masks must have sides in whole cells of {stride}, got {masks.shape}")
    rows = reduce(np.add, (masks[:, row::stride].astype(np.uint16) for row in range(stride)))  # (T, h, W)
    cells = reduce(np.add, (rows[:, :, column::stride] for column in range(stride)))
    return torch.from_numpy(cells / np.float32(stride**2))


def sample_loader(
    dataset: PanopticDataset, recipe: Recipe, first_step: int, *, rank: int = 0, processes: int = 1
) -> Iterator[Batch]:
    """Batches from ``first_step`` to the recipe's last step, augmented in worker processes.

    Of every batch, the process ``rank`` of ``processes`` has its equal share of neighbours.

    Raises:
        StudioError: there is no picture, or one is damaged.
    """
    if not len(dataset):
        raise StudioError("error.empty_split", name=dataset.name, split=dataset.split)
    share = recipe.batch_size // processes
    firsts = (step * recipe.batch_size + rank * share for step in range(first_step, recipe.steps))
    loader = DataLoader(
        _Told(TrainingSamples(dataset, recipe)),
        batch_sampler=(list(range(first, first + share)) for first in firsts),
        num_workers=recipe.loader_workers,
        collate_fn=partial(_collate, empty=recipe.preprocessing.mean),
        generator=torch.Generator(),  # the loader draws a seed: not from the state that a resumed run restores
        worker_init_fn=_quiet_worker,
        prefetch_factor=4 if recipe.loader_workers else None,
        pin_memory=torch.cuda.is_available(),
    )
    for batch in loader:
        if isinstance(batch, StudioError):
            raise batch
        yield batch


class _Told(Dataset[Sample | StudioError]):
    """What is wrong with a picture as a value: raised in a worker, torch would make another error of it."""

    def __init__(self, samples: TrainingSamples) -> None:
        self._samples = samples

    def __getitem__(self, index: int) -> Sample | StudioError:
        try:
            return self._samples[index]
        except StudioError as error:
            return error


def _collate(drawn: list[Sample | StudioError], empty: tuple[float, float, float]) -> Batch | StudioError:
    """Samples of one size as they are; of several, each at the top left of the greatest, empty elsewhere.

    Where one could not be made, what is wrong with it.
    """
    samples: list[Sample] = []
    for sample in drawn:
        if isinstance(sample, StudioError):
            return sample
        samples.append(sample)
    images, targets, names = zip(*samples, strict=True)
    if len({image.shape for image in images}) > 1:
        height, width = (max(image.shape[axis] for image in images) for axis in (1, 2))
        stride = images[0].shape[1] // targets[0].valid.shape[0]
        images = tuple(_on_canvas(image, (height, width), empty) for image in images)
        targets = tuple(target.padded((height // stride, width // stride)) for target in targets)
    return Batch(torch.stack(images), list(targets), list(names))


def _on_canvas(image: Tensor, canvas_hw: tuple[int, int], empty: tuple[float, float, float]) -> Tensor:
    canvas = torch.tensor(empty).round().to(torch.uint8)[:, None, None].repeat(1, *canvas_hw)
    canvas[:, : image.shape[1], : image.shape[2]] = image
    return canvas


def _quiet_worker(_worker: int) -> None:
    cv2.setNumThreads(0)
    torch.set_num_threads(1)
