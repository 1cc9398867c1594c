"""The queued event: a picture is chosen, or another model for the picture that is open, or for the next one."""

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

    def choose(self, event: gr.EventData, request: gr.Request) -> tuple[Value, Any, Any]:
        """Opens a parked upload, a sample, a stored picture, or one anew with another model.

        A model alone only shows its card. The picture that was open stays in the album as it is; a sample, and a
        picture with another model, add to the album only what is not there untouched.

        Returns:
            the workbench's value, its visitor, and the text of the model's card. On failure the earlier picture
            and its model stay as they are.
        """
        ticket: dict[str, str] = {}
        language = self.language
        try:
            fields = Fields(event._data, language)
            language = fields.language
            ticket = {"ticket": fields.text("ticket", longest=40)}
            visitor = Visitor(str(request.session_hash), require_owner(self.owners.of(request)))
            if fields.has("stored"):
                return self._stored(visitor, fields.token("stored"), ticket, language)
            model = fields.text("model")
            card = self._card(model, language)
            source = self._source(visitor, fields)
            document_id = self._opened(visitor, source, model) if source else None
        except StudioError as error:
            return ticket | _refused(error, language), gr.skip(), gr.skip()
        except Exception as fault:  # the page waits for an answer, whatever happens here
            _log.exception("A picture could not be opened")
            return ticket | _refused(_mendable(fault), language), gr.skip(), gr.skip()
        if document_id is None:
            return ticket | {"model": model}, gr.skip(), card
        return ticket | {"document": document_id}, visitor, card

    def _stored(
        self, visitor: Visitor, document_id: str, ticket: dict[str, str], language: str
    ) -> tuple[Value, Any, Any]:
        """A picture of the album as it was left, with the model that it was made with."""
        with self.pictures.borrow(visitor.owner, document_id) as picture:
            model = picture.card.name
        return ticket | {"document": document_id, "model": model}, visitor, self._card(model, language)

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

    def _card(self, model: str, language: str) -> str:
        return self.opening.models.card(model).text or text("app.model.no_card", language)


def _refused(error: StudioError, language: str) -> Value:
    return {"error": error.said(language), "nonce": secrets.token_hex(4)}


def _mendable(fault: Exception) -> StudioError:
    """A sentence for what no code of ours expected."""
    if is_full(fault):
        return StudioError("error.memory")
    return StudioError("error.opening_broke", reason=type(fault).__name__)
