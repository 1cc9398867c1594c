"""A street drawn with rectangles and discs, and the queries a model might have seen in it."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

HEIGHT, WIDTH = 480, 640
QUERIES = 100

CATEGORIES = (  # category_id, name, is_thing, color
    (7, "road", False, (128, 64, 128)),
    (8, "sidewalk", False, (196, 84, 190)),
    (11, "building", False, (122, 122, 138)),
    (21, "vegetation", False, (96, 150, 44)),
    (23, "sky", False, (80, 140, 190)),
    (24, "person", True, (220, 40, 70)),
    (26, "car", True, (40, 80, 200)),
    (33, "bicycle", True, (150, 30, 60)),
    (19, "traffic light", True, (240, 170, 40)),
    (40, "traffic sign (back of a temporary one)", True, (210, 210, 40)),
)


@dataclass(frozen=True)
class DrawnQuery:
    """One query's mask probability and its class distribution (K + 1, the last is no object)."""

    mask_probs: NDArray[np.float32]  # (HEIGHT, WIDTH)
    class_probs: NDArray[np.float32]  # (K + 1,)


def street() -> tuple[NDArray[np.uint8], dict[int, tuple[str, NDArray[np.bool_]]]]:
    """The picture (HEIGHT, WIDTH, 3) and, by query number, the class and mask of what stands in it."""
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    image[:250] = (170, 205, 235)
    image[250:] = (110, 112, 118)
    shapes = {
        3: ("sky", _box(0, 0, 640, 250), None),
        40: ("sidewalk", _box(0, 250, 640, 300), (176, 168, 160)),
        12: ("road", _box(0, 300, 640, 480), (104, 104, 112)),
        8: ("building", _box(0, 40, 210, 265), (190, 150, 120)),
        51: ("building", _box(430, 80, 640, 262), (150, 120, 110)),
        27: ("vegetation", _disc(330, 170, 85), (92, 140, 70)),
        60: ("car", _box(250, 285, 400, 352) | _box(280, 250, 372, 290), (170, 40, 40)),
        61: ("car", _box(455, 270, 585, 326) | _box(482, 240, 560, 276), (60, 90, 150)),
        17: ("car", _box(40, 300, 215, 380) | _box(75, 262, 180, 305), (210, 210, 205)),
        70: ("person", _box(418, 262, 444, 345) | _disc(431, 250, 13), (70, 60, 90)),
        71: ("person", _box(604, 256, 626, 330) | _disc(615, 246, 11), (120, 80, 50)),
        88: ("traffic light", _box(232, 120, 246, 158), (30, 30, 30)),
    }
    for _, mask, color in shapes.values():
        if color is not None:
            image[mask] = color
    grain = np.random.default_rng(1).normal(0, 7, image.shape)
    image = np.clip(cv2.GaussianBlur(image, (0, 0), 0.8) + grain, 0, 255).astype(np.uint8)
    return image, _visible({number: (name, mask) for number, (name, mask, _) in shapes.items()})


def _visible(shapes: dict[int, tuple[str, NDArray[np.bool_]]]) -> dict[int, tuple[str, NDArray[np.bool_]]]:
    """Each shape without what was drawn over it later."""
    covered = np.zeros((HEIGHT, WIDTH), bool)
    left: dict[int, tuple[str, NDArray[np.bool_]]] = {}
    for number, (name, mask) in reversed(shapes.items()):
        left[number] = (name, mask & ~covered)
        covered |= mask
    return left


def drawn_queries() -> list[DrawnQuery]:
    """All QUERIES: what stands in the street, two that lose, and many that found nothing."""
    random = np.random.default_rng(7)
    _, shapes = street()
    return [_query(number, shapes, random) for number in range(QUERIES)]


def _query(number: int, shapes: dict[int, tuple[str, NDArray[np.bool_]]], random: np.random.Generator) -> DrawnQuery:
    names = [name for _, name, _, _ in CATEGORIES]
    if number in shapes:
        name, mask = shapes[number]
        return DrawnQuery(_soft(mask), _distribution(names.index(name), 0.97 - number / 1000, random))
    if number == 33:  # overlapped: a second opinion about the middle car
        return DrawnQuery(_soft(shapes[60][1]) * np.float32(0.9), _distribution(names.index("car"), 0.83, random))
    if number == 34:  # below the threshold
        return DrawnQuery(_soft(_disc(130, 130, 40)), _distribution(9, 0.46, random))
    blob = _disc(int(random.integers(40, 600)), int(random.integers(40, 440)), int(random.integers(20, 110)))
    nothing = _distribution(len(names), float(random.uniform(0.8, 0.99)), random)
    return DrawnQuery(_soft(blob) * np.float32(random.uniform(0.4, 0.8)), nothing)


def _distribution(best: int, share: float, random: np.random.Generator) -> NDArray[np.float32]:
    rest = random.dirichlet(np.full(len(CATEGORIES) + 1, 0.35)) * (1 - share)
    rest[best] += share
    return np.asarray(rest, dtype=np.float32)


def _soft(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 3), dtype=np.float32)


def _box(x0: int, y0: int, x1: int, y1: int) -> NDArray[np.bool_]:
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[y0:y1, x0:x1] = True
    return mask


def _disc(x: int, y: int, radius: int) -> NDArray[np.bool_]:
    rows, columns = np.ogrid[:HEIGHT, :WIDTH]
    return np.asarray((columns - x) ** 2 + (rows - y) ** 2 <= radius**2)
