"""What has to be computed for a page and changes nothing, above all what clicks lead to.

Unlike the messages of `app.protocol` it takes its turn, so that few of them run at a time whoever asks. The page gets
pixels, which it shows and then sends as an edit.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from app.answers import alike, refine
from app.answers.fields import Fields
from app.answers.reply import Reply
from app.explaining import Explaining
from app.news import listening
from app.open_picture import OpenPicture
from app.owners import current_owner
from app.protocol import refusal
from app.refining import Refining
from app.turns import Turns
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
    """Does what pages ask for, in turn."""

    refining: Refining
    language: str = FIRST_LANGUAGE
    turns: Turns = field(default_factory=Turns)

    async def __call__(self, meta: dict[str, Any]) -> Reply:
        """The work's answer for the owner of the request; what cannot be done is answered in a sentence."""
        fields = Fields(meta, self.language)
        try:
            owner = current_owner()
            return await self.turns.take(owner, lambda: self._answer(owner, fields))
        except StudioError as error:
            return refusal(error, fields.language)

    def _answer(self, owner: str, fields: Fields) -> Reply:
        try:
            with listening() as news:
                reply = self._done(owner, fields)
            return {"ok": True, **reply, **({"news": news} if news else {})}
        except StudioError as error:
            return refusal(error, fields.language)
        except Exception as fault:  # the page waits for an answer, whatever happens here
            _log.exception("Work for a page broke")
            return refusal(StudioError("error.answer_broke", reason=type(fault).__name__), fields.language)

    def _done(self, owner: str, fields: Fields) -> Reply:
        name = fields.choice("name", (*WORK, EXPLAIN))
        if name == EXPLAIN:
            return Explaining(self.refining.models, self.refining.pictures).prepare(owner, fields)
        with self.refining.borrow(owner, fields.token("document")) as (picture, refiner):
            return WORK[name](picture, refiner, fields)
