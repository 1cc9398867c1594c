"""Post-processing beside transformers', where its rules coincide with the paper's.

They do on masks that need no resizing, with class probabilities near 1 (it weighs masks by the score before it takes
areas) and without stuff that recurs (its ids collide then).
"""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from core.inference import Geometry, Prediction, panoptic, semantic
from tests.core.inference.oracle import random_prediction, taxonomy

transformers = pytest.importorskip("transformers")
GEOMETRY = Geometry((40, 56), (40, 56), (40, 56), stride=1)
THINGS = taxonomy(things=5, stuff=0)


def sure_prediction(seed: int) -> Prediction:
    prediction = random_prediction(seed, GEOMETRY, queries=15, classes=THINGS, smooth=8)
    prediction.class_logits.copy_(torch.nn.functional.one_hot(prediction.class_logits.argmax(-1), 6) * 30.0)
    return prediction


def outputs(prediction: Prediction) -> SimpleNamespace:
    return SimpleNamespace(
        class_queries_logits=prediction.class_logits[None], masks_queries_logits=prediction.mask_logits[None].clone()
    )


@pytest.mark.parametrize("seed", range(5))
def test_panoptic(seed):
    prediction = sure_prediction(seed)
    theirs = transformers.MaskFormerImageProcessorPil().post_process_panoptic_segmentation(
        outputs(prediction), threshold=0.5, mask_threshold=0.5, overlap_mask_area_threshold=0.2, label_ids_to_fuse=set()
    )[0]
    ours = panoptic(prediction, 0.5, 0.2)
    assert len(ours.segments) == len(theirs["segments_info"]) > 1
    assert (ours.panoptic_map == theirs["segmentation"].numpy()).all()
    assert [s.category_id for s in ours.segments] == [
        THINGS[row["label_id"]].category_id for row in theirs["segments_info"]
    ]


@pytest.mark.parametrize("seed", range(5))
def test_semantic(seed):
    prediction = random_prediction(seed, GEOMETRY, queries=15, smooth=8)
    theirs = transformers.MaskFormerImageProcessorPil().post_process_semantic_segmentation(outputs(prediction))[0]
    assert np.mean(semantic(prediction).class_map != theirs.numpy()) < 1e-3
