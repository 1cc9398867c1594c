"""What all pictures of Explain share: fonts, colours, a title, a source line, and the two ways they are written."""

import io
import threading
import warnings
from collections.abc import Callable, Sequence
from textwrap import fill
from typing import Any

import cv2
import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.layout_engine import ConstrainedLayoutEngine
from numpy.typing import NDArray

from app.encoding import shrink
from core.messages import FIRST_LANGUAGE, text
from core.types import Color

INK, QUIET, TRACK, ACCENT = "#1b2530", "#66727f", "#e7ebef", "#14757c"
MASK, NOTHING = (226, 88, 34), (104, 112, 124)  # a query's mask, and one of no object
LONG_SIDE, SMALL_LONG_SIDE = 1000, 420  # pixels of a photograph in a picture, and of one among many
DOTS = {"png": 200, "svg": 120}
_WIDE = 0x2E80  # from here on letters are Chinese, Japanese, Korean
_WIDE_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "SimHei",
    "Arial Unicode MS",
)
_FONTS = ("DejaVu Sans", *_WIDE_FONTS)  # each letter from the first of them that is there and has it
_SETTINGS: dict[Any, Any] = {
    "font.size": 9,
    "text.parse_math": False,
    "text.color": INK,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": QUIET,
    "axes.titlecolor": INK,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": QUIET,
    "ytick.color": INK,
    "svg.fonttype": "none",
    "svg.hashsalt": "maskformer-studio",
}
_turn = threading.Lock()  # matplotlib's settings are the whole program's


def rendered(draw: Callable[[], Figure], kind: str) -> bytes:
    """The file of a figure, ``png`` or ``svg``; words in an SVG stay words."""
    stream = io.BytesIO()
    with (
        _turn,
        mpl.rc_context(_SETTINGS | {"font.family": _fonts()}),
        warnings.catch_warnings(action="ignore"),
    ):  # letters that no font has
        draw().savefig(stream, format=kind, dpi=DOTS[kind], facecolor="white", metadata=_metadata(kind))
    return stream.getvalue()


def drawn_language(language: str, kind: str) -> str:
    """The language of a picture: a PNG is in English where no font of this computer has the language's letters."""
    is_wide = any(ord(letter) >= _WIDE for letter in text("app.explain.title", language))
    has_font = any(name in _WIDE_FONTS for name in _fonts())
    return FIRST_LANGUAGE if kind == "png" and is_wide and not has_font else language


def new_sheet(width: float, height: float, title: str, source: str) -> Figure:
    """An empty figure in inches with its title above, and below it where the numbers come from."""
    rect = (0.006, 0.3 / height, 0.988, 1 - 0.72 / height)
    engine = ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.08, rect=rect)
    figure = Figure(figsize=(width, height), layout=engine)
    figure.text(0.012, 1 - 0.12 / height, title, va="top", fontsize=13, fontweight="bold")
    figure.text(0.012, 0.1 / height, source, va="bottom", fontsize=7.5, color=QUIET)
    return figure


def photograph(axes: Axes, image: NDArray[np.uint8], faint: float = 0.0) -> None:
    """The picture without ticks, in its own coordinates; ``faint`` moves it towards white."""
    height, width = image.shape[:2]
    small = shrink(image, LONG_SIDE)
    if faint:
        small = (small * (1 - faint) + 255 * faint).astype(np.uint8)
    axes.imshow(small, extent=(0, width, height, 0), interpolation="antialiased")
    bare(axes)


def small_picture(image: NDArray[np.uint8], long_side: int = SMALL_LONG_SIDE) -> NDArray[np.uint8]:
    """The photograph at the size of one of many in a picture; a small one is enlarged."""
    scale = long_side / max(image.shape[:2])
    size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def bare(axes: Axes) -> None:
    """Neither ticks nor frame."""
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)


def bar_axes(axes: Axes, names: Sequence[str], longest: float) -> None:
    """Room for named horizontal bars, the first on top."""
    axes.set(ylim=(len(names) - 0.4, -0.6), xlim=(0, longest), yticks=range(len(names)))
    axes.set_yticklabels(names)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def brief(name: str, most: int = 22) -> str:
    """A name that leaves room for what it names."""
    return name if len(name) <= most else f"{name[: most - 1].rstrip()}\u2026"


def probability(value: float) -> str:
    """Two digits, but never 1.00 or 0.00 for what is not."""
    if 0.995 < value < 1:
        return ">0.99"
    return "<0.01" if 0 < value < 0.005 else f"{value:.2f}"


def percent(share: float) -> str:
    """A share with one digit."""
    return "<0.1%" if 0 < share < 0.001 else f"{100 * share:.1f}%"


def folded(words: str, columns: int) -> str:
    """A sentence in lines of so many letters; letters of Chinese are twice as wide."""
    wide = sum(ord(letter) >= _WIDE for letter in words) * 2 > len(words)
    return fill(words, columns // 2 if wide else columns)


def paint(color: Color | Sequence[int]) -> tuple[float, float, float]:
    """A colour as matplotlib takes it."""
    red, green, blue = (channel / 255 for channel in color)
    return red, green, blue


def ink_on(color: Color | Sequence[int]) -> str:
    """Black or white, whichever is read better on a colour (ITU-R BT.601 luma)."""
    red, green, blue = color
    return "black" if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else "white"


def _fonts() -> list[str]:
    known = {font.name for font in fontManager.ttflist}
    return [name for name in _FONTS if name in known] or ["sans-serif"]


def _metadata(kind: str) -> dict[str, str | None]:
    return {"Software": "MaskFormer Studio"} if kind == "png" else {"Creator": "MaskFormer Studio", "Date": None}
