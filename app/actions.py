"""The queued events: a picture is chosen, or another model for it or for the next one; and a model's card is shown."""

import logging
import secrets
from dataclasses import dataclass
from typing import Any, TypeAlias

import gradio as gr

from app.answers.fields import Fields
from app.memory import is_full
from app.opening import Opening, Source
from app.owners import Owners, require_owner
from app.samples import find_sample
from app.sessions import OpenPictures, Visitor
from core.messages import FIRST_LANGUAGE, StudioError, text

_log = logging.getLogger(__name__)

Value: TypeAlias = dict[str, Any]  # of the workbench: tiny, because every change of it travels whole


@dataclass(frozen=True)
class PictureActions:
    """What the event does; it shares the open pictures with the protocol and keeps nothing itself."""

    pictures: OpenPictures
    opening: Opening
    owners: Owners
    language: str = FIRST_LANGUAGE

    def choose(self, event: gr.EventData, request: gr.Request) -> tuple[Value, Any]:
        """Opens a parked upload, a sample, a stored picture, or one anew with another model.

        A model alone is only looked up. The picture that was open stays in the album as it is; a sample, and a
        picture with another model, add to the album only what is not there untouched.

        Returns:
            the workbench's value and its visitor. On failure the earlier picture and its model stay as they are.
        """
        ticket: dict[str, str] = {}
        language = self.language
        try:
            fields = Fields(event._data, language)
            language = fields.language
            ticket = {"ticket": fields.text("ticket", longest=40)}
            visitor = Visitor(str(request.session_hash), require_owner(self.owners.of(request)))
            if fields.has("stored"):
                return self._stored(visitor, fields.token("stored"), ticket)
            model = fields.text("model")
            self.opening.models.card(model)  # raises for what is no model
            source = self._source(visitor, fields)
            document_id = self._opened(visitor, source, model) if source else None
        except StudioError as error:
            return ticket | _refused(error, language), gr.skip()
        except Exception as fault:  # the page waits for an answer, whatever happens here
            _log.exception("A picture could not be opened")
            return ticket | _refused(_mendable(fault), language), gr.skip()
        if document_id is None:
            return ticket | {"model": model}, gr.skip()
        return ticket | {"document": document_id}, visitor

    def card(self, event: gr.EventData) -> Any:
        """The text of a model's card; nothing changes where there is no such model."""
        try:
            fields = Fields(event._data, self.language)
            card = self.opening.models.card(fields.text("model"))
        except StudioError:
            return gr.skip()
        return card.text or text("app.model.no_card", fields.language)

    def _stored(self, visitor: Visitor, document_id: str, ticket: dict[str, str]) -> tuple[Value, Any]:
        """A picture of the album as it was left, with the model that it was made with."""
        with self.pictures.borrow(visitor.owner, document_id) as picture:
            model = picture.card.name
        return ticket | {"document": document_id, "model": model}, visitor

    def _opened(self, visitor: Visitor, source: Source, model: str) -> str:
        """Id of the picture: the one that the owner has of it and never touched, else a new one."""
        if known := self.opening.untouched(source, visitor.owner, model):
            with self.pictures.borrow(visitor.owner, known) as picture:
                return self.pictures.add(picture)
        picture = self.opening.open(source, visitor.owner, model)
        picture.visitor = visitor
        return self.pictures.add(picture)

    def _source(self, visitor: Visitor, fields: Fields) -> Source | None:
        if fields.has("document"):
            return self._again(visitor.owner, fields.token("document"))
        if fields.has("sample"):
            sample = find_sample(fields.text("sample"))
            return Source(sample.path.name, sample.path.read_bytes())
        if fields.has("pending"):
            parked = self.pictures.collect(visitor, fields.token("pending"))
            return Source(parked.name, parked.content, is_upload=True)
        return None

    def _again(self, owner: str, document_id: str) -> Source:
        stored = self.opening.store.load(owner, document_id)
        return Source(stored.name, stored.content)


def _refused(error: StudioError, language: str) -> Value:
    return {"error": error.said(language), "nonce": secrets.token_hex(4)}


def _mendable(fault: Exception) -> StudioError:
    """A sentence for what no code of ours expected."""
    if is_full(fault):
        return StudioError("error.memory")
    return StudioError("error.opening_broke", reason=type(fault).__name__)
