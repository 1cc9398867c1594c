"""Opening: everything the page needs to show a picture for the first time, or again."""

from app.answers.fields import Fields
from app.answers.reply import Reply
from app.answers.state import state_of, taxonomy_rows
from app.encoding import base64_text, jpeg, shrink
from app.open_picture import OpenPicture

_LONGEST_SHOWN_SIDE = 8192  # sharp at 1:1; what is larger is shown smaller, and its labels still pixel by pixel


def open_picture(picture: OpenPicture, fields: Fields) -> Reply:
    """The picture itself, its model, the taxonomy and the state."""
    height, width = picture.image.shape[:2]
    card = picture.card
    return {
        "name": picture.name,
        "height": height,
        "width": width,
        "picture": base64_text(jpeg(shrink(picture.image, _LONGEST_SHOWN_SIDE))),
        "model": {
            "name": card.name,
            "title": card.title,
            "domain": card.domain,
            "license": card.license,
            "per_pixel": picture.prediction.is_per_pixel,
            "seeds": picture.prediction.seeds,
        },
        "taxonomy": taxonomy_rows(picture.document.taxonomy),
        "state": state_of(picture),
    }
