"""What the network made of the picture's pixels, to be looked at."""

from app.answers.fields import Fields
from app.answers.reply import Reply
from app.encoding import base64_text, webp
from app.open_picture import OpenPicture
from core.explain.embeddings import embedding_colors


def embeddings(picture: OpenPicture, fields: Fields) -> Reply:
    """The pixel embeddings of the picture in colours, and how many numbers each place has."""
    prediction = picture.prediction
    height, width = prediction.geometry.inner_hw
    shown = prediction.pixel_embeddings[:, :height, :width]
    return {
        "channels": shown.shape[0],
        "height": height,
        "width": width,
        "picture": base64_text(webp(embedding_colors(shown), quality=90)),
    }
