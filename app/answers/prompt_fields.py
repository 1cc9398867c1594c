"""What a person points at, from the message's fields: clicks, strokes and a box."""

from app.answers.fields import Fields
from core.refinement import Click, Prompts, Stroke

LONGEST_SIDE = 1 << 16
MOST_CLICKS = 500
_MOST_STROKES, _MOST_POINTS = 100, 2000
_WIDEST = 400  # pixels


def read_prompts(row: Fields) -> Prompts:
    """The prompts that ``row`` describes.

    Raises:
        StudioError: a field is missing or out of its bounds.
    """
    return Prompts(
        clicks=read_clicks(row, "clicks"),
        strokes=tuple(_stroke(stroke) for stroke in row.rows("strokes", least=0, most=_MOST_STROKES)),
        box=row.box("box_xyxy", LONGEST_SIDE) if row.given("box_xyxy") else None,
        is_accepted=row.flag("accepted", default=False),
    )


def read_clicks(row: Fields, name: str) -> tuple[Click, ...]:
    """A list of {x, y, positive}."""
    return tuple(_click(click) for click in row.rows(name, least=0, most=MOST_CLICKS))


def _click(row: Fields) -> Click:
    return Click(row.integer("x", 0, LONGEST_SIDE), row.integer("y", 0, LONGEST_SIDE), row.flag("positive"))


def _stroke(row: Fields) -> Stroke:
    points = row.points("points_xy", LONGEST_SIDE, most=_MOST_POINTS)
    return Stroke(points, row.number("width", 1, _WIDEST), row.flag("positive"))
