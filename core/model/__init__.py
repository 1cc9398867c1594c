"""MaskFormer (arXiv 2107.06278): a picture goes in, N (class distribution, mask) pairs come out."""

from core.model.config import MaskFormerConfig
from core.model.maskformer import LayerPrediction, MaskFormer, MaskFormerOutput

__all__ = ["LayerPrediction", "MaskFormer", "MaskFormerConfig", "MaskFormerOutput"]
