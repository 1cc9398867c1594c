"""How long a person waits, measured in a real Chromium on the real app with the bundled checkpoint.

    python -m tests.benchmarks.page_latency [--repeats 15] [--json FILE]

Times are read inside the page: from the event that a person's act fires to the frame after the change is painted. The
picture is a sample scaled to 640 x 480; the first rounds are warm-up and do not count.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from app.samples import find_sample
from app.settings import Settings
from tests.conftest import BROWSER_FLAGS, BROWSER_PROGRAMS
from tests.e2e.studio import StudioPage, running_studio

SIZE_WH = (640, 480)
WARM_UP = 3
TARGETS = {"picture": 1000, "queries": 500, "threshold": 150}  # milliseconds
NAMES = {
    "picture": "picture chosen -> panoptic on screen",
    "queries": "panoptic on screen -> query grid",
    "threshold": "threshold moved -> result on screen",
}

# The page's own clock: when a file is chosen or a slider moves, and when the workbench says that it has painted.
WATCH = """() => {
    const root = document.querySelector('[data-testid=workbench]');
    window.marks = {};
    const mark = (name) => { window.marks[name] = performance.now(); };
    const painted = (name) => requestAnimationFrame(() => setTimeout(() => mark(name)));
    new MutationObserver((changes) => changes.forEach(({attributeName}) => painted(attributeName)))
        .observe(root, {attributes: true, attributeFilter: ['data-ready', 'data-queries', 'data-version']});
    for (const act of ['change', 'input']) {
        root.addEventListener(act, () => mark('act'), true);
    }
}"""
MARKED = """names => names.every((name) => window.marks[name]) && window.marks"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    times = measure(arguments.repeats)
    figures = {name: summary(values) for name, values in times.items()}
    print(table(figures))
    if arguments.json:
        report = {"milliseconds": figures, "targets": TARGETS, "size": SIZE_WH, "machine": machine()}
        arguments.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def measure(repeats: int) -> dict[str, list[float]]:
    """Milliseconds of every repeat, warm-up left out."""
    settings = Settings(model="street", device="cpu", open_browser=False)
    with tempfile.TemporaryDirectory() as folder, running_studio(settings) as studio, sync_playwright() as driver:
        picture = Path(folder) / "picture.jpg"
        Image.open(find_sample("beguinage_street").path).convert("RGB").resize(SIZE_WH).save(picture, quality=92)
        browser = driver.chromium.launch(
            executable_path=next(filter(None, map(shutil.which, BROWSER_PROGRAMS))), args=BROWSER_FLAGS
        )
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        person = StudioPage(page, studio)
        person.visit()
        page.evaluate(WATCH)
        openings = [open_once(page, person, picture) for _ in range(WARM_UP + repeats)][WARM_UP:]
        moves = [move_once(page, step) for step in range(WARM_UP + repeats)][WARM_UP:]
        browser.close()
    return {
        "picture": [ready for ready, _ in openings],
        "queries": [grid for _, grid in openings],
        "threshold": moves,
    }


def open_once(page: Page, person: StudioPage, picture: Path) -> tuple[float, float]:
    marks = between(page, lambda: person.choose_file(picture), ["data-ready", "data-queries"])
    return marks["data-ready"] - marks["act"], max(0.0, marks["data-queries"] - marks["data-ready"])


def move_once(page: Page, step: int) -> float:
    slider = page.get_by_test_id("threshold-score")
    slider.focus()
    marks = between(page, lambda: slider.press("ArrowLeft" if step % 2 else "ArrowRight"), ["data-version"])
    return float(marks["data-version"] - marks["act"])


def between(page: Page, act: Callable[[], None], names: list[str]) -> dict[str, Any]:
    """The page's marks once ``act`` has brought all of ``names``; then the page comes to rest."""
    page.evaluate("() => { window.marks = {}; }")
    act()
    marks: dict[str, Any] = page.wait_for_function(MARKED, arg=names, timeout=120_000).json_value()
    page.wait_for_timeout(1000)
    return marks


def summary(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {
        "median": round(statistics.median(ordered), 1),
        "least": round(ordered[0], 1),
        "most": round(ordered[-1], 1),
    }


def table(figures: dict[str, dict[str, float]]) -> str:
    rows = [f"{'milliseconds':<42}{'median':>9}{'least':>9}{'most':>9}{'target':>9}"]
    for name, row in figures.items():
        rows.append(f"{NAMES[name]:<42}{row['median']:>9}{row['least']:>9}{row['most']:>9}{TARGETS[name]:>9}")
    return "\n".join(rows)


def machine() -> str:
    return f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}"


if __name__ == "__main__":
    main()
