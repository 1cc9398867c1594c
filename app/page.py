"""The one page: a slim header with the card of the model, and the workbench."""

from pathlib import Path
from typing import Any

import gradio as gr

from app.actions import PictureActions
from app.answers.models import row_of
from app.model_work import ModelWork
from app.models import Models
from app.protocol import Protocol
from app.samples import gallery
from app.services import Services
from app.sessions import Visitor
from app.settings import Settings
from app.workbench import Workbench
from core.messages import text

_BROWSER = Path(__file__).resolve().parent.parent / "assets" / "browser"
PAGE_STYLE, ICON = _BROWSER / "page.css", _BROWSER / "favicon.svg"
_CACHE_SECONDS = 3600


def build_demo(settings: Settings, services: Services | None = None) -> gr.Blocks:
    """The whole app, ready to be launched; models load when the first picture asks for one.

    Raises:
        StudioError: as :meth:`app.services.Services.of`.
    """
    language = settings.language
    services = services or Services.of(settings)
    pictures, desk = services.pictures, services.desk
    actions = PictureActions(pictures, services.opening, services.owners, language)
    demo = gr.Blocks(
        title=text("app.name", language),
        analytics_enabled=False,
        fill_width=True,
        delete_cache=(_CACHE_SECONDS, _CACHE_SECONDS),
    )

    def close(visitor: Visitor | None) -> None:
        pictures.close(visitor)
        desk.downloads.close(visitor)

    with demo:
        visitor = gr.State(None, delete_callback=close)
        card = _header(desk.models, language)
        workbench = Workbench(
            work=ModelWork(services.refining, language),
            answer=Protocol(pictures, desk, services.album, max_upload=settings.max_upload, language=language),
            samples=gallery(),
            model=row_of(desk.models.entry(desk.models.first)),
            language=language,
        )
        ours: dict[str, Any] = {  # no endpoints for others; the workbench shows by itself that something is on its way
            "api_visibility": "private",
            "show_progress": "hidden",
        }
        workbench.picture(
            actions.choose,
            None,
            [workbench, visitor],
            concurrency_id="model",
            concurrency_limit=2,
            trigger_mode="multiple",  # "once" would drop the next picture of who went back from one that takes long
            **ours,
        )
        workbench.card(actions.card, None, card, trigger_mode="always_last", **ours)  # one model is shown at a time
    return demo


def _header(models: Models, language: str) -> gr.Markdown:
    """Name and idea on the left; on the right the place of the menu of languages, and the card of the model, folded.

    The workbench says them in the visitor's language (``assets/browser/header.js``).
    """
    with gr.Row(elem_id="studio-header"):
        gr.HTML(
            f"<h1>{text('app.name', language)}</h1><p>{text('app.idea', language)}</p>",
            elem_id="studio-title",
        )
        gr.HTML('<div id="studio-languages"></div>', elem_id="studio-language")
        with gr.Accordion(text("app.model.card", language), open=False, elem_id="studio-card"):
            return gr.Markdown(models.card(models.first).text)
