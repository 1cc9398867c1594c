"""From a picture to N queries, and from N queries to panoptic, semantic and instance results."""

from core.inference.devices import DEVICES, choose_device
from core.inference.geometry import Geometry, fit
from core.inference.instances import instances
from core.inference.masks import query_mask
from core.inference.panoptic import panoptic
from core.inference.prediction import Prediction
from core.inference.predictor import Predictor, network_input
from core.inference.queries import mask_probability, nearest_queries, query_distribution, shortlist
from core.inference.semantic import semantic

__all__ = [
    "DEVICES",
    "Geometry",
    "Prediction",
    "Predictor",
    "choose_device",
    "fit",
    "instances",
    "mask_probability",
    "nearest_queries",
    "network_input",
    "panoptic",
    "query_distribution",
    "query_mask",
    "semantic",
    "shortlist",
]
