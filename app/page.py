"""The one page: a slim header with the model menu, and the workbench."""

from pathlib import Path
from typing import Any

import gradio as gr

from app.actions import PictureActions
from app.models import Models
from app.protocol import Protocol
from app.samples import gallery
from app.sessions import OpenPictures
from app.settings import Settings
from app.workbench import Workbench
from core.checkpoints import Card
from core.images import Limits
from core.messages import text

_BROWSER = Path(__file__).resolve().parent.parent / "assets" / "browser"
PAGE_STYLE, ICON = _BROWSER / "page.css", _BROWSER / "favicon.svg"
_CACHE_SECONDS = 3600


def build_demo(settings: Settings, store: OpenPictures | None = None) -> gr.Blocks:
    """The whole app, ready to be launched; models load when the first picture asks for one.

    Raises:
        StudioError: ``settings.model`` names no model.
    """
    language = settings.language
    store = OpenPictures() if store is None else store
    models = Models(settings.model, settings.device, warn=gr.Warning)
    actions = PictureActions(store, models, Limits(file_bytes=settings.max_upload), language)
    demo = gr.Blocks(
        title=text("app.name", language),
        analytics_enabled=False,
        fill_width=True,
        delete_cache=(_CACHE_SECONDS, _CACHE_SECONDS),
    )
    with demo:
        visitor = gr.State(None, delete_callback=store.close)
        menu = _header(models, language)
        workbench = Workbench(
            answer=Protocol(store, max_upload=settings.max_upload, language=language),
            samples=gallery(language),
            language=language,
        )
        _wire(actions, menu, workbench, visitor)
    return demo


def _header(models: Models, language: str) -> gr.Dropdown:
    """Name and idea on the left, the models with their domains on the right, the chosen one's card folded below."""
    with gr.Row(elem_id="studio-header"):
        gr.HTML(
            f"<h1>{text('app.name', language)}</h1><p>{text('app.idea', language)}</p>",
            elem_id="studio-title",
        )
        menu = gr.Dropdown(
            choices=[(_menu_row(card), name) for name, card in models.cards.items()],
            value=models.first,
            label=text("app.model.label", language),
            elem_id="studio-model",
            filterable=False,
        )
        with gr.Accordion(text("app.model.card", language), open=False, elem_id="studio-card"):
            card = gr.Markdown(models.card(models.first).text)
    menu.change(
        lambda name: models.card(name).text, menu, card, queue=False, show_progress="hidden", api_visibility="private"
    )
    return menu


def _menu_row(card: Card) -> str:
    return f"{card.title} \N{EN DASH} {card.domain}" if card.domain else card.title


def _wire(actions: PictureActions, menu: gr.Dropdown, workbench: Workbench, visitor: gr.State) -> None:
    model_work: dict[str, Any] = {
        "concurrency_id": "model",
        "concurrency_limit": 2,
        "api_visibility": "private",
        "show_progress": "minimal",  # the workbench has a veil of its own, with a way back
    }
    workbench.picture(actions.open, menu, [workbench, visitor], **model_work)
    menu.change(actions.change_model, [menu, visitor, workbench], [workbench, visitor], **model_work)
