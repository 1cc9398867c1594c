"""Pieces of work take their turn: so many at a time, in the order that they came in, for their own owner."""

import asyncio
import threading
import time

import pytest

from app.owners import acting_as, current_owner
from app.turns import AT_ONCE, MOST, MOST_EACH, Turns
from core.messages import StudioError
from tests.app.coroutines import finished


def test_what_it_returns_or_raises_arrives() -> None:
    turns = Turns()
    assert finished(turns.take("a", lambda: 3)) == 3
    with pytest.raises(ZeroDivisionError):
        finished(turns.take("a", lambda: 1 // 0))


def test_it_runs_for_who_asked() -> None:
    with acting_as("user:olive"):
        assert finished(Turns().take("a", current_owner)) == "user:olive"


def test_no_more_than_so_many_run_at_once_and_all_in_their_order() -> None:
    running, most, order, lock = 0, 0, [], threading.Lock()

    def work(number: int) -> None:
        nonlocal running, most
        with lock:
            order.append(number)
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1

    async def ask(turns: Turns) -> None:
        await asyncio.gather(*(turns.take("a", lambda number=number: work(number)) for number in range(8)))

    finished(ask(Turns()))
    assert (most, sorted(order)) == (AT_ONCE, list(range(8)))
    order.clear()
    finished(ask(Turns(at_once=1)))
    assert order == list(range(8))


class Crowd:
    """Work that waits until it is let go."""

    def __init__(self, turns: Turns) -> None:
        self.turns, self.gate = turns, threading.Event()

    async def of(self, owner: str, count: int) -> list[asyncio.Task[bool]]:
        tasks = [asyncio.create_task(self.turns.take(owner, self.gate.wait)) for _ in range(count)]
        await asyncio.sleep(0)
        return tasks


def test_one_owner_fills_nobody_elses_places_and_gets_them_back() -> None:
    turns = Turns()
    crowd = Crowd(turns)

    async def ask() -> None:
        mine = await crowd.of("a", MOST_EACH)
        with pytest.raises(StudioError):
            await turns.take("a", bool)
        yours = await crowd.of("b", 1)
        crowd.gate.set()
        assert all(await asyncio.gather(*mine, *yours))
        assert await turns.take("a", lambda: "again") == "again"

    finished(ask())


def test_the_line_has_an_end() -> None:
    turns = Turns()
    crowd = Crowd(turns)

    async def ask() -> None:
        waiting = [task for number in range(MOST // MOST_EACH) for task in await crowd.of(str(number), MOST_EACH)]
        with pytest.raises(StudioError):
            await turns.take("late", bool)
        crowd.gate.set()
        await asyncio.gather(*waiting)

    finished(ask())


def test_what_takes_too_long_is_told_and_what_has_not_begun_never_does() -> None:
    turns = Turns(at_once=1, patience=0.1)
    crowd, begun = Crowd(turns), []

    async def ask() -> None:
        (first,) = await crowd.of("a", 1)
        with pytest.raises(StudioError):
            await turns.take("a", lambda: begun.append(1))
        with pytest.raises(StudioError):
            await first
        crowd.gate.set()
        assert await turns.take("a", lambda: "next") == "next"

    finished(ask())
    assert not begun
    assert not turns._unfinished, "places come back, and owners are forgotten"
