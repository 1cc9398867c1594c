"""The semantic and the instance view of a picture; both come from the prediction, whatever a person edited."""

import numpy as np

from app.answers.fields import Fields
from app.answers.reply import Reply
from app.encoding import deflated
from app.open_picture import OpenPicture
from core.inference import instances as instance_inference
from core.inference import semantic as semantic_inference
from core.masks import rle_to_string
from core.types import Instance

_MOST_INSTANCES = 100


def semantic(picture: OpenPicture, fields: Fields) -> Reply:
    """The class of every pixel, and the classes that occur with their areas, largest first."""
    class_map = semantic_inference(picture.prediction).class_map
    taxonomy = picture.prediction.taxonomy
    areas = np.bincount(class_map.ravel(), minlength=len(taxonomy))
    present = [index for index in np.argsort(-areas, kind="stable").tolist() if areas[index]]
    is_small = len(taxonomy) <= 256
    return {
        "classes": deflated(class_map.astype(np.uint8) if is_small else class_map.astype(np.uint16)),
        "legend": [
            {"class_index": index, "category_id": taxonomy[index].category_id, "area": int(areas[index])}
            for index in present
        ],
    }


def instances(picture: OpenPicture, fields: Fields) -> Reply:
    """Scored instances of thing classes, best first, their masks as COCO's compressed run lengths."""
    found = instance_inference(picture.prediction, limit=_MOST_INSTANCES).instances
    return {"instances": [_row(instance) for instance in found]}


def _row(instance: Instance) -> Reply:
    return {
        "query": instance.query,
        "category_id": instance.category_id,
        "score": instance.score,
        "area": instance.area,
        "box_xyxy": list(instance.box_xyxy),
        "counts": rle_to_string(instance.mask),
    }
