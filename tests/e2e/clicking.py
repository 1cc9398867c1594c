"""What a hand does with smart click, and what the solver says beside the app."""

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.refinement import Prompts, Refiner, embed_for_refinement
from tests.e2e.canvas import point
from tests.e2e.drawn_studio import DrawnPage
from tests.e2e.hand import same_on_screen, saved, take
from tests.e2e.rasters import Point

if TYPE_CHECKING:
    from playwright.sync_api import Page

BESIDE_CAR, IN_CAR = (330, 372), (300, 330)


def smart(person: DrawnPage) -> None:
    take(person.page, "smart")


def click(person: DrawnPage, at: Point, **how: Any) -> None:
    """Clicks, says yes where the person is asked, and waits until nothing is on its way."""
    person.page.mouse.click(*point(person.page, *at), **how)
    say_yes(person)


def say_yes(person: DrawnPage) -> None:
    settle(person)
    if person.page.get_by_test_id("offer").is_visible():
        person.page.get_by_test_id("offer-take").click()
        settle(person)


def settle(person: DrawnPage) -> None:
    """Waits until every click has been answered."""
    person.page.wait_for_timeout(100)
    person.page.locator("[data-testid=workbench]:not([aria-busy=true])").wait_for()
    person.page.wait_for_timeout(100)
    saved(person.page)


def solved(person: DrawnPage, labels: NDArray[np.int32], segment: int, prompts: Prompts) -> NDArray[np.bool_]:
    """(H, W) the segment after the prompts, computed beside the app."""
    picture = person.picture
    assert picture.predictor is not None
    features = embed_for_refinement(picture.predictor, picture.image, picture.prediction)
    refiner = Refiner(picture.prediction, features, picture.image)
    locked = frozenset(key for key, row in picture.document.segments.items() if row.locked)
    prompts = replace(prompts, is_accepted=bool(segment))
    found = refiner.solve(prompts, label_map=labels, segment_id=segment or None, locked=locked)
    mask = labels == (segment or -1)
    x0, y0, x1, y1 = found.box
    mask[y0:y1, x0:x1] = found.mask
    return mask


def imported(person: DrawnPage) -> int:
    """A coarse box for the car, brought along as COCO instances; its segment's id."""
    page = person.page
    polygon = [240, 270, 380, 270, 380, 340, 240, 340]
    rows = [{"id": 1, "image_id": 1, "category_id": 26, "segmentation": [polygon], "iscrowd": 0}]
    rows[0] |= {"bbox": [240, 270, 140, 70], "area": 9800}
    images = [{"id": 1, "file_name": "street.png", "height": 480, "width": 640}]
    content = {"images": images, "annotations": rows, "categories": [{"id": 26, "name": "car"}]}
    page.get_by_test_id("import-open").click()
    file = {"name": "coco.json", "mimeType": "application/json", "buffer": json.dumps(content).encode()}
    page.get_by_test_id("import-annotations").set_input_files(file)
    person.editing(page.get_by_test_id("import-act").click)
    return next(iter(person.document.segments))


def same_on_screen_with(person: DrawnPage) -> None:
    """As :func:`same_on_screen`, which leaves the tool with Esc: what was clicked is accepted first."""
    person.page.get_by_test_id("stage").focus()
    person.page.keyboard.press("Enter")
    same_on_screen(person)
    person.page.get_by_test_id("stage").focus()


def marks(page: "Page") -> int:
    """Pixels of the canvas that tools draw on."""
    count: int = page.locator("canvas.draft").evaluate(
        """async (canvas) => {
            for (let i = 0; i < 2; i += 1) await new Promise((next) => requestAnimationFrame(next));
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            return data.filter((value, i) => i % 4 === 3 && value > 0).length;
        }"""
    )
    return count
