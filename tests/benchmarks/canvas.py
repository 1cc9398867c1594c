"""How the canvas feels, measured in a real Chromium on the real server about drawn pictures.

    python -m tests.benchmarks.canvas [--strokes 40] [--people 16] [--json FILE]

For 2000 x 1500 with 100 segments and 6000 x 4000 with 500: from mouse-up to Python holding the mask, frames a second
while painting, from the pointer's move to the painted frame after it (the wait for that frame included), opening, and
memory of the server's process and the browser's heap. With ``--people`` all but one paint a stroke a second straight at
the server, each in a picture of their own, while the browser is measured. All of it shares this computer.
"""

import argparse
import json
import resource
import shutil
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from app.opening import Source
from app.owners import acting_as
from app.protocol import Protocol
from app.services import Services
from core.document import Step, pack_mask
from tests.conftest import BROWSER_FLAGS, BROWSER_PROGRAMS
from tests.e2e.canvas import point
from tests.e2e.drawn_models import tiles_prediction
from tests.e2e.drawn_studio import DrawnPage, drawn_file, opened_pages, running_drawn_studio
from tests.e2e.hand import choose, saved, take
from tests.e2e.studio import Studio

PICTURES = ((1500, 2000, 100), (4000, 6000, 500))  # height, width, segments
TARGETS = {  # by width, as the figures' names below
    2000: {"mask, median ms": 30, "mask, p95 ms": 60, "frames a second": 50, "hover, median ms": 16},
    6000: {"mask, median ms": 60, "mask, p95 ms": 120, "frames a second": 30, "hover, median ms": 16},
}
WARM_UP, BETWEEN_STROKES = 3, 1.0  # strokes; seconds

# The page's own clock: when the mouse went up, how long frames take, and how long from a move to its frame.
WATCH = """() => {
    const now = () => performance.timeOrigin + performance.now();
    Object.assign(window, {ups: [], frames: [], moves: [], painting: false});
    addEventListener('pointerdown', () => { window.painting = true; }, true);
    addEventListener('pointerup', () => { window.painting = false; window.ups.push(now()); }, true);
    addEventListener('pointermove', () => {
        const moved = now();
        if (!window.painting) requestAnimationFrame(() => setTimeout(() => window.moves.push(now() - moved)));
    }, true);
    let last = now();
    const frame = () => {
        const next = now();
        if (window.painting) window.frames.push(next - last);
        last = next;
        requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strokes", type=int, default=40)
    parser.add_argument("--people", type=int, default=1)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    report = {}
    with sync_playwright() as driver:
        program = next(filter(None, map(shutil.which, BROWSER_PROGRAMS)))
        browser = driver.chromium.launch(executable_path=program, args=list(BROWSER_FLAGS))
        for height, width, segments in PICTURES:
            report[f"{width} x {height}, {segments} segments"] = figures = measure(
                browser, (height, width, segments), arguments.strokes, arguments.people
            )
            print(f"{width} x {height}, {segments} segments, {arguments.people} people")
            for name, value in figures.items():
                print(f"  {name:<24}{value:10.1f}   {TARGETS[width].get(name, '')}", flush=True)
        browser.close()
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def measure(browser: Browser, picture: tuple[int, int, int], strokes: int, people: int) -> dict[str, float]:
    """The figures of one picture, by name."""
    height, width, segments = picture
    with ExitStack() as stack:
        studio = stack.enter_context(running_drawn_studio(partial(tiles_prediction, count=segments)))
        person = stack.enter_context(opened_pages(browser, studio))()
        started = time.perf_counter()
        person.open_drawn(height, width, "street.jpg")
        opening = time.perf_counter() - started
        choose(person, (width // 2, height // 2))
        person.page.evaluate(WATCH)
        stack.enter_context(others(studio, people - 1, (height, width)))
        arrived = [latency for n in range(strokes + WARM_UP) for latency in paint(person, n)][WARM_UP:]
        hover(person.page)
        frames, moves = person.page.evaluate("() => [window.frames, window.moves]")
        return {
            "mask, median ms": statistics.median(arrived),
            "mask, p95 ms": float(np.percentile(arrived, 95)),
            "frames a second": 1000 * len(frames) / sum(frames),
            "hover, median ms": statistics.median(moves),
            "opening, s": opening,
            "server at most, MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "browser's heap, MiB": heap(person.page),
        }


def paint(person: DrawnPage, number: int) -> Iterator[float]:
    """One stroke about the picture's middle; milliseconds from the page's mouse-up until Python holds its mask."""
    page, history, held = person.page, person.picture.history, []
    take(page, "brush", 40)
    replay = history.replay

    def noted(step: Step) -> None:
        replay(step)
        held.append(1000 * time.time())

    history.replay = noted  # type: ignore[method-assign]
    height, width = person.document.size_hw
    x, y = point(page, width * (0.3 + 0.01 * (number % 30)), height * (0.3 + 0.03 * (number % 13)))
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(30):
        page.mouse.move(x + 3 * step, y + 20 * np.sin(step / 4))
    page.mouse.up()
    page.wait_for_timeout(300)
    saved(page)
    del history.replay
    if held:
        yield held[-1] - page.evaluate("() => window.ups.at(-1)")


def hover(page: Page) -> None:
    """Moves over the picture with the select tool."""
    page.get_by_test_id("tool-select").click()
    page.evaluate("() => { window.moves = []; }")
    x, y = point(page, 10, 10)
    for step in range(60):
        page.mouse.move(x + 8 * step, y + 5 * step)
    page.wait_for_timeout(200)


def heap(page: Page) -> float:
    """MiB of the page's objects and of the arrays behind them, after a collection."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    usage = session.send("Runtime.getHeapUsage")
    return float(usage["usedSize"] + usage.get("backingStorageSize", 0)) / 2**20


@contextmanager
def others(studio: Studio, people: int, size_hw: tuple[int, int]) -> Iterator[None]:
    """That many more people, who paint until the measurement ends."""
    services, done = studio.services, threading.Event()
    content = drawn_file(size_hw, "street.jpg")
    crowd = []
    for n in range(people):
        owner = f"user:other-{n}"
        picture = services.opening.open(Source("street.jpg", content), owner, "drawn")
        document = services.pictures.add(picture)
        crowd.append(threading.Thread(target=paint_on, args=(services, owner, document, size_hw, done), daemon=True))
    for thread in crowd:
        thread.start()
    try:
        yield
    finally:
        done.set()
        for thread in crowd:
            thread.join()


def paint_on(services: Services, owner: str, document: str, size_hw: tuple[int, int], done: threading.Event) -> None:
    """A stroke a second, as the page would send it."""
    protocol = Protocol(services.pictures, services.desk, services.album, max_upload=1 << 26)
    random, version = np.random.default_rng(len(owner)), 0
    disc = cv2.circle(np.zeros((100, 100), np.uint8), (50, 50), 49, 1, -1).astype(bool)
    while not done.wait(BETWEEN_STROKES):
        x, y = (int(random.integers(side - 100)) for side in size_hw[::-1])
        edit = {"kind": "paint", "box_xyxy": [x, y, x + 100, y + 100], "segment_id": int(random.integers(1, 50))}
        meta: dict[str, Any] = {"name": "edit", "document": document, "version": version, "edit": edit}
        with acting_as(owner):
            reply = protocol(meta | {"edit_id": f"stroke-{version}"}, pack_mask(disc), owner)
        version = reply.get("version", version)


if __name__ == "__main__":
    main()
