"""``launch.py segment`` for real, on drawn pictures: a small random network whose queries are told what to claim."""

import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image
from pycocotools.coco import COCO

from app import cli
from core.checkpoints import Preprocessing, bundled, save_checkpoint
from core.formats.id_png import decode_ids
from core.model import MaskFormer, MaskFormerConfig
from core.types import Category, Fate, Taxonomy
from tests.declared_pictures import declared_png

ROOT = Path(__file__).resolve().parents[1]
SIZE_HW = (48, 64)
QUERIES = 12
TAXONOMY = Taxonomy(
    "drawn",
    (
        Category(7, "disc", True, (220, 60, 40)),
        Category(300, "box", True, (40, 160, 60)),
        Category(11, "paper", False, (90, 120, 220)),
    ),
)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint folder with random weights whose queries disagree, so that there is something to write."""
    torch.manual_seed(2)
    config = MaskFormerConfig(
        num_classes=len(TAXONOMY),
        num_queries=QUERIES,
        width=32,
        mask_channels=16,
        pixel_decoder_width=32,
        decoder_layers=1,
        attention_heads=4,
        feedforward_width=32,
    )
    model = MaskFormer(config).eval()
    set_queries_apart(model)
    folder = tmp_path_factory.mktemp("models") / "drawn"
    preprocessing = Preprocessing(short_side=64, max_long_side=128, score_threshold=0.0, overlap_threshold=0.3)
    save_checkpoint(
        folder, weights=model.state_dict(), config=config, taxonomy=TAXONOMY, preprocessing=preprocessing, half=False
    )
    return folder


@torch.no_grad()
def set_queries_apart(model: MaskFormer) -> None:
    """Centres and spreads what the two heads say about a drawn picture: untrained queries are nearly one another."""
    drawn = torch.from_numpy(drawn_disc((200, 30, 20))).permute(2, 0, 1)[None].float()  # (1, 3, H, W)
    output = model((drawn - 128) / 64)
    for head, said in ((model.class_head, output.class_logits[0]), (model.mask_head[-1], output.mask_embeddings[0])):
        spread = 4 / said.std(dim=0)
        head.weight.mul_(spread[:, None])
        head.bias.sub_(said.mean(dim=0)).mul_(spread)


def drawn_disc(color: tuple[int, int, int]) -> np.ndarray:
    canvas = np.full((*SIZE_HW, 3), 235, dtype=np.uint8)
    return cv2.circle(canvas, (24, 20), 14, color, cv2.FILLED)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two pictures, one broken picture and a text."""
    folder = tmp_path_factory.mktemp("pictures")
    for name, color in (("red disc.png", (200, 30, 20)), ("grün.jpg", (20, 180, 90))):
        Image.fromarray(drawn_disc(color)).save(folder / name)
    (folder / "broken.jpg").write_bytes((folder / "grün.jpg").read_bytes()[:200])
    (folder / "notes.txt").write_text("not a picture")
    return folder


def segment(*words: Path | str) -> int:
    return cli.main(["segment", "--device", "cpu", *map(str, words)])


