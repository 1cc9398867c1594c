"""Strokes painted ahead of the server, in a real browser, against a model that keeps the server's map apart."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

pytestmark = pytest.mark.browser

BROWSER = Path(__file__).resolve().parents[2] / "assets" / "browser"
HEIGHT, WIDTH = 9, 13

RUN = """([source, height, width, steps]) => {
  const { LabelMap, LocalPaint, patchLabels } = new Function(source)();
  const labelMap = new LabelMap(height, width, new Uint16Array(height * width));
  const studio = { labelMap, localPaint: new LocalPaint() };
  return steps.map(([kind, key, box, labels]) => {
    if (kind === "paint") studio.localPaint.add(labelMap, key, box, Uint16Array.from(labels));
    else patchLabels(studio, box, labels && Uint16Array.from(labels), key);
    return [...labelMap.labels];
  });
}"""


def random_steps(rng: np.random.Generator) -> list[list[Any]]:
    """Strokes, and replies to them in order: with labels of their own, or none (a refusal)."""
    steps: list[list[Any]] = []
    waiting: list[int] = []
    for key in range(40):
        (x0, x1), (y0, y1) = (np.sort(rng.choice(size + 1, 2, replace=False)).tolist() for size in (WIDTH, HEIGHT))
        box, labels = [x0, y0, x1, y1], rng.integers(0, 4, (y1 - y0) * (x1 - x0)).tolist()
        if waiting and rng.random() < 0.5:
            steps.append(["reply", waiting.pop(0), *((box, labels) if rng.random() < 0.7 else (None, None))])
        else:
            waiting.append(key)
            steps.append(["paint", key, box, labels])
    return steps + [["reply", key, None, None] for key in waiting]


def expected(steps: list[list[Any]]) -> list[NDArray[np.int64]]:
    """After each step: the server's map, and over it the pixels that each waiting stroke changed when it was drawn."""
    server = np.zeros((HEIGHT, WIDTH), int)
    strokes: dict[int, tuple[NDArray[np.bool_], NDArray[np.int64]]] = {}
    shown, maps = server.copy(), []
    for kind, key, box, labels in steps:
        window = np.zeros_like(server)
        if box:
            x0, y0, x1, y1 = box
            window[y0:y1, x0:x1] = np.reshape(labels, (y1 - y0, x1 - x0))
            inside = np.zeros_like(server, bool)
            inside[y0:y1, x0:x1] = True
            if kind == "paint":
                strokes[key] = inside & (window != shown), window
            else:
                server = np.where(inside, window, server)
        if kind == "reply":
            del strokes[key]
        shown = server.copy()
        for mine, painted in strokes.values():
            shown = np.where(mine, painted, shown)
        maps.append(shown)
    return maps


@pytest.mark.parametrize("seed", range(5))
def test_replies_slip_under_the_strokes_that_still_wait(chromium: Any, seed: int) -> None:
    names = ("label_map.js", "local_paint.js", "delta.js")
    source = "\n".join((BROWSER / name).read_text(encoding="utf-8") for name in names)
    steps = random_steps(np.random.default_rng(seed))
    page = chromium.new_page()
    maps = page.evaluate(RUN, [source + "\nreturn { LabelMap, LocalPaint, patchLabels };", HEIGHT, WIDTH, steps])
    page.close()
    assert np.array_equal(np.reshape(maps, (-1, HEIGHT, WIDTH)), expected(steps))
