"""Reading pictures that may be anything: upright RGB, or one clear sentence.

The format is sniffed from the content (the name proves nothing), and the byte count and declared size are checked
before a pixel is decoded.
"""

import struct
import warnings
import zlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from core.files import shown_name
from core.messages import StudioError

_SIGNATURES = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
)

# EXIF 2.32, tag 0x0112: how the stored picture is turned upright.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# What is wrong with a picture is told in a sentence or, as a broken EXIF block, is nobody's concern.
warnings.filterwarnings("ignore", module=r"PIL\.")

# What Pillow's readers raise on damaged files (EOFError and struct.error are no OSErrors).
_BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)
DAMAGED = (
    *(OSError, EOFError, ValueError, SyntaxError, IndexError, KeyError, TypeError, struct.error, zlib.error),
    *_BOMB,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest picture that is read: ``pixels`` as declared by the file, ``file_bytes`` of the file itself."""

    pixels: int = 40_000_000
    file_bytes: int = 64_000_000


def read(source: Path | bytes, name: str = "", limits: Limits = Limits()) -> NDArray[np.uint8]:
    """The picture as (H, W, 3) uint8 RGB, turned upright by its EXIF orientation.

    Transparency is laid over white, 16-bit values are scaled to 8, CMYK and palettes become RGB, and an animation gives
    its first frame. ``name`` is what errors call the picture (default: the file's own name).

    Raises:
        StudioError: one sentence: missing, empty, too large, not a picture, damaged, or of an unsupported kind.
    """
    shown = shown_name(name or (source.name if isinstance(source, Path) else "")) or "The picture"
    content = _content(source, shown, limits)
    picture = _open(content, shown, limits)
    try:
        picture.load()
    except DAMAGED as error:
        raise StudioError("error.picture_damaged", name=shown) from error
    return np.asarray(_to_rgb(_turn_upright(picture), shown))


def _content(source: Path | bytes, shown: str, limits: Limits) -> bytes:
    try:
        size = source.stat().st_size if isinstance(source, Path) else len(source)
        if size > limits.file_bytes:
            raise StudioError("error.picture_bytes", name=shown, limit=limits.file_bytes // 1_000_000)
        content = source.read_bytes() if isinstance(source, Path) else source
    except FileNotFoundError as error:
        raise StudioError("error.picture_missing", name=shown) from error
    except OSError as error:
        raise StudioError("error.picture_unreadable", name=shown, reason=error.strerror or error) from error
    if not content:
        raise StudioError("error.picture_empty", name=shown)
    return content


def _sniff(content: bytes, shown: str) -> str:
    for signature, kind in _SIGNATURES:
        if content.startswith(signature):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WEBP"
    start = content[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<svg", b"<?xml", b"<!doctype svg", b"<!--")) and b"<svg" in start:
        raise StudioError("error.picture_svg", name=shown)
    raise StudioError("error.picture_unknown", name=shown)


def _open(content: bytes, shown: str, limits: Limits) -> Image.Image:
    kind = _sniff(content, shown)
    try:
        picture = Image.open(BytesIO(content), formats=[kind])
    except _BOMB as error:
        raise StudioError("error.picture_pixels", name=shown, limit=limits.pixels // 1_000_000) from error
    except DAMAGED as error:
        raise StudioError("error.picture_damaged", name=shown) from error
    if picture.width * picture.height > limits.pixels:
        raise StudioError("error.picture_pixels", name=shown, limit=limits.pixels // 1_000_000)
    return picture


def _turn_upright(picture: Image.Image) -> Image.Image:
    try:
        orientation = picture.getexif().get(ExifTags.Base.Orientation, 1)
    except DAMAGED:  # a broken EXIF block says nothing about the pixels
        return picture
    turn = _UPRIGHT.get(orientation) if isinstance(orientation, int) else None
    return picture if turn is None else picture.transpose(turn)


def _to_rgb(picture: Image.Image, shown: str) -> Image.Image:
    if picture.mode.startswith("I;16"):
        values = np.asarray(picture).astype(np.uint32)
        return Image.fromarray(((values * 255 + 32767) // 65535).astype(np.uint8)).convert("RGB")
    if picture.mode in ("I", "F", "LAB"):
        raise StudioError("error.picture_mode", name=shown)
    if picture.has_transparency_data:
        over = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", over.size, "white"), over).convert("RGB")
    return picture.convert("RGB")
