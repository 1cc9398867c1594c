"""From an upright picture to a :class:`Prediction`: resize, normalise, pad, run the network once."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn.functional import pad

from core.checkpoints import Checkpoint, Preprocessing
from core.inference.devices import choose_device, is_out_of_memory
from core.inference.geometry import Geometry, fit
from core.inference.prediction import Prediction
from core.inference.readout import Tensors, read_out
from core.messages import text
from core.model import Network

FINER_STAGES = 2  # those of strides 4 and 8
T = TypeVar("T")


def network_input(image: NDArray[np.uint8], geometry: Geometry, preprocessing: Preprocessing) -> Tensor:
    """(1, 3, H, W) float32: the picture resized (bilinear, anti-aliased), normalised, then padded with zeros."""
    height, width = geometry.resized_hw
    resized = Image.fromarray(image).resize((width, height), Image.Resampling.BILINEAR)
    pixels = torch.from_numpy(np.array(resized)).permute(2, 0, 1).float()  # (3, H, W)
    mean, std = torch.tensor(preprocessing.mean), torch.tensor(preprocessing.std)
    normalised = (pixels - mean[:, None, None]) / std[:, None, None]
    bottom, right = geometry.padded_hw[0] - height, geometry.padded_hw[1] - width
    return pad(normalised, (0, right, 0, bottom))[None]


class Predictor:
    """Runs one checkpoint on one device; safe to share between threads, which then take turns.

    Args:
        device: ``auto``, ``cpu``, ``cuda`` or ``mps``. CUDA computes in half precision.
        warn: is told one sentence when the device's memory is full; the CPU does the work from then on.

    Raises:
        StudioError: the computer has no such device.
    """

    def __init__(
        self, checkpoint: Checkpoint, *, device: str = "auto", warn: Callable[[str], None] | None = None
    ) -> None:
        self.checkpoint = checkpoint
        self.device = choose_device(device)
        self._warn = warn
        self._turn = threading.Lock()
        checkpoint.model.eval().to(self.device)

    def predict(self, image: NDArray[np.uint8]) -> Prediction:
        """All queries of an upright RGB picture (H, W, 3) uint8.

        Raises:
            ValueError: the array is not such a picture.
        """
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or image.size == 0:
            raise ValueError(f"image must be (H, W, 3) uint8, got {image.shape} {image.dtype}")
        preprocessing = self.checkpoint.preprocessing
        height, width, _ = image.shape
        geometry = fit(
            (height, width), preprocessing.short_side, preprocessing.max_long_side, preprocessing.pad_multiple
        )
        with self._turn:
            tensors = self._run_or_fall_back(self._run, network_input(image, geometry, preprocessing))
        return Prediction(
            *tensors,
            geometry=geometry,
            taxonomy=self.checkpoint.taxonomy,
            score_threshold=preprocessing.score_threshold,
            overlap_threshold=preprocessing.overlap_threshold,
            seeds=self.checkpoint.config.seeds,
            is_per_pixel=self.checkpoint.is_per_pixel,
        )

    def finer_features(self, image: NDArray[np.uint8], geometry: Geometry) -> tuple[Tensor, ...]:
        """The backbone's features at strides 4 and 8, each (channels, h, w) float32 on the CPU, of a predicted picture.

        ``geometry`` is its prediction's. Coarser stages are not computed.
        """
        images = network_input(image, geometry, self.checkpoint.preprocessing)
        with self._turn:
            return self._run_or_fall_back(self._run_finer_stages, images)

    def observe(self, image: NDArray[np.uint8], geometry: Geometry, watch: Callable[[Network, Tensor], T]) -> T:
        """What ``watch`` makes of the network and of a predicted picture's input (1, 3, H, W), in its turn.

        ``geometry`` is its prediction's; what ``watch`` puts on the network it takes off again.
        """
        images = network_input(image, geometry, self.checkpoint.preprocessing)
        with self._turn:
            return self._run_or_fall_back(lambda images: self._watched(watch, images), images)

    def _run_or_fall_back(self, run: Callable[[Tensor], T], images: Tensor) -> T:
        try:
            return run(images)
        except RuntimeError as error:
            if self.device.type == "cpu" or not is_out_of_memory(error):
                raise
        if self._warn:
            self._warn(text("error.device_memory", device=self.device.type))
        self.device = torch.device("cpu")
        self.checkpoint.model.to(self.device)
        return run(images)

    @torch.inference_mode()
    def _run(self, images: Tensor) -> Tensors:
        with self._precision():
            output = self.checkpoint.model(images.to(self.device))
        class_logits, mask_logits, mask_embeddings, pixel_embeddings = read_out(output)
        return class_logits.cpu(), mask_logits.cpu(), mask_embeddings.cpu(), pixel_embeddings.cpu()

    @torch.inference_mode()
    def _watched(self, watch: Callable[[Network, Tensor], T], images: Tensor) -> T:
        with self._precision():
            return watch(self.checkpoint.model, images.to(self.device))

    @torch.inference_mode()
    def _run_finer_stages(self, images: Tensor) -> tuple[Tensor, ...]:
        with self._precision():
            features = self.checkpoint.model.backbone(images.to(self.device), count=FINER_STAGES)
        return tuple(feature[0].float().cpu() for feature in features)

    def _precision(self) -> AbstractContextManager[object]:
        return torch.autocast("cuda", torch.float16) if self.device.type == "cuda" else nullcontext()
