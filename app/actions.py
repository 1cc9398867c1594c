"""The queued event: a picture is chosen, or another model for the picture that is open, or for the next one."""

import logging
import secrets
from dataclasses import dataclass
from typing import Any, TypeAlias

import gradio as gr

from app.answers.fields import Fields
from app.models import Models
from app.opening import Source, open_image, open_source
from app.samples import find_sample
from app.sessions import OpenPicture, OpenPictures, Visitor
from core.images import Limits
from core.messages import StudioError, text

_log = logging.getLogger(__name__)

Value: TypeAlias = dict[str, Any]  # of the workbench: tiny, because every change of it travels whole


@dataclass(frozen=True)
class PictureActions:
    """What the event does; it shares the store with the protocol and keeps nothing itself."""

    store: OpenPictures
    models: Models
    limits: Limits
    language: str = "en"

    def choose(self, event: gr.EventData, request: gr.Request) -> tuple[Value, Any, Any]:
        """Opens a parked upload, a sample, or the open picture again; a model alone only shows its card.

        Returns:
            the workbench's value, its visitor, and the text of the model's card. On failure the earlier picture
            and its model stay as they are.
        """
        ticket: dict[str, str] = {}
        try:
            fields = Fields(event._data)
            ticket = {"ticket": fields.text("ticket", longest=40)}
            visitor = Visitor.of(str(request.session_hash), fields.token("owner"))
            model = fields.text("model")
            card = self.models.card(model).text or text("app.model.no_card", self.language)
            picture = self._picture(visitor, model, fields)
        except StudioError as error:
            return ticket | self._refused(error), gr.skip(), gr.skip()
        except Exception as fault:  # the page waits for an answer, whatever happens here
            _log.exception("A picture could not be opened")
            return ticket | self._refused(_mendable(fault)), gr.skip(), gr.skip()
        if picture is None:
            return ticket | {"model": model}, gr.skip(), card
        value = {"document": self.store.add(picture), "language": self.language}
        return ticket | value, visitor, card

    def _picture(self, visitor: Visitor, model: str, fields: Fields) -> OpenPicture | None:
        if fields.has("document"):
            with self.store.borrow(visitor, fields.token("document")) as picture:
                image, name = picture.image, picture.name
            return open_image(image, name, visitor, self.models, model)
        if fields.has("sample") or fields.has("pending"):
            return open_source(self._source(visitor, fields), visitor, self.models, model, self.limits)
        return None

    def _source(self, visitor: Visitor, fields: Fields) -> Source:
        if fields.has("sample"):
            sample = find_sample(fields.text("sample"))
            return Source(sample.path.name, sample.path.read_bytes())
        parked = self.store.collect(visitor, fields.token("pending"))
        return Source(parked.name, parked.content)

    def _refused(self, error: StudioError) -> Value:
        return {"error": text(error.key, self.language, **error.values), "nonce": secrets.token_hex(4)}


def _mendable(fault: Exception) -> StudioError:
    """A sentence for what no code of ours expected; PyTorch tells of full memory in words only."""
    if isinstance(fault, MemoryError) or "allocate memory" in str(fault) or "out of memory" in str(fault):
        return StudioError("error.memory")
    return StudioError("error.opening_broke", reason=type(fault).__name__)
