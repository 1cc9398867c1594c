"""The queued events on a small model with random weights: what opens, what is refused, and that nothing is lost."""

from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from app.actions import PictureActions
from app.models import Models
from app.samples import FOLDER, sample_pictures
from app.sessions import OpenPictures, Visitor
from core.checkpoints import Preprocessing, save_checkpoint
from core.images import Limits
from core.messages import StudioError
from core.model import MaskFormer, MaskFormerConfig
from tests.app.pictures import TAXONOMY

OWNER = "o" * 32
REQUEST: Any = SimpleNamespace(session_hash="session")
VISITOR = Visitor.of("session", OWNER)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    folder = tmp_path_factory.mktemp("checkpoints") / "small"
    config = MaskFormerConfig(
        num_classes=len(TAXONOMY),
        num_queries=5,
        width=8,
        mask_channels=8,
        pixel_decoder_width=32,
        decoder_layers=1,
        attention_heads=2,
        feedforward_width=8,
    )
    preprocessing = Preprocessing(short_side=64, max_long_side=96)
    weights = MaskFormer(config).state_dict()
    save_checkpoint(folder, weights=weights, config=config, taxonomy=TAXONOMY, preprocessing=preprocessing)
    (folder / "README.md").write_text("---\ntitle: Small\ndomain: noise\n---\nA card.", encoding="utf-8")
    return Models(str(folder), "cpu")


@pytest.fixture
def actions(models: Models) -> PictureActions:
    return PictureActions(OpenPictures(), models, Limits())


def told(share: float, desc: str) -> None:
    assert 0 <= share <= 1
    assert desc


def opened(actions: PictureActions, model: str = "small", **data: object) -> dict[str, Any]:
    event = gr.EventData(None, {"owner": OWNER} | data)
    value, _ = actions.open(model, event, REQUEST, told)
    return value


def test_a_sample_becomes_a_document_of_its_visitor(actions: PictureActions) -> None:
    value = opened(actions, sample="pavilion")
    with actions.store.borrow(VISITOR, value["document"]) as picture:
        assert picture.name == "pavilion.jpg"
        assert picture.image.shape == (427, 640, 3)
        assert picture.document.label_map.shape == (427, 640)
        assert picture.card.domain == "noise"


@pytest.mark.parametrize(
    "data",
    [
        {"sample": "../LICENSES.md"},
        {"sample": None},
        {"pending": "p" * 22},
        {},
        {"sample": "pavilion", "owner": "short"},
    ],
)
def test_nonsense_is_one_sentence(actions: PictureActions, data: dict[str, object]) -> None:
    value = opened(actions, **data)
    assert set(value) == {"error", "nonce"}
    assert value["error"].endswith(".")


def test_an_event_without_data_is_one_sentence(actions: PictureActions) -> None:
    value, _ = actions.open("small", gr.EventData(None, None), REQUEST, told)
    assert "message" in value["error"]


def test_a_bad_upload_leaves_the_earlier_picture_open(actions: PictureActions) -> None:
    document = opened(actions, sample="pavilion")["document"]
    pending = actions.store.park(VISITOR, "notes.jpg", b"no picture")
    assert "notes.jpg" in opened(actions, pending=pending)["error"]
    with actions.store.borrow(VISITOR, document) as picture:
        assert picture.name == "pavilion.jpg"


def test_an_unknown_model_is_one_sentence(actions: PictureActions) -> None:
    assert "huge" in opened(actions, model="huge", sample="pavilion")["error"]


def test_another_model_takes_the_same_picture(actions: PictureActions) -> None:
    first = opened(actions, sample="pavilion")
    second, visitor = actions.change_model("small", VISITOR, first, told)
    assert second["document"] != first["document"]
    assert visitor == VISITOR
    with (
        actions.store.borrow(VISITOR, first["document"]) as before,
        actions.store.borrow(VISITOR, second["document"]) as after,
    ):
        assert (before.image == after.image).all()


@pytest.mark.parametrize("visitor", [None, Visitor.of("session", "x" * 32), Visitor.of("other", OWNER)])
def test_another_model_needs_a_picture_of_ones_own(actions: PictureActions, visitor: Visitor | None) -> None:
    first = opened(actions, sample="pavilion")
    value, _ = actions.change_model("small", visitor, first, told)
    assert "document" not in value


def test_models_load_once(models: Models) -> None:
    assert models.predictor("small") is models.predictor("small")


def test_an_unknown_preferred_model_offers_near_names() -> None:
    with pytest.raises(StudioError, match="stret"):
        Models("stret", "cpu")


def test_samples_stand_where_their_list_says() -> None:
    listed = {sample.file for sample in sample_pictures().values()}
    assert listed == {path.name for path in FOLDER.iterdir() if path.suffix in (".jpg", ".png", ".webp")}
    terms = (FOLDER / "LICENSES.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in terms for name in listed)
