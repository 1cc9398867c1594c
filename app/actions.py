"""The queued events: a picture is chosen, or another model for the picture that is open."""

import secrets
from dataclasses import dataclass
from typing import Any, TypeAlias

import gradio as gr

from app.answers.fields import Fields
from app.models import Models
from app.opening import Report, Source, open_image, open_source
from app.samples import find_sample
from app.sessions import OpenPicture, OpenPictures, Visitor
from core.images import Limits
from core.messages import StudioError, text

PROGRESS = gr.Progress()  # Gradio recognises the default and gives every call its own tracker

Value: TypeAlias = dict[str, Any]  # of the workbench: tiny, because every change of it travels whole


@dataclass(frozen=True)
class PictureActions:
    """What the two events do; they share the store with the protocol and keep nothing themselves."""

    store: OpenPictures
    models: Models
    limits: Limits
    language: str = "en"

    def open(
        self, model: str, event: gr.EventData, request: gr.Request, progress: gr.Progress = PROGRESS
    ) -> tuple[Value, Any]:
        """Opens a parked upload or a sample; on failure the earlier picture stays as it is."""
        try:
            fields = Fields(event._data)
            visitor = Visitor.of(str(request.session_hash), fields.token("owner"))
            source = self._source(visitor, fields)
            return self._opened(open_source(source, visitor, self.models, model, self.limits, self._report(progress)))
        except StudioError as error:
            return self._refused(error), gr.skip()

    def change_model(
        self, model: str, visitor: Visitor | None, value: Value | None, progress: gr.Progress = PROGRESS
    ) -> tuple[Any, Any]:
        """Runs another model on the picture that is open; nothing to do where there is none."""
        if visitor is None or not value or "document" not in value:
            return gr.skip(), gr.skip()
        try:
            with self.store.borrow(visitor, Fields(value).token("document")) as picture:
                image, name = picture.image, picture.name
            return self._opened(open_image(image, name, visitor, self.models, model, self._report(progress)))
        except StudioError as error:
            return self._refused(error), gr.skip()

    def _source(self, visitor: Visitor, fields: Fields) -> Source:
        if fields.has("sample"):
            sample = find_sample(fields.text("sample"))
            return Source(sample.path.name, sample.path.read_bytes())
        parked = self.store.collect(visitor, fields.token("pending"))
        return Source(parked.name, parked.content)

    def _opened(self, picture: OpenPicture) -> tuple[Value, Visitor]:
        return {"document": self.store.add(picture), "language": self.language}, picture.visitor

    def _refused(self, error: StudioError) -> Value:
        return {"error": text(error.key, self.language, **error.values), "nonce": secrets.token_hex(4)}

    def _report(self, progress: gr.Progress) -> Report:
        return lambda share, key: progress(share, desc=text(key, self.language))
