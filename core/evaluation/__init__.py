"""How good a model's pictures are, in numbers: panoptic quality, mean IoU and pixel accuracy."""
