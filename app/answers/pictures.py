"""Opening: everything the page needs to show a picture for the first time, or again."""

from app.answers.fields import Fields
from app.answers.reply import Reply
from app.answers.state import state_of
from app.encoding import base64_text, jpeg, shrink
from app.sessions import OpenPicture
from core.types import Category

_LONGEST_SHOWN_SIDE = 2560


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
        },
        "taxonomy": [_row(category) for category in picture.prediction.taxonomy.categories],
        "state": state_of(picture, fields.language),
    }


def _row(category: Category) -> Reply:
    return {
        "category_id": category.category_id,
        "name": category.name,
        "is_thing": category.is_thing,
        "color": list(category.color),
    }
