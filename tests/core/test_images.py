"""Pictures of every awkward kind, drawn here: each is read right or refused with one sentence."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import ExifTags, Image

from core.images import Limits, read
from core.messages import StudioError
from tests.declared_pictures import declared_png, png_chunk

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def colors() -> NDArray[np.uint8]:
    """(2, 3, 3): red green blue over white black grey; every orientation of it differs."""
    return np.array([[RED, GREEN, BLUE], [WHITE, (0, 0, 0), (128, 128, 128)]], dtype=np.uint8)


def saved(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    stream = BytesIO()
    picture.save(stream, format=kind, **options)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("kind", "options"),
    [("PNG", {}), ("BMP", {}), ("TIFF", {}), ("TIFF", {"compression": "tiff_lzw"}), ("WEBP", {"lossless": True})],
)
def test_lossless_formats_are_exact(kind: str, options: dict[str, Any]) -> None:
    pixels = read(saved(Image.fromarray(colors()), kind, **options))
    assert pixels.dtype == np.uint8
    assert pixels.tolist() == colors().tolist()


def test_one_pixel_is_a_picture() -> None:
    assert read(saved(Image.new("RGB", (1, 1), RED))).tolist() == [[list(RED)]]


UPRIGHT_TO_STORED: dict[int, Callable[[NDArray[np.uint8]], NDArray[np.uint8]]] = {
    1: lambda upright: upright,
    2: lambda upright: upright[:, ::-1],
    3: lambda upright: upright[::-1, ::-1],
    4: lambda upright: upright[::-1],
    5: lambda upright: upright.transpose(1, 0, 2),
    6: lambda upright: np.rot90(upright, 1),
    7: lambda upright: upright[::-1, ::-1].transpose(1, 0, 2),
    8: lambda upright: np.rot90(upright, -1),
}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_exif_orientation_is_applied_once(orientation: int, kind: str) -> None:
    stored = Image.fromarray(np.ascontiguousarray(UPRIGHT_TO_STORED[orientation](colors())))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    assert read(saved(stored, kind, exif=exif)).tolist() == colors().tolist()


@pytest.mark.parametrize("exif", [b"Exif\0\0garbage", b"Exif\0\0II*\0\xff\xff\xff\xff"])
def test_broken_exif_is_ignored(exif: bytes) -> None:
    assert read(saved(Image.new("RGB", (4, 2), RED), "JPEG", exif=exif)).shape == (2, 4, 3)


def test_sixteen_bits_are_scaled() -> None:
    values = np.array([[0, 128, 257, 65535], [32768, 65406, 65407, 40000]], dtype=np.uint16)
    for kind in ("PNG", "TIFF"):
        grey = read(saved(Image.fromarray(values), kind))
        assert grey[..., 0].tolist() == np.rint(values / 257).astype(int).tolist()
        assert (grey == grey[..., :1]).all()


def test_sixteen_bit_colour_is_read() -> None:
    rows = b"".join(b"\0" + struct.pack(">6H", 65535, 0, 0, 0, 32896, 65535) for _ in range(2))
    header = struct.pack(">IIBBBBB", 2, 2, 16, 2, 0, 0, 0)
    chunks = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(rows)) + png_chunk(b"IEND", b"")
    assert read(b"\x89PNG\r\n\x1a\n" + chunks)[0].tolist() == [[255, 0, 0], [0, 128, 255]]


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_becomes_rgb(kind: str) -> None:
    pixels = read(saved(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), kind))
    assert np.abs(pixels.astype(int) - RED).max() <= 3


def test_palettes_become_rgb() -> None:
    palette = Image.fromarray(colors()).quantize(8)
    assert read(saved(palette)).tolist() == colors().tolist()


@pytest.mark.parametrize("mode", ["1", "L"])
def test_black_and_white_becomes_rgb(mode: str) -> None:
    pixels = read(saved(Image.new(mode, (3, 2), 255)))
    assert pixels.tolist() == np.full((2, 3, 3), 255).tolist()


@pytest.mark.parametrize(("alpha", "expected"), [(0, WHITE), (255, RED), (128, (255, 127, 127))])
def test_transparency_lies_over_white(alpha: int, expected: tuple[int, int, int]) -> None:
    assert read(saved(Image.new("RGBA", (1, 1), (*RED, alpha)))).tolist() == [[list(expected)]]


def test_transparent_grey_and_palette_lie_over_white() -> None:
    assert read(saved(Image.new("LA", (1, 1), (0, 0)))).tolist() == [[list(WHITE)]]
    palette = Image.fromarray(np.array([[RED, BLUE]], dtype=np.uint8)).quantize(2)
    first = palette.getpixel((0, 0))
    assert read(saved(palette, transparency=first)).tolist() == [[list(WHITE), list(BLUE)]]


@pytest.mark.parametrize(("kind", "options"), [("GIF", {}), ("WEBP", {"lossless": True}), ("PNG", {}), ("TIFF", {})])
def test_animations_give_their_first_frame(kind: str, options: dict[str, Any]) -> None:
    frames = [Image.new("RGB", (5, 4), color) for color in (RED, GREEN, BLUE)]
    content = saved(frames[0], kind, save_all=True, append_images=frames[1:], **options)
    assert read(content).tolist() == np.full((4, 5, 3), RED).tolist()


def test_a_wrong_suffix_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "really a png.jpg"
    path.write_bytes(saved(Image.fromarray(colors())))
    assert read(path).tolist() == colors().tolist()


REFUSED = {
    "empty": (b"", "is an empty file"),
    "text": (b"just a note\n", "is not a picture"),
    "pdf": (b"%PDF-1.7 \n", "is not a picture"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "is an SVG drawing"),
    "svg with prolog": (b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- c --><svg/>', "is an SVG drawing"),
    "html": (b"<html><svg></svg></html>", "is not a picture"),
    "signature only": (b"\x89PNG\r\n\x1a\n", "is truncated or damaged"),
    "20000x20000": (declared_png(20000, 20000), "declares more than 40 megapixels"),
    "13000x13000": (declared_png(13_000, 13_000), "declares more than 40 megapixels"),  # Pillow would only warn
    "8000x8000": (declared_png(8000, 8000), "declares more than 40 megapixels"),
    "missing rows": (declared_png(40, 40), "is truncated or damaged"),
    "floats": (saved(Image.new("F", (2, 2)), "TIFF"), "save it as 8-bit RGB"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refused_with_one_sentence_that_names_the_file(what: str, tmp_path: Path) -> None:
    content, sentence = REFUSED[what]
    path = tmp_path / "p\u00e9rson <b>1.jpg"
    path.write_bytes(content)
    for source, name in ((path, ""), (content, path.name)):
        with pytest.raises(StudioError, match=sentence) as caught:
            read(source, name)
        assert str(caught.value).startswith("p\u00e9rson <b>1.jpg ")
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "TIFF"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_truncated_pictures_are_refused(kind: str, share: float) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    content = saved(Image.fromarray(noise), kind)
    with pytest.raises(StudioError, match="is truncated or damaged"):
        read(content[: int(share * len(content))], "cut.jpg")


def test_limits_are_checked_before_reading(tmp_path: Path) -> None:
    path = tmp_path / "big.png"
    path.write_bytes(saved(Image.new("RGB", (30, 20))))
    with pytest.raises(StudioError, match=r"big\.png is larger than 0 MB"):
        read(path, limits=Limits(file_bytes=10))
    with pytest.raises(StudioError, match="declares more than"):
        read(path, limits=Limits(pixels=599))
    assert read(path, limits=Limits(pixels=600)).shape == (20, 30, 3)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match=r"^gone\.jpg does not exist"):
        read(tmp_path / "gone.jpg")
    with pytest.raises(StudioError, match="could not be opened"):
        read(tmp_path)


def test_a_nameless_picture_is_called_so() -> None:
    with pytest.raises(StudioError, match=r"^The picture is an empty file"):
        read(b"")


SEEDS = [
    saved(Image.fromarray(np.arange(3600, dtype=np.uint16).reshape(30, 40, 3).astype(np.uint8)), kind)
    for kind in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SEEDS), st.data())
def test_damage_never_escapes_as_another_error(content: bytes, data: st.DataObject) -> None:
    damaged = bytearray(content)
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        pixels = read(bytes(damaged), limits=Limits(pixels=1_000_000))
    except StudioError:
        return
    assert pixels.ndim == 3
    assert pixels.shape[2] == 3
