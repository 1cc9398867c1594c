"""The workbench: one ``gr.HTML`` component whose scripts and styles lie in ``assets/browser``.

The browser part talks to Python through two server methods: :meth:`Workbench.ask`, and :meth:`Workbench.work` for what
takes its turn. What is asked and what is answered is the business of the callables it was built with. A new picture
goes through the queued event ``picture``.
"""

import json
from base64 import b64decode
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Required, TypeAlias, TypedDict

import gradio as gr
from gradio.components.base import server
from gradio.data_classes import DataWithFiles

from core.messages import catalogue, languages, text

BROWSER = Path(__file__).resolve().parent.parent / "assets" / "browser"

SCRIPTS = (  # one function scope: a file may use what stands above it, and functions of any file once all are read
    "language.js",
    "text.js",
    "spoken.js",
    "icons.js",
    "dom.js",
    "protocol.js",
    "model_work.js",
    "colors.js",
    "label_map.js",
    "run_length.js",
    "local_paint.js",
    "delta.js",
    "studio.js",
    "trail.js",
    "outbox_shelf.js",
    "newcomers.js",
    "outbox.js",
    "edits.js",
    "notices.js",
    "leaving.js",
    "album_card.js",
    "album_export.js",
    "album.js",
    "picture_source.js",
    "import_report.js",
    "import_dialog.js",
    "category_editor.js",
    "models.js",
    "model_row.js",
    "model_foot.js",
    "model_menu.js",
    "model_button.js",
    "model_switch.js",
    "view.js",
    "overlay.js",
    "light.js",
    "heat.js",
    "names.js",
    "surfaces.js",
    "painter.js",
    "viewport.js",
    "pointers.js",
    "minimap.js",
    "status_line.js",
    "stage.js",
    "fates.js",
    "query_tile.js",
    "query_grid.js",
    "segment_list.js",
    "category_search.js",
    "query_inspector.js",
    "tour.js",
    "tour_card.js",
    "segment_inspector.js",
    "inspector.js",
    "thresholds.js",
    "display.js",
    "toolbar.js",
    "explain/panel.js",
    "explain/drawer.js",
    "explain/plate.js",
    "explain/pixel.js",
    "explain/layers.js",
    "explain/assembly.js",
    "explain/stepper.js",
    "explain/matching.js",
    "explain/cost_matrix.js",
    "explain/views.js",
    "explain/doubt.js",
    "explain/lens.js",
    "explain/compare.js",
    "explain/pictures.js",
    "tools/raster.js",
    "tools/coverage.js",
    "tools/aim.js",
    "tools/gesture.js",
    "tools/brush.js",
    "tools/outlines.js",
    "tools/fill.js",
    "tools/merge.js",
    "tools/claims.js",
    "tools/ghosts.js",
    "tools/assistant.js",
    "tools/refined.js",
    "tools/offer.js",
    "tools/query_parts.js",
    "tools/best_queries.js",
    "tools/sitting.js",
    "tools/early_answer.js",
    "tools/smart_prompts.js",
    "tools/smart_answers.js",
    "tools/smart_click.js",
    "tools/alike.js",
    "tools/toolbox.js",
    "tools/shape_menu.js",
    "tools/tool_strip.js",
    "keymap.js",
    "keys.js",
    "key_sheet.js",
    "introduction/steps.js",
    "introduction/spotlight.js",
    "introduction/card.js",
    "introduction/introduction.js",
    "header.js",
    "main.js",
)
STYLES = (
    "base.css",
    "controls.css",
    "layout.css",
    "stage.css",
    "tools.css",
    "queries.css",
    "panels.css",
    "source.css",
    "models.css",
    "album.css",
    "import.css",
    "categories.css",
    "introduction.css",
    "explain.css",
    "explain_panels.css",
)
TEMPLATE = '<div class="studio" data-testid="workbench"></div>'

Answer: TypeAlias = Callable[[dict[str, Any], bytes | None, str], dict[str, Any]]
WorkInTurn: TypeAlias = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]


