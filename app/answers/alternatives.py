"""What else a pixel could be: the queries that claim it, the surest first."""

from app.answers.fields import Fields
from app.answers.reply import Reply
from app.open_picture import OpenPicture
from app.resample import probs_at

_MOST = 12
_LEAST_CLAIM = 0.02  # p(class) x mask probability; below it nobody would take the query's mask here


def alternatives(picture: OpenPicture, fields: Fields) -> Reply:
    """The queries at a pixel by falling p(class) x mask probability; ``segment_id`` where one is a segment already.

    A query's outline is asked for by itself, with the message ``query``: the heat's 0.5 line is the promoted mask.
    """
    prediction = picture.prediction
    height, width = picture.document.size_hw
    x, y = fields.integer("x", 0, width - 1), fields.integer("y", 0, height - 1)
    probs = probs_at(prediction, x, y)  # (Q,)
    claims = prediction.scores * probs
    segment_of = {query: key for key, row in picture.document.segments.items() for query in row.queries}
    best = claims.argsort(descending=True, stable=True)[:_MOST].tolist()
    return {
        "alternatives": [
            {
                "query": query,
                "category_id": prediction.taxonomy[int(prediction.best_classes[query])].category_id,
                "score": float(prediction.scores[query]),
                "probability": float(probs[query]),
                "segment_id": segment_of.get(query),
            }
            for query in best
            if claims[query] >= _LEAST_CLAIM
        ]
    }
