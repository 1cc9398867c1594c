"""Click-to-query: prompts are solved for a mask embedding on extended pixel features, and sharpened to pixels."""

from core.refinement.doubts import Doubt, Reason, doubts
from core.refinement.features import RefinementFeatures, embed_for_refinement
from core.refinement.prompts import Prompts, Stroke
from core.refinement.refiner import Refinement, Refiner
from core.refinement.similar import Candidate, similar
from core.types import Click

__all__ = [
    "Candidate",
    "Click",
    "Doubt",
    "Prompts",
    "Reason",
    "Refinement",
    "RefinementFeatures",
    "Refiner",
    "Stroke",
    "doubts",
    "embed_for_refinement",
    "similar",
]
