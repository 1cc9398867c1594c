"""What deserves a look: the model's segments by doubt, each with its reasons, and what came with an import."""

from app.answers.fields import Fields
from app.answers.reply import Reply
from app.open_picture import OpenPicture
from core.refinement import Doubt, Reason, doubts
from core.types import Origin

_REASONS = 2  # that are told of each segment at most
_LIKELIEST = 2  # classes that are named where the class is in doubt


def doubtful(picture: OpenPicture, fields: Fields) -> Reply:
    """Rows by falling doubt."""
    segments = picture.document.segments
    found = [_row(picture, doubt) for doubt in doubts(picture.prediction, segments)]
    imported = [key for key, row in segments.items() if row.origin is Origin.IMPORT and not row.reviewed]
    return {"rows": found + [{"segment_id": key, "doubt": None, "reasons": []} for key in imported]}


def _row(picture: OpenPicture, doubt: Doubt) -> Reply:
    """The reasons that speak for a doubt; where none does, the one that speaks least against it."""
    reasons = [reason for reason, weight in doubt.reasons[:_REASONS] if weight > 0] or [doubt.reasons[0][0]]
    row: Reply = {"segment_id": doubt.segment_id, "doubt": doubt.score, "reasons": [reason.value for reason in reasons]}
    if Reason.CLASS in reasons:
        row["classes"] = _likeliest(picture, doubt.segment_id)
    return row


def _likeliest(picture: OpenPicture, segment_id: int) -> list[Reply]:
    prediction = picture.prediction
    query = picture.document.segments[segment_id].queries[0]
    probs, indices = prediction.class_probs[query, :-1].topk(min(_LIKELIEST, len(prediction.taxonomy)))
    rows = zip(indices.tolist(), probs.tolist(), strict=True)
    return [{"category_id": prediction.taxonomy[index].category_id, "probability": p} for index, p in rows]
