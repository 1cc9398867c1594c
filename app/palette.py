"""Colours of segments: a class keeps its taxonomy colour, the things of one class get shades that can be told apart."""

import colorsys

from core.types import Color, SegmentInfo, Taxonomy

# The R2 low-discrepancy sequence: powers of the inverse plastic number, so neighbours in time lie far apart
# (M. Roberts, "The unreasonable effectiveness of quasirandom sequences", 2018).
_STEPS = (0.7548776662466927, 0.5698402909980532)
_HUE_SPAN = 0.1  # of the whole circle, centred on the class
_LIGHTNESS = (0.3, 0.78)
_LEAST_SATURATION = 0.4
_LIGHTNESS_SPAN = 0.24  # of a tone, centred on the class


def shade(color: Color, index: int) -> Color:
    """A variation of a class colour; the same index always gives the same shade."""
    hue, _, saturation = colorsys.rgb_to_hls(*(channel / 255 for channel in color))
    along_hue, along_lightness = (((index + 1) * step) % 1.0 for step in _STEPS)
    low, high = _LIGHTNESS
    varied = colorsys.hls_to_rgb(
        (hue + (along_hue - 0.5) * _HUE_SPAN) % 1.0,
        low + along_lightness * (high - low),
        max(saturation, _LEAST_SATURATION),
    )
    red, green, blue = (round(channel * 255) for channel in varied)
    return red, green, blue


def tone(color: Color, index: int) -> Color:
    """The class colour, a little lighter or darker; the same index always gives the same tone."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*(channel / 255 for channel in color))
    moved = lightness + (((index + 1) * _STEPS[1]) % 1.0 - 0.5) * _LIGHTNESS_SPAN
    red, green, blue = (round(255 * c) for c in colorsys.hls_to_rgb(hue, min(0.9, max(0.1, moved)), saturation))
    return red, green, blue


def segment_color(segment: SegmentInfo, taxonomy: Taxonomy) -> Color:
    """Stuff wears its class colour; a thing's shade hangs on the query that opened it.

    It depends on nothing else in the picture, so an edit elsewhere or a moved threshold never recolours a segment.
    """
    category = taxonomy.category(segment.category_id)
    if not category.is_thing:
        return category.color
    return shade(category.color, segment.queries[0] if segment.queries else segment.segment_id)