def test_panoptic_files_agree_with_each_other(
    checkpoint: Path, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = segment(pictures, "--output", tmp_path, "--model", checkpoint)
    printed = capsys.readouterr()

    assert code == 1, "one picture was broken"
    assert "broken.jpg" in printed.err.splitlines()[-1]
    assert "[3/3]" in printed.out
    coco = COCO(str(tmp_path / "instances.json"))
    panoptic = json.loads((tmp_path / "panoptic.json").read_text(encoding="utf-8"))
    assert [row["file_name"] for row in panoptic["images"]] == ["grün.jpg", "red disc.png"]
    for annotation in panoptic["annotations"]:
        stem = Path(annotation["file_name"]).stem
        label_map = decode_ids((tmp_path / "panoptic" / annotation["file_name"]).read_bytes())
        assert label_map.shape == SIZE_HW
        things = [row for row in annotation["segments_info"] if TAXONOMY.category(row["category_id"]).is_thing]
        masks = [coco.annToMask(row) for row in coco.loadAnns(coco.getAnnIds(imgIds=annotation["image_id"]))]
        assert [mask.tolist() for mask in masks] == [(label_map == row["id"]).tolist() for row in things]
        assert_queries_explain(tmp_path / "queries" / f"{stem}.json", annotation["segments_info"], label_map)
        assert Image.open(tmp_path / "overlays" / f"{stem}.png").size == SIZE_HW[::-1]
    assert not (tmp_path / "overlays" / "broken.png").exists()


def assert_queries_explain(path: Path, segments_info: list[dict], label_map: np.ndarray) -> None:
    rows = json.loads(path.read_text(encoding="utf-8"))["queries"]
    assert [row["query"] for row in rows] == list(range(QUERIES))
    assert {row["segment_id"] for row in rows} - {None} == {row["id"] for row in segments_info}
    for info in segments_info:
        won = sum(row["won_area"] for row in rows if row["segment_id"] == info["id"])
        assert won == info["area"] == np.count_nonzero(label_map == info["id"])
    for row in rows:
        total = row["no_object"] + sum(entry["probability"] for entry in row["top_classes"])
        assert total == pytest.approx(1, abs=1e-5)
        assert (row["reason"] is None) == (row["fate"] == Fate.SEGMENT)


def test_the_random_network_gives_this_test_something_to_see(checkpoint: Path, pictures: Path, tmp_path: Path) -> None:
    segment(pictures / "red disc.png", "--output", tmp_path, "--model", checkpoint)
    rows = json.loads((tmp_path / "queries" / "red disc.json").read_text(encoding="utf-8"))["queries"]
    fates = [row["fate"] for row in rows]
    assert fates.count(Fate.SEGMENT) > 1
    assert len(set(fates)) > 1


def test_semantic_maps_hold_category_ids(checkpoint: Path, pictures: Path, tmp_path: Path) -> None:
    assert segment(pictures / "red disc.png", "--output", tmp_path, "--model", checkpoint, "--task", "semantic") == 0
    stored = cv2.imread(str(tmp_path / "semantic" / "red disc.png"), cv2.IMREAD_UNCHANGED)
    assert stored.dtype == np.uint16, "category 300 needs 16 bits"
    assert stored.shape == SIZE_HW
    assert set(np.unique(stored).tolist()) <= {7, 300, 11}
    described = json.loads((tmp_path / "semantic.json").read_text(encoding="utf-8"))
    assert described["images"] == [{"file_name": "red disc.png", "png": "red disc.png", "width": 64, "height": 48}]


def test_instances_fall_by_score_and_read_as_coco_results(checkpoint: Path, pictures: Path, tmp_path: Path) -> None:
    assert segment(pictures / "red disc.png", "--output", tmp_path, "--model", checkpoint, "--task", "instance") == 0
    coco = COCO(str(tmp_path / "instances.json"))
    annotations = coco.dataset["annotations"]
    scores = [row["score"] for row in annotations]
    assert scores
    assert scores == sorted(scores, reverse=True)
    assert [int(coco.annToMask(row).sum()) for row in annotations] == [row["area"] for row in annotations]
    fields = ("image_id", "category_id", "segmentation", "score")
    results = coco.loadRes([{field: row[field] for field in fields} for row in annotations])
    assert len(results.dataset["annotations"]) == len(annotations)


def test_pictures_of_one_stem_keep_apart(checkpoint: Path, pictures: Path, tmp_path: Path) -> None:
    for name in ("same.png", "same.jpg"):
        Image.open(pictures / "red disc.png").convert("RGB").save(tmp_path / name)
    output = tmp_path / "out"
    assert segment(tmp_path / "same.png", tmp_path / "same.jpg", "--output", output, "--model", checkpoint) == 0
    assert sorted(path.name for path in (output / "overlays").iterdir()) == ["same.jpg.png", "same.png.png"]


def test_pictures_of_one_name_are_refused_before_any_work(
    checkpoint: Path, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    twin = tmp_path / "red disc.png"
    twin.write_bytes((pictures / "red disc.png").read_bytes())
    assert segment(pictures / "red disc.png", twin, "--output", tmp_path / "out", "--model", checkpoint) == 2
    assert "red disc" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such names")
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_a_name_is_shown_as_text_on_one_line_by_any_terminal(
    encoding: str, checkpoint: Path, pictures: Path, tmp_path: Path
) -> None:
    picture = (pictures / "red disc.png").read_bytes()
    names = [b"red \x1b[31m.png", b"two\nlines.png", "图.png".encode(), b"latin \xe9.png", b"broken \x1b[31m.png"]
    for name in names:
        (tmp_path / os.fsdecode(name)).write_bytes(b"none" if name.startswith(b"broken") else picture)
    (tmp_path / "huge.png").write_bytes(declared_png(13_000, 13_000))  # Pillow has a warning to give of it, and of
    Image.new("RGB", (8, 8)).save(tmp_path / "exif.jpg", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    program = [sys.executable, ROOT / "launch.py", "segment", tmp_path, "--output", tmp_path / "out"]
    surroundings = os.environ | {"PYTHONIOENCODING": encoding}
    done = subprocess.run([*program, "--model", checkpoint], capture_output=True, text=True, env=surroundings)
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == len(names) + 3
    assert len(done.stderr.splitlines()) == 2
    assert "\x1b" not in done.stdout + done.stderr


def test_a_name_too_long_for_the_system_is_only_not_read(
    checkpoint: Path, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = (pictures / "red disc.png", "a" * 300, "--output", tmp_path, "--model", checkpoint)
    assert segment(*words) == 1
    assert capsys.readouterr().err.splitlines()[-1].startswith("aaa")
    assert len(json.loads((tmp_path / "panoptic.json").read_text(encoding="utf-8"))["images"]) == 1


def test_the_same_file_named_twice_is_done_once(checkpoint: Path, pictures: Path, tmp_path: Path) -> None:
    picture = pictures / "red disc.png"
    assert segment(picture, picture, "--output", tmp_path, "--model", checkpoint) == 0
    assert len(json.loads((tmp_path / "panoptic.json").read_text(encoding="utf-8"))["images"]) == 1


@pytest.mark.parametrize("words", [["nothing_here.png"], ["--model", "no such model"]])
def test_what_cannot_be_done_is_one_sentence(
    words: list[str], checkpoint: Path, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = [] if words[0].endswith(".png") else [pictures / "red disc.png"]
    model = [] if "--model" in words else ["--model", checkpoint]
    assert segment(*picture, *words, *model, "--output", tmp_path / "out") != 0
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("size_hw", [(1, 1), (1, 300), (257, 3)])
def test_any_size(size_hw: tuple[int, int], checkpoint: Path, tmp_path: Path) -> None:
    picture = tmp_path / "thin.png"
    Image.fromarray(np.full((*size_hw, 3), 128, dtype=np.uint8)).save(picture)
    for task in ("panoptic", "semantic", "instance"):
        assert segment(picture, "--output", tmp_path / task, "--model", checkpoint, "--task", task) == 0
        assert Image.open(tmp_path / task / "overlays" / "thin.png").size == size_hw[::-1]


@pytest.mark.skipif(not bundled(), reason="no checkpoint is bundled")
def test_the_bundled_model_is_the_default(pictures: Path, tmp_path: Path) -> None:
    assert segment(pictures / "red disc.png", "--output", tmp_path) == 0
    assert (tmp_path / "panoptic" / "red disc.png").is_file()


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture of four drawn discs, for tiles of 64 pixels (the checkpoint's own size) or more."""
    picture = tmp_path_factory.mktemp("large") / "large.png"
    disc = drawn_disc((200, 30, 20))
    Image.fromarray(np.tile(disc, (2, 2, 1))).save(picture)
    return picture


def test_tiles_make_one_panoptic_result(checkpoint: Path, large: Path, tmp_path: Path) -> None:
    assert segment(large, "--output", tmp_path, "--model", checkpoint, "--tile") == 0
    panoptic = json.loads((tmp_path / "panoptic.json").read_text(encoding="utf-8"))
    (annotation,) = panoptic["annotations"]
    label_map = decode_ids((tmp_path / "panoptic" / "large.png").read_bytes())
    assert label_map.shape == (96, 128)
    areas = {row["id"]: row["area"] for row in annotation["segments_info"]}
    assert areas == {i: np.count_nonzero(label_map == i) for i in np.unique(label_map).tolist() if i}
    stuff = [row["category_id"] for row in annotation["segments_info"] if row["category_id"] == 11]
    assert len(stuff) <= 1
    assert Image.open(tmp_path / "overlays" / "large.png").size == (128, 96)
    assert not (tmp_path / "queries").exists(), "no query is of the whole picture"


@pytest.mark.parametrize("task", ["semantic", "instance"])
def test_tiles_serve_every_task(task: str, checkpoint: Path, large: Path, tmp_path: Path) -> None:
    assert segment(large, "--output", tmp_path, "--model", checkpoint, "--tile", "80", "--task", task) == 0
    assert Image.open(tmp_path / "overlays" / "large.png").size == (128, 96)
    if task == "instance":
        coco = COCO(str(tmp_path / "instances.json"))
        masks = [coco.annToMask(row) for row in coco.dataset["annotations"]]
        assert masks
        assert sum(masks).max() == 1, "a panoptic result's things do not overlap"


def test_a_picture_no_larger_than_a_tile_is_predicted_whole(checkpoint: Path, large: Path, tmp_path: Path) -> None:
    for name, words in (("whole", []), ("tile", ["--tile", "128"])):
        assert segment(large, "--output", tmp_path / name, "--model", checkpoint, *words) == 0
    for name in ("panoptic.json", "queries/large.json"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "tile" / name).read_bytes()


@pytest.mark.parametrize("written", ["63", "0", "-1", "1.5", "large.png", "²"])
def test_a_tile_is_auto_or_a_number_of_pixels(
    written: str, large: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        segment(large, "--output", tmp_path / "out", f"--tile={written}")
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert said.endswith(f"a tile is auto or a number of pixels from 64 (--tile alone stands last), not {written}")


def test_what_is_done_is_kept_when_the_rest_is_stopped(
    checkpoint: Path, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import core.images

    def stopped_at_the_second(path: Path) -> np.ndarray:
        if path.name == "red disc.png":
            raise KeyboardInterrupt
        return read(path)

    read = core.images.read
    monkeypatch.setattr(core.images, "read", stopped_at_the_second)
    names = [pictures / "grün.jpg", pictures / "red disc.png"]
    assert segment(*names, "--output", tmp_path, "--model", checkpoint) == cli.INTERRUPTED
    images = json.loads((tmp_path / "panoptic.json").read_text(encoding="utf-8"))["images"]
    assert [image["file_name"] for image in images] == ["grün.jpg"]
    assert (tmp_path / "instances.json").is_file()
