"""Semantic inference: every pixel to the class with the largest sum of p(class) x mask over all queries."""

import torch

from core.inference.prediction import Prediction
from core.inference.upsample import picture_logits
from core.types import SemanticResult


def semantic(prediction: Prediction) -> SemanticResult:
    """One class a pixel, no void."""
    probs = picture_logits(prediction, torch.arange(len(prediction))).sigmoid()
    scores = torch.einsum("qk,qhw->khw", prediction.class_probs[:, :-1], probs)
    return SemanticResult(scores.argmax(0).int().numpy())
