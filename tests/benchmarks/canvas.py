"""How the canvas feels, measured in a real Chromium on the real server about drawn pictures.

    python -m tests.benchmarks.canvas [--pictures 2000 6000] [--strokes 40] [--people 1 16] [--json FILE]

For 2000 x 1500 with 100 segments and 6000 x 4000 with 500: from mouse-up until the server has the mask in its journal
and in its label map; frames a second while painting; from the pointer's move to the painted frame after it, the wait
for that frame included; opening, from the file's choice to the picture with its segments on screen; and memory of the
server's process, of the page's heap with its arrays, and of all the browser's processes. With 16 people the other 15
paint over HTTP in pictures of their own, with pauses of up to 0.6 s. Browser, server and people share this computer.
"""

import argparse
import json
import shutil
import statistics
import time
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from tests.benchmarks.canvas_crowd import painting_crowd
from tests.benchmarks.canvas_server import Picture, Server, running_server
from tests.conftest import BROWSER_FLAGS, BROWSER_PROGRAMS
from tests.e2e.canvas import point
from tests.e2e.drawn_studio import DrawnPage, opened_pages, upload
from tests.e2e.hand import saved, take
from tests.e2e.studio import Studio

PICTURES: dict[int, Picture] = {2000: (1500, 2000, 100), 6000: (4000, 6000, 500)}
TARGETS = {  # by width, as the figures' names below; for one person
    2000: {"mask, median ms": 30, "mask, p95 ms": 60, "frames a second": 50, "hover, median ms": 16},
    6000: {"mask, median ms": 60, "mask, p95 ms": 120, "frames a second": 30, "hover, median ms": 16},
}
WARM_UP = 5  # strokes

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
    parser.add_argument("--pictures", type=int, nargs="+", choices=PICTURES, default=list(PICTURES))
    parser.add_argument("--strokes", type=int, default=40)
    parser.add_argument("--people", type=int, nargs="+", default=[1, 16])
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    report = {}
    with sync_playwright() as driver:
        program = next(filter(None, map(shutil.which, BROWSER_PROGRAMS)))
        for width, people in ((width, people) for width in arguments.pictures for people in arguments.people):
            browser = driver.chromium.launch(executable_path=program, args=list(BROWSER_FLAGS))
            figures = measure(browser, PICTURES[width], arguments.strokes, people)
            browser.close()
            title = "{1} x {0}, {2} segments".format(*PICTURES[width]) + f", {people} at once"
            report[title] = figures
            print(title)
            for name, value in figures.items():
                mark = TARGETS[width].get(name, "")
                print(f"  {name:<24}{value:10.1f}   {mark}", flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def measure(browser: Browser, picture: Picture, strokes: int, people: int) -> dict[str, float]:
    """The figures of one picture, by name."""
    height, width, _ = picture
    with ExitStack() as stack:
        server = stack.enter_context(running_server(picture))
        person = stack.enter_context(opened_pages(browser, Studio(server.url, services=None)))()  # type: ignore[arg-type]
        opening = open_picture(person, (height, width))
        with painting_crowd(server, people - 1, (height, width)) as answers:
            arrived = painted(person, server, strokes, (height, width))
            hover(person.page)
            frames, moves = person.page.evaluate("() => [window.frames, window.moves]")
        figures = {
            "mask, median ms": statistics.median(arrived),
            "mask, p95 ms": float(np.percentile(arrived, 95)),
            "frames a second": 1000 * len(frames) / sum(frames),
            "hover, median ms": statistics.median(moves),
            "opening, s": opening,
            "server at most, MiB": server.peak_mebibytes(),
            "page's heap, MiB": heap(person.page),
            "browser, MiB": browser_memory(browser),
        }
        if answers:
            figures["others' answer, median"] = statistics.median(answers)
            figures["others' answer, p95"] = float(np.percentile(answers, 95))
        return figures


def open_picture(person: DrawnPage, size_hw: tuple[int, int]) -> float:
    """Seconds until the picture and its segments are on screen; its middle segment is chosen then."""
    page, file = person.page, upload(size_hw, "street.jpg")
    started = time.perf_counter()
    person.choose_file(file)
    page.locator("[data-testid=workbench][data-ready]").wait_for()
    opening = time.perf_counter() - started
    page.locator("[data-testid=workbench][data-queries]").wait_for()
    page.get_by_test_id("tool-select").click()
    page.mouse.click(*point(page, size_hw[1] / 2 + 5, size_hw[0] / 2 + 5))
    page.locator("tr[data-segment][aria-current]").wait_for(state="attached")
    return opening


def painted(person: DrawnPage, server: Server, strokes: int, size_hw: tuple[int, int]) -> list[float]:
    """Milliseconds from each mouse-up until the server held the mask, the first strokes left out."""
    page, document = person.page, person.document_id or ""
    take(page, "brush", 40)
    page.evaluate(WATCH)
    for number in range(strokes + WARM_UP):
        stroke(page, number, size_hw)
    held, ups = server.held(document), page.evaluate("() => window.ups")
    assert len(held) == len(ups), "a stroke changed nothing"
    return [at - up for at, up in zip(held, ups, strict=True)][WARM_UP:]


def stroke(page: Page, number: int, size_hw: tuple[int, int]) -> None:
    """90 pixels of the screen long, somewhere about the picture's middle."""
    height, width = size_hw
    x, y = point(page, width * (0.3 + 0.011 * (number % 30)), height * (0.3 + 0.031 * (number % 13)))
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(30):
        page.mouse.move(x + 3 * step, y + 20 * np.sin(step / 4))
    page.mouse.up()
    page.wait_for_timeout(150)
    saved(page)


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


def browser_memory(browser: Browser) -> float:
    """MiB of all the browser's processes, what they share counted once."""
    rows = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    rollups = (Path(f"/proc/{row['id']}/smaps_rollup").read_text(encoding="utf-8") for row in rows)
    return sum(int(rollup.split("Pss:")[1].split()[0]) for rollup in rollups) / 1024


if __name__ == "__main__":
    main()