class Sample(TypedDict, total=False):
    """A picture offered on the start screen, called ``app.sample.NAME``; ``thumbnail`` is a ``data:`` address."""

    name: Required[str]
    thumbnail: Required[str]
    credit: str
    model: str


def script(samples: Sequence[Sample | Mapping[str, str]], language: str, model: Mapping[str, Any] | None = None) -> str:
    """The body of the function that Gradio runs once per mount, constants first."""
    constants = {
        "CATALOGUES": {code: _visible(code) for code in languages()},
        "FIRST_LANGUAGE": language,
        "SAMPLES": list(samples),
        "MODEL": model,
    }
    lines = [f"const {name} = {json.dumps(value, ensure_ascii=False)};" for name, value in constants.items()]
    return "\n".join(['"use strict";', *lines, *((BROWSER / name).read_text(encoding="utf-8") for name in SCRIPTS)])


def _visible(language: str) -> dict[str, str]:
    """The sentences that the page says."""
    return {key: sentence for key, sentence in catalogue(language).items() if key.startswith("app.")}


def style() -> str:
    """All rules; Gradio nests them under the component's own id and reads them as a template literal."""
    return "\n".join((BROWSER / name).read_text(encoding="utf-8") for name in STYLES)


class Workbench(gr.HTML):
    """Picture stage, query grid, segment list, inspector, thresholds and toolbar in one component.

    Args:
        answer: ``answer(meta, file, session_hash)`` gives the JSON reply to one request of the browser.
        work: ``work(meta)`` waits for its turn and gives the JSON reply.
        samples: pictures offered on the start screen.
        model: the menu's row of the model that is used until another is chosen.
        language: of a page whose visitor chose none, and prefers none that there is.
        **kwargs: passed on to ``gr.HTML``.

    The event ``picture`` carries ``model``, ``ticket`` and what to open with it: ``pending``, ``sample``, the id of an
    open ``document`` to predict again, or nothing yet. Its function sets the value to the ticket with ``document`` (an
    id), with ``model`` where there was nothing to open, or with ``error`` (a sentence); all else stays as it was.

    The event ``card`` carries the ``model`` that the page shows now, and its ``language``.
    """

    def __init__(
        self,
        *,
        answer: Answer,
        work: WorkInTurn,
        samples: Sequence[Sample | Mapping[str, str]] = (),
        model: Mapping[str, Any] | None = None,
        language: str = "en",
        **kwargs: Any,
    ) -> None:
        self._answer = answer
        self._work = work
        self._language = language
        super().__init__(
            html_template=TEMPLATE,
            css_template=style(),
            js_on_load=script(samples, language, model),
            apply_default_css=False,
            **kwargs,
        )

    @server
    def ask(self, request: DataWithFiles) -> dict[str, Any]:
        """One request in the binary form: ``meta`` (JSON), and a ``file`` or, in base64, few ``bytes``."""
        meta, file = read_meta(request.data.get("meta")), read_file(request)
        if meta is None:
            return self._malformed()
        return self._answer(meta, file, str(request.data["session_hash"]))

    @server
    async def work(self, request: DataWithFiles) -> dict[str, Any]:
        """What takes its turn, once it is done: field ``meta`` (JSON). Files are none of its business."""
        request.files = []
        meta = read_meta(request.data.get("meta"))
        return self._malformed() if meta is None else await self._work(meta)

    def _malformed(self) -> dict[str, Any]:
        return {"ok": False, "error": text("app.error.malformed", self._language)}


def read_meta(field: object) -> dict[str, Any] | None:
    """The request's JSON object, or None where the field is none."""
    if not isinstance(field, str):
        return None
    try:
        meta = json.loads(field)
    except ValueError:
        return None
    return meta if isinstance(meta, dict) and isinstance(meta.get("name"), str) else None


def read_file(request: DataWithFiles) -> bytes | None:
    """The bytes that came with a request; None where there are none, or what should be base64 is not."""
    if request.files:
        return bytes(request.files[0][1])
    few = request.data.get("bytes")
    try:
        return b64decode(few, validate=True) if isinstance(few, str) else None
    except ValueError:
        return None
