"""The queued event ``work``: what has to be computed for a page and changes nothing, above all what clicks lead to.

It stands in Gradio's queue, unlike the messages of `app.protocol`, so that few of them run at a time whoever asks. The
page gets its answer from :class:`app.replies.Replies`: pixels, which it shows and then sends as an edit.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import gradio as gr

from app.answers import alike, refine
from app.answers.fields import Fields
from app.answers.reply import Reply
from app.explaining import Explaining
from app.open_picture import OpenPicture
from app.owners import Owners, current_owner, require_owner
from app.protocol import refusal
from app.refining import Refining
from app.replies import Replies
from core.messages import FIRST_LANGUAGE, StudioError
from core.refinement import Refiner

_log = logging.getLogger(__name__)

Work: TypeAlias = Callable[[OpenPicture, Refiner, Fields], Reply]

WORK: dict[str, Work] = {
    "prepare": lambda picture, refiner, fields: {},
    "refine": refine.refine,
    "alike": alike.alike,
}
EXPLAIN = "explain_prepare"  # of :class:`app.explaining.Explaining`, which needs no refiner


@dataclass(frozen=True)
class ModelWork:
    """Does the work of the event, and hands the answers to who waits for them."""

    refining: Refining
    owners: Owners
    language: str = FIRST_LANGUAGE
    replies: Replies = field(default_factory=Replies)

    def do(self, event: gr.EventData, request: gr.Request) -> None:
        """Works for the owner of the request; what cannot be done is answered in a sentence."""
        try:
            fields = Fields(event._data, self.language)
            owner, ticket = require_owner(self.owners.of(request)), fields.text("ticket", longest=40)
        except StudioError:
            return  # nobody waits for this answer: the page was told so when it asked for it
        self.replies.put(owner, ticket, self._answer(owner, fields))

    async def reply(self, meta: dict[str, Any]) -> Reply:
        """What a page's work led to; it waits until that is done."""
        fields = Fields(meta, self.language)
        try:
            return await self.replies.take(current_owner(), fields.text("ticket", longest=40))
        except StudioError as error:
            return refusal(error, fields.language)

    def _answer(self, owner: str, fields: Fields) -> Reply:
        try:
            name = fields.choice("name", (*WORK, EXPLAIN))
            if name == EXPLAIN:
                explaining = Explaining(self.refining.models, self.refining.pictures)
                return {"ok": True, **explaining.prepare(owner, fields)}
            work = WORK[name]
            with self.refining.borrow(owner, fields.token("document")) as (picture, refiner):
                return {"ok": True, **work(picture, refiner, fields)}
        except StudioError as error:
            return refusal(error, fields.language)
        except Exception as fault:  # the page waits for an answer, whatever happens here
            _log.exception("Work for a page broke")
            return refusal(StudioError("error.answer_broke", reason=type(fault).__name__), fields.language)
