"""The picture's canvas in a real browser: where a native pixel lies in the window, and what is painted on it."""

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.types import Size

_READ = """async (canvas) => {
  for (let i = 0; i < 2; i += 1) await new Promise((next) => requestAnimationFrame(next));
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  let text = "";
  for (let i = 0; i < data.length; i += 8192) text += String.fromCharCode(...data.subarray(i, i + 8192));
  return [height, width, btoa(text)];
}"""
_PLACE = """node => {
  node.scrollIntoView({ block: "nearest" });
  const { left, top } = node.getBoundingClientRect();
  const { dataset, clientLeft, clientTop } = node;
  return [left + clientLeft + Number(dataset.left), top + clientTop + Number(dataset.top), Number(dataset.scale)];
}"""
_WHEEL_ZOOM = 0.002  # of the exponent, a wheel pixel


def point(page: Any, x: float, y: float) -> tuple[float, float]:
    """The middle of a native pixel in the window of the browser."""
    left, top, scale = page.get_by_test_id("stage").evaluate(_PLACE)
    return left + (x + 0.5) * scale, top + (y + 0.5) * scale


def scale(page: Any) -> float:
    """CSS pixels of a native pixel."""
    return float(page.get_by_test_id("stage").get_attribute("data-scale"))


def zoom_to(page: Any, wanted: float, x: int, y: int) -> None:
    """Turns the wheel over a native pixel, which is then brought to the window's middle."""
    page.mouse.move(*point(page, x, y))
    density = float(page.evaluate("devicePixelRatio"))  # the wheel is told device pixels, and tells the page CSS pixels
    page.mouse.wheel(0, -float(np.log(wanted / scale(page))) / _WHEEL_ZOOM * density)
    page.wait_for_function(
        "wanted => Math.abs(document.querySelector('[data-testid=stage]').dataset.scale / wanted - 1) < 1e-3",
        arg=wanted,
    )


def canvas_pixels(page: Any, layer: str = "base") -> NDArray[np.uint8]:
    """(H, W, 4) RGBA of a layer, after whatever was still to be painted."""
    height, width, pixels = page.locator(f"canvas.{layer}").evaluate(_READ)
    return np.frombuffer(base64.b64decode(pixels), np.uint8).reshape(height, width, 4)


def native_pixels(page: Any, size_hw: Size) -> NDArray[np.int64]:
    """(H, W) of the canvas: the flat index of the native pixel under each canvas pixel's middle, -1 beside it."""
    height, width = size_hw
    node = page.get_by_test_id("stage")
    left, top, scale = (float(node.get_attribute(f"data-{name}")) for name in ("left", "top", "scale"))
    shape = page.locator("canvas.base").evaluate("canvas => [canvas.height, canvas.width]")
    density = float(page.evaluate("devicePixelRatio"))
    rows = np.floor((np.arange(shape[0]) + 0.5 - top * density) / (scale * density)).astype(int)
    columns = np.floor((np.arange(shape[1]) + 0.5 - left * density) / (scale * density)).astype(int)
    inside = ((rows >= 0) & (rows < height))[:, None] & ((columns >= 0) & (columns < width))
    return np.where(inside, rows[:, None] * width + columns, -1)
