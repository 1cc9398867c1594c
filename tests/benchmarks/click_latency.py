"""How long a smart click takes, measured in a real Chromium on the real app with the bundled checkpoint.

    python -m tests.benchmarks.click_latency [--clicks 30] [--json FILE]

From the mouse button going up to the frame after the segment's new pixels are painted, on a sample scaled to
2000 x 1500. Clicks of one sitting alternate between adding and taking away around a segment's edge; the first ones are
warm-up. Beside it: the first click of a picture, whose features are not made yet, and what the server computes.
"""

import argparse
import json
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image
from playwright.sync_api import sync_playwright

from app import model_work
from app.samples import find_sample
from app.settings import Settings
from tests.benchmarks.page_latency import machine, summary
from tests.conftest import BROWSER_FLAGS, BROWSER_PROGRAMS
from tests.e2e.canvas import point
from tests.e2e.drawn_studio import DrawnPage
from tests.e2e.studio import running_studio

SIZE_WH = (2000, 1500)
WARM_UP, REACH = 4, 30  # clicks; pixels from a segment's edge
TARGET = 60  # milliseconds from click to pixels
PATIENCE = 15_000  # milliseconds

# The page's own clock: when a button goes up, and when the labels on the canvas have been painted after it.
WATCH = """() => {
    const put = CanvasRenderingContext2D.prototype.putImageData;
    CanvasRenderingContext2D.prototype.putImageData = function (...place) {
        put.apply(this, place);
        if (!this.canvas.classList.contains('base') || window.painted !== null) return;
        window.painted = 0;
        requestAnimationFrame(() => setTimeout(() => { window.painted = performance.now(); }));
    };
    addEventListener('pointerup', (event) => { window.up = event.timeStamp; window.painted = null; }, true);
    window.painted = 0;
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clicks", type=int, default=30)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    times = measure(arguments.clicks)
    figures = {name: summary(values) for name, values in times.items()}
    for name, row in figures.items():
        print(f"{name:<28} median {row['median']:7.1f} ms   {row['least']:.1f} to {row['most']:.1f} ms")
    print(f"target for clicks: {TARGET} ms")
    if arguments.json:
        report = {"milliseconds": figures, "target": TARGET, "size": SIZE_WH, "machine": machine()}
        arguments.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def measure(clicks: int) -> dict[str, list[float]]:
    """Milliseconds by what was timed."""
    settings, served = Settings(model="street", device="cpu", open_browser=False), watched_work()
    with tempfile.TemporaryDirectory() as folder, running_studio(settings) as studio, sync_playwright() as driver:
        picture = Path(folder) / "picture.jpg"
        Image.open(find_sample("beguinage_street").path).convert("RGB").resize(SIZE_WH).save(picture, quality=92)
        browser = driver.chromium.launch(
            executable_path=next(filter(None, map(shutil.which, BROWSER_PROGRAMS))), args=BROWSER_FLAGS
        )
        person = DrawnPage(browser.new_page(viewport={"width": 1400, "height": 900}), studio)
        person.visit()
        person.take_file(picture)
        person.page.evaluate(WATCH)
        person.page.get_by_test_id("tool-smart").click()
        person.page.wait_for_timeout(2000)
        times = [click_once(person, number) for number in range(WARM_UP + clicks)]
        times = [each for each in times[WARM_UP:] if each is not None]
        person.picture.features = None
        first = click_once(person, clicks)
        browser.close()
    return {
        "click -> pixels": times,
        "of it the server": served[-len(times) :],
        "first click -> pixels": [first or 0.0],
    }


def watched_work() -> list[float]:
    """Milliseconds of every answer to a click, filled as they are given."""
    seconds: list[float] = []
    refine = model_work.WORK["refine"]

    def timed(*arguments: Any) -> Any:
        start = time.perf_counter()
        reply = refine(*arguments)
        seconds.append(1000 * (time.perf_counter() - start))
        return reply

    model_work.WORK["refine"] = timed
    return seconds


def click_once(person: DrawnPage, number: int) -> float | None:
    """Adds to a segment outside of its edge, or takes away inside; None where that changed nothing."""
    page, labels = person.page, person.label_map
    segment = max(person.document.segments.values(), key=lambda row: (row.category_id == 3, row.area)).segment_id
    x, y = beside_edge(labels == segment, number, outside=number % 2 == 0)
    page.evaluate("() => { window.painted = null; }")
    page.mouse.move(*point(page, x, y))
    page.wait_for_timeout(300)
    if number == 0:
        page.locator(f"tr[data-segment='{segment}']").click()
    page.evaluate("() => { window.painted = 0; }")
    page.mouse.click(*point(page, x, y), button="left" if number % 2 == 0 else "right")
    try:
        page.wait_for_function("() => window.painted > 0", timeout=PATIENCE)
    except Exception:
        return None
    taken: float = page.evaluate("() => window.painted - window.up")
    page.wait_for_timeout(400)
    return taken


def beside_edge(mask: np.ndarray, number: int, *, outside: bool) -> tuple[int, int]:
    """A pixel ``REACH`` from the mask's edge, another one for each number."""
    side = ~mask if outside else mask
    depth = cv2.distanceTransform(np.pad(side, 1, mode="edge").astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    ys, xs = np.nonzero(np.abs(depth[1:-1, 1:-1] - REACH) < 1)
    place = int(np.random.default_rng(number).integers(len(xs)))
    return int(xs[place]), int(ys[place])


if __name__ == "__main__":
    main()
