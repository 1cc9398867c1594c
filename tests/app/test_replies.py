"""Answers find who waits for them, whoever comes first, and nobody else."""

import asyncio
import threading

import pytest

from app.replies import MOST_EACH, Replies
from core.messages import StudioError
from tests.app.coroutines import finished


def taken(replies: Replies, owner: str = "a", ticket: str = "t") -> dict:
    return finished(replies.take(owner, ticket))


def test_an_answer_that_came_first_is_kept_for_its_page() -> None:
    replies = Replies()
    replies.put("a", "t", {"n": 1})
    assert taken(replies) == {"n": 1}


def test_a_page_that_came_first_waits() -> None:
    replies = Replies()
    threading.Timer(0.1, lambda: replies.put("a", "t", {"n": 2})).start()
    assert taken(replies) == {"n": 2}


def test_answers_that_come_together_all_arrive() -> None:
    replies = Replies()

    async def both() -> list[dict]:
        waits = [asyncio.create_task(replies.take("a", ticket)) for ticket in "xyz"]
        await asyncio.sleep(0)
        for ticket in "zxy":
            replies.put("a", ticket, {"ticket": ticket})
        return await asyncio.gather(*waits)

    assert [reply["ticket"] for reply in finished(both())] == ["x", "y", "z"]


@pytest.mark.parametrize(("owner", "ticket"), [("b", "t"), ("a", "u")])
def test_nobody_gets_what_is_anothers(owner: str, ticket: str) -> None:
    replies = Replies(patience=0.05)
    replies.put("a", "t", {"n": 1})
    with pytest.raises(StudioError):
        taken(replies, owner, ticket)
    assert taken(replies) == {"n": 1}


def test_an_answer_is_given_once() -> None:
    replies = Replies(patience=0.05)
    replies.put("a", "t", {"n": 1})
    taken(replies)
    with pytest.raises(StudioError):
        taken(replies)


def test_an_answer_that_nobody_waits_for_any_more_does_no_harm() -> None:
    replies = Replies(patience=0.05)
    with pytest.raises(StudioError):
        taken(replies)
    replies.put("a", "t", {"n": 1})


def test_one_owner_fills_nobody_elses_places() -> None:
    replies = Replies()
    replies.put("b", "t", {"mine": True})
    for number in range(3 * MOST_EACH):
        replies.put("a", str(number), {"n": number})
    assert taken(replies, "b") == {"mine": True}
    assert len(replies._places) == MOST_EACH
