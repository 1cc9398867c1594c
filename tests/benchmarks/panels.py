"""How long a person waits for each panel of Explain, in a real Chromium on the real app with the bundled checkpoint.

    python -m tests.benchmarks.panels [--repeats 7] [--json FILE]

A picture of 640 x 480 and 100 queries. Each round opens the picture anew and then every panel for the first time, from
the press on its name to the frame after it is drawn; nothing of it has been computed before. Panels that have a network
look again may take one more forward pass, and Compare what loading the other model takes before it: both are measured
in the same run.
"""

import argparse
import json
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from app.samples import find_sample
from app.settings import Settings
from core.checkpoints import load_checkpoint
from core.inference import Predictor
from tests.benchmarks.page_latency import SIZE_WH, machine, summary
from tests.conftest import BROWSER_FLAGS, BROWSER_PROGRAMS
from tests.e2e.studio import StudioPage, running_studio

WARM_UP = 2
TARGET = 300  # milliseconds
WITH_A_PASS = {"layers": ("street", False), "compare": ("nuclei", True)}  # whose pass it waits for; loaded first

# The press attaches the panel at once and draws it when the answer has come.
OPEN = """async ([button, panel]) => {
    const start = performance.now();
    document.querySelector(`[data-testid=${button}]`).click();
    const drawn = () => document.querySelector(`[data-testid=explain-${panel}]`).dataset.drawn;
    const before = drawn();
    while (drawn() === before) await new Promise((next) => setTimeout(next, 1));
    await new Promise((next) => requestAnimationFrame(() => setTimeout(next)));
    return performance.now() - start;
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "picture.jpg"
        Image.open(find_sample("beguinage_street").path).convert("RGB").resize(SIZE_WH).save(picture, quality=92)
        figures = {name: summary(values) for name, values in measure(picture, arguments.repeats).items()}
        passes = {name: forward_pass(*how, picture) for name, how in WITH_A_PASS.items()}
    print(table(figures, passes))
    if arguments.json:
        report = {"milliseconds": figures, "forward_passes": passes, "target": TARGET, "machine": machine()}
        arguments.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def measure(picture: Path, repeats: int) -> dict[str, list[float]]:
    """Milliseconds of every round by panel, warm-up left out."""
    settings = Settings(model="street", device="cpu", open_browser=False)
    times: dict[str, list[float]] = {}
    with running_studio(settings) as studio, sync_playwright() as driver:
        program = next(filter(None, map(shutil.which, BROWSER_PROGRAMS)))
        browser = driver.chromium.launch(executable_path=program, args=BROWSER_FLAGS)
        person = StudioPage(browser.new_page(viewport={"width": 1400, "height": 900}), studio)
        person.visit()
        for turn in range(WARM_UP + repeats):
            for name, milliseconds in open_panels(person, picture).items():
                if turn >= WARM_UP:
                    times.setdefault(name, []).append(milliseconds)
        browser.close()
    return times


def open_panels(person: StudioPage, picture: Path) -> dict[str, float]:
    """One round; Explain opens with the panel that was open last, which is the last one of every round."""
    page: Page = person.page
    names = [str(tab.get_attribute("data-panel")) for tab in page.locator(".explain-tab").all()]
    last = str(page.locator(".explain-tab[aria-selected=true]").get_attribute("data-panel"))
    person.take_file(picture)
    page.wait_for_timeout(1500)
    times = {last: float(page.evaluate(OPEN, ["explain-open", last]))}
    for name in (name for name in names if name != last):
        page.wait_for_timeout(300)
        times[name] = float(page.evaluate(OPEN, [f"explain-tab-{name}", name]))
    page.get_by_test_id("explain-close").click()
    return {name: times[name] for name in names}


def forward_pass(model: str, is_loaded_first: bool, picture: Path) -> float:
    """Median milliseconds of a prediction of the picture."""
    predictor, image = Predictor(load_checkpoint(model), device="cpu"), np.asarray(Image.open(picture))
    times = []
    for _ in range(WARM_UP + 7):
        start = time.perf_counter()
        if is_loaded_first:
            predictor = Predictor(load_checkpoint(model), device="cpu")
        predictor.predict(image)
        times.append((time.perf_counter() - start) * 1000)
    return round(float(np.median(times[WARM_UP:])), 1)


def table(figures: dict[str, dict[str, float]], passes: dict[str, float]) -> str:
    rows = [f"{'milliseconds':<16}{'median':>9}{'least':>9}{'most':>9}{'target':>9}"]
    for name, row in figures.items():
        target = TARGET + passes.get(name, 0)
        rows.append(f"{name:<16}{row['median']:>9}{row['least']:>9}{row['most']:>9}{target:>9.0f}")
    words = {
        name: f"{'loading and ' if loads else ''}forward pass of {model}"
        for name, (model, loads) in WITH_A_PASS.items()
    }
    return "\n".join([*rows, *(f"{words[name]}: {taken} ms" for name, taken in passes.items())])


if __name__ == "__main__":
    main()
