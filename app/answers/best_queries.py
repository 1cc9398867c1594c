"""Which query explains each place best: what a click there would begin with, for the preview under the cursor."""

import numpy as np

from app.answers.fields import Fields
from app.answers.reply import Reply
from app.encoding import deflated
from app.open_picture import OpenPicture
from core.refinement.best_queries import best_queries as best_of


def best_queries(picture: OpenPicture, fields: Fields) -> Reply:
    """One number a cell of the grid: the query + 1, or 0 where no query's mask holds the cell's middle."""
    grid = best_of(picture.prediction)
    scale_y, scale_x = picture.prediction.geometry.scale_hw
    return {
        "queries": deflated((grid + 1).astype(np.uint16)),
        "grid_height": grid.shape[0],
        "grid_width": grid.shape[1],
        "scale_y": scale_y,
        "scale_x": scale_x,
    }
