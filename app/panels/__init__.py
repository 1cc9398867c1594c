"""The panels of Explain: what each shows on the page, the numbers behind it, and its picture."""

from app.panels import assembly, compare, doubt, layers, matching, pictures, pixel, views
from app.panels.panel import Panel

PANELS: dict[str, Panel] = {
    "pixel": pixel,
    "layers": layers,
    "assembly": assembly,
    "matching": matching,
    "views": views,
    "doubt": doubt,
    "compare": compare,
    "pictures": pictures,
}
