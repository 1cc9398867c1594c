"""A per-pixel model's prediction made of a drawn one."""

from dataclasses import replace

import torch

from core.inference import Prediction


def per_pixel_of(prediction: Prediction) -> Prediction:
    """Its first masks become the maps of all classes."""
    classes = len(prediction.taxonomy)
    return replace(
        prediction,
        class_logits=torch.eye(classes, classes + 1).log(),
        mask_logits=prediction.mask_logits[:classes].log_softmax(dim=0),
        mask_embeddings=torch.zeros(classes, len(prediction.pixel_embeddings)),
        is_per_pixel=True,
    )
