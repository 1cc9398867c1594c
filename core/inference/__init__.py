"""From a picture to N queries, and from N queries to panoptic, semantic and instance results."""

from core.inference.contest import mask_area
from core.inference.devices import DEVICES, choose_device
from core.inference.geometry import Geometry, fit
from core.inference.instances import instances
from core.inference.masks import query_mask
from core.inference.own_masks import OwnMask, own_masks
from core.inference.panoptic import Assembly, assemble, panoptic, segments_of
from core.inference.prediction import Prediction
from core.inference.predictor import Predictor, network_input
from core.inference.queries import mask_probability, nearest_queries, query_distribution, shortlist
from core.inference.semantic import semantic
from core.inference.stitching import stitch, stitch_semantic
from core.inference.tiled import TiledPicture, thing_instances
from core.inference.tiles import LEAST_SIDE, Tiling, natural_side, tiling_for

__all__ = [
    "DEVICES",
    "LEAST_SIDE",
    "Assembly",
    "Geometry",
    "OwnMask",
    "Prediction",
    "Predictor",
    "TiledPicture",
    "Tiling",
    "assemble",
    "choose_device",
    "fit",
    "instances",
    "mask_area",
    "mask_probability",
    "natural_side",
    "nearest_queries",
    "network_input",
    "own_masks",
    "panoptic",
    "query_distribution",
    "query_mask",
    "segments_of",
    "semantic",
    "shortlist",
    "stitch",
    "stitch_semantic",
    "thing_instances",
    "tiling_for",
]
