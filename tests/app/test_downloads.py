"""One transfer for all who wait, ended by the last who leaves; whatever goes wrong is one sentence."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.downloads import Download, Downloads
from app.sessions import Visitor
from app.stage import Stage
from core.messages import StudioError

ALICE, BOB = Visitor("a", "a" * 32), Visitor("b", "b" * 32)
PATIENCE = 30


@dataclass
class Transfer:
    """A transfer that goes on when the test says so, one report at a time."""

    steps: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    begun: list[str] = field(default_factory=list)
    fault: Exception | None = None

    def __call__(self, name: str, *, progress: Callable[[int, int], None]) -> Path:
        self.begun.append(name)
        for arrived in range(1, 4):
            assert self.steps.acquire(timeout=PATIENCE)
            if self.fault:
                raise self.fault
            progress(arrived, 3)
        return Path()

    def go_on(self, steps: int = 3) -> None:
        self.steps.release(steps)


@pytest.fixture
def transfer() -> Iterator[Transfer]:
    transfer = Transfer()
    yield transfer
    transfer.go_on(100)


@pytest.fixture
def downloads(transfer: Transfer) -> Downloads:
    return Downloads(True, transfer)


def wait_for(condition: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(PATIENCE * 100):
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError("it did not come")


def ended(downloads: Downloads, name: str = "model") -> Download:
    download = downloads.find(name)
    assert download is not None
    wait_for(lambda: download.stage is not Stage.RUNNING)
    return download


def test_a_download_is_watched_to_its_end(downloads: Downloads, transfer: Transfer) -> None:
    downloads.start("model", ALICE)
    transfer.go_on(2)
    download = downloads.find("model")
    assert download is not None
    wait_for(lambda: (download.arrived, download.size) == (2, 3))
    assert download.stage is Stage.RUNNING
    transfer.go_on(1)
    assert ended(downloads).stage is Stage.DONE


def test_two_visitors_share_one_transfer_and_one_may_leave(downloads: Downloads, transfer: Transfer) -> None:
    downloads.start("model", ALICE)
    downloads.start("model", BOB)
    downloads.leave("model", ALICE)
    transfer.go_on()
    assert ended(downloads).stage is Stage.DONE
    assert transfer.begun == ["model"]


def test_it_stops_with_the_last_who_waits(downloads: Downloads, transfer: Transfer) -> None:
    for visitor in (ALICE, BOB):
        downloads.start("model", visitor)
    downloads.leave("model", BOB)
    downloads.close(ALICE)
    downloads.close(None)
    transfer.go_on(1)
    assert ended(downloads).stage is Stage.STOPPED


def test_who_never_waited_stops_nothing(downloads: Downloads, transfer: Transfer) -> None:
    downloads.start("model", ALICE)
    downloads.leave("model", BOB)
    downloads.leave("another", ALICE)
    transfer.go_on()
    assert ended(downloads).stage is Stage.DONE


def test_who_comes_back_before_it_stopped_gets_it(downloads: Downloads, transfer: Transfer) -> None:
    downloads.start("model", ALICE)
    downloads.leave("model", ALICE)
    downloads.start("model", ALICE)
    transfer.go_on(6)
    assert ended(downloads).stage is Stage.DONE


def test_after_a_failure_it_can_be_tried_again(downloads: Downloads, transfer: Transfer) -> None:
    transfer.fault = StudioError("error.no_model")
    downloads.start("model", ALICE)
    transfer.go_on(1)
    failed = ended(downloads)
    assert (failed.stage, str(failed.error)) == (Stage.FAILED, str(transfer.fault))
    transfer.fault = None
    downloads.start("model", ALICE)
    transfer.go_on()
    assert ended(downloads).stage is Stage.DONE


def test_a_fault_of_our_own_ends_it_too(downloads: Downloads, transfer: Transfer) -> None:
    transfer.fault = ZeroDivisionError("by zero")
    downloads.start("model", ALICE)
    transfer.go_on(1)
    assert "ZeroDivisionError" in str(ended(downloads).error)


def test_few_run_at_once(downloads: Downloads, transfer: Transfer) -> None:
    downloads.start("one", ALICE)
    downloads.start("two", BOB)
    with pytest.raises(StudioError, match="2 downloads"):
        downloads.start("three", ALICE)
    downloads.start("two", ALICE)
    transfer.go_on(6)
    ended(downloads, "one")
    downloads.start("three", ALICE)


def test_nothing_is_fetched_where_the_owner_does_not_allow_it(transfer: Transfer) -> None:
    downloads = Downloads(False, transfer)
    with pytest.raises(StudioError, match="--downloads"):
        downloads.start("model", ALICE)
    assert downloads.find("model") is None
    assert transfer.begun == []
