"""The bundled checkpoints on mosaics: tiles that lie across the pictures' borders against each picture by itself."""

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from core.checkpoints import bundled, load_checkpoint
from core.evaluation.overlaps import SegmentedPicture, overlaps
from core.evaluation.panoptic_quality import PanopticStat, match
from core.evaluation.report import true_picture
from core.formats.panoptic_dataset import read_panoptic_dataset
from core.inference import Predictor, TiledPicture, Tiling, natural_side, panoptic, semantic
from core.masks import label_areas
from core.types import PanopticResult, Size, Taxonomy

ROOT = Path(__file__).parents[3]
SAMPLES = sorted((ROOT / "assets" / "samples").glob("*.jpg"))
LIMIT_KIB = 300 << 10

STITCHING = """
import resource
import numpy as np
from core.inference import Tiling, stitch
from core.types import PanopticResult, SegmentInfo

tiling = Tiling.of((6000, 6000), 512)
segments = [SegmentInfo(i, i, 1.0, 512 * 128) for i in (1, 2, 3, 4)]
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
columns = np.arange(512, dtype=np.int32) // 128 + 1
results = (PanopticResult(np.tile(columns, (512, 1)), tuple(segments), ()) for _ in tiling)
assert stitch(tiling, results, {1, 2}).panoptic_map.shape == (6000, 6000)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.slow
@pytest.mark.skipif("street" not in bundled(), reason="the checkpoint street is not bundled")
def test_tiles_say_of_a_mosaic_more_of_what_is_said_of_its_pictures() -> None:
    """More of the pixels have the class that the picture by itself gives them than where the mosaic is not cut.

    Where the pictures are about as large as tiles are by nature: 0.87 of the pixels, whole 0.82. PQ against the
    pictures' own results is no such witness, with a few segments to find and scenes cut in the middle: what tiles find
    more, they pay for with fragments.
    """
    predictor = Predictor(load_checkpoint("street"), device="cpu")
    size_hw = (480, 640)
    pictures = [np.asarray(Image.open(path).convert("RGB").resize(size_hw[::-1])) for path in SAMPLES]
    expected = [semantic(predictor.predict(picture)).class_map for picture in pictures]

    def agreement(class_map: NDArray[np.int32]) -> float:
        pairs = zip(windows(class_map, size_hw), expected, strict=True)
        return float(np.mean([(said == alone).mean() for said, alone in pairs]))

    mosaic = mosaic_of(pictures, 2)
    in_tiles = tiled(predictor, mosaic, natural_side(predictor.checkpoint.preprocessing)).semantic()
    whole = semantic(predictor.predict(mosaic))
    assert agreement(in_tiles.class_map) > max(0.85, agreement(whole.class_map))


@pytest.mark.slow
@pytest.mark.data
def test_a_mosaic_of_nuclei_is_found_as_well_as_its_pictures(data_root: Path) -> None:
    """Nine validation pictures of the commonest size; the mosaic's PQ is within two points of theirs."""
    dataset = read_panoptic_dataset(data_root / "nuclei", "val")
    size_hw = Counter(picture.size_hw for picture in dataset.pictures).most_common(1)[0][0]
    chosen = [picture for picture in dataset.pictures if picture.size_hw == size_hw][:9]
    truths = [true_picture(dataset, picture) for picture in chosen]
    pictures = [dataset.image(picture) for picture in chosen]
    predictor = Predictor(load_checkpoint("nuclei"), device="cpu")
    alone = [SegmentedPicture(r.panoptic_map, r.segments) for r in (panoptic(predictor.predict(p)) for p in pictures)]
    result = tiled(predictor, mosaic_of(pictures, 3), min(size_hw)).panoptic()
    found = cut_apart(result, size_hw)
    taxonomy = predictor.checkpoint.taxonomy
    assert quality(truths, found, taxonomy) > quality(truths, alone, taxonomy) - 0.02


@pytest.mark.slow
def test_stitching_holds_the_label_map_and_a_row_of_tiles() -> None:
    """36 megapixels are a map of 137 MiB; measured in a fresh process."""
    done = subprocess.run([sys.executable, "-c", STITCHING], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < LIMIT_KIB


def tiled(predictor: Predictor, image: NDArray[np.uint8], side: int) -> TiledPicture:
    height, width, _ = image.shape
    return TiledPicture(predictor, image, Tiling.of((height, width), side))


def mosaic_of(pictures: list[NDArray[np.uint8]], columns: int) -> NDArray[np.uint8]:
    rows = [np.hstack(pictures[start : start + columns]) for start in range(0, len(pictures), columns)]
    return np.vstack(rows)


def windows(mosaic: NDArray[np.int32], size_hw: Size) -> list[NDArray[np.int32]]:
    """A mosaic's map cut into its pictures, row by row."""
    height, width = size_hw
    corners = [(y, x) for y in range(0, mosaic.shape[0], height) for x in range(0, mosaic.shape[1], width)]
    return [np.ascontiguousarray(mosaic[y : y + height, x : x + width]) for y, x in corners]


def cut_apart(result: PanopticResult, size_hw: Size) -> list[SegmentedPicture]:
    """What a mosaic's result says about each picture in it."""
    found = []
    for label_map in windows(result.panoptic_map, size_hw):
        areas = label_areas(label_map)
        inside = tuple(replace(s, area=areas[s.segment_id]) for s in result.segments if s.segment_id in areas)
        found.append(SegmentedPicture(label_map, inside))
    return found


def quality(truths: list[SegmentedPicture], found: list[SegmentedPicture], taxonomy: Taxonomy) -> float:
    stat = PanopticStat.zeros(len(taxonomy))
    for truth, guess in zip(truths, found, strict=True):
        stat = stat + match(overlaps(truth, guess), taxonomy).stat(len(taxonomy))
    return stat.average().pq or 0.0
