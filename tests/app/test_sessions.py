"""No owner reaches what another has, whatever they guess, steal or replay; memory is bounded and nothing lost."""

import threading
from functools import partial

import pytest

from app.answers.album import ALBUM_ANSWERS
from app.answers.models import MODEL_ANSWERS
from app.owners import acting_as
from app.protocol import ANSWERS
from app.sessions import OpenPictures, Visitor
from core.document.store import PictureGoneError
from core.messages import StudioError
from tests.app.visitors import Page, new_protocol, open_toy, toy_pictures

ALICE, BOB = "cookie:alice", "cookie:bob"


@pytest.fixture
def pictures() -> OpenPictures:
    return toy_pictures()


@pytest.fixture
def alice(pictures: OpenPictures) -> Page:
    return Page(pictures, "session-a", ALICE)


@pytest.fixture
def bob(pictures: OpenPictures) -> Page:
    return Page(pictures, "session-b", BOB)


GONE = {"ok": False, "gone": True, "error": str(PictureGoneError())}
EVERYTHING = {
    "version": 0,
    "edit_id": "e",
    "query": 0,
    "x": 0,
    "y": 0,
    "edit": {"kind": "promote", "query": 5},
    "to": "mine.png",
    "files": [],
}


@pytest.mark.parametrize("name", [*ANSWERS, "rename", "remove"])
@pytest.mark.parametrize("is_open", [True, False], ids=["open", "only on the disk"])
@pytest.mark.parametrize("session", ["session-b", "session-a", ""], ids=["own session", "stolen session", "none"])
def test_a_known_document_id_is_not_enough(alice: Page, name: str, session: str, is_open: bool) -> None:
    before = alice.state
    protocol = alice.protocol if is_open else new_protocol(toy_pictures())
    for owner in (BOB, "", "cookie:Alice", "cookie:alic"):
        with acting_as(owner):
            meta = EVERYTHING | {"name": name, "document": alice.document, "picture": alice.document}
            assert protocol(meta, b"", session) == GONE
    assert alice.state.keys() == before.keys()
    assert alice.state["version"] == before["version"]


@pytest.mark.parametrize("name", [*ANSWERS, *ALBUM_ANSWERS, *MODEL_ANSWERS, "offer"])
def test_nobody_is_answered_nothing(alice: Page, name: str) -> None:
    with acting_as(None):
        meta = EVERYTHING | {"name": name, "document": alice.document, "picture": alice.document, "file_name": "a"}
        answer = alice.protocol(meta, b"", alice.session)
    assert answer == {"ok": False, "error": str(StudioError("error.no_cookie"))}


def test_lists_hold_ones_own(alice: Page, bob: Page) -> None:
    mine = {row["picture"] for row in alice.ask("pictures")["pictures"]}
    theirs = {row["picture"] for row in bob.ask("pictures")["pictures"]}
    assert alice.document in mine
    assert bob.document in theirs
    assert not mine & theirs


@pytest.mark.parametrize("document", ["x" * 22, "session-a-session-a-sess"])
def test_a_guessed_document_id_is_told_nothing(alice: Page, document: str) -> None:
    assert alice.ask("open", document=document) == GONE


def test_document_ids_are_unguessable() -> None:
    ids = {open_toy("many").document_id for _ in range(20)}
    assert len(ids) == 20
    assert all(len(one) >= 22 for one in ids)


def test_edits_of_one_do_not_touch_the_other(alice: Page, bob: Page) -> None:
    untouched = bob.ask("open")
    assert alice.edit(kind="delete", segment_id=1, fill="void")["ok"]
    assert bob.ask("open") == untouched


def test_a_parked_upload_is_its_pages_and_taken_once(pictures: OpenPictures) -> None:
    alice = Visitor("a", ALICE)
    pending = pictures.park(alice, "cat.png", b"bytes")
    for other in (Visitor("b", BOB), Visitor("a", BOB), Visitor("b", ALICE)):
        with pytest.raises(PictureGoneError):
            pictures.collect(other, pending)
    assert pictures.collect(alice, pending).content == b"bytes"
    with pytest.raises(PictureGoneError):
        pictures.collect(alice, pending)


def test_closing_a_page_frees_its_pictures_and_loses_none(pictures: OpenPictures, alice: Page, bob: Page) -> None:
    alice.picture.visitor = Visitor("session-a", ALICE)
    alice.edit(kind="delete", segment_id=1, fill="void")
    pictures.close(Visitor("session-a", ALICE))
    assert set(pictures._open) == {bob.document}
    assert 1 not in alice.state["labels"]
    pictures.close(None)


def test_an_owner_keeps_only_the_newest_in_memory_and_all_on_the_disk(bob: Page) -> None:
    pictures = toy_pictures(each=2)
    documents = [pictures.add(open_toy(ALICE)) for _ in range(4)]
    assert list(pictures._open) == documents[2:]
    with pictures.borrow(ALICE, documents[0]) as picture:
        assert picture.document_id == documents[0]
    assert list(pictures._open) == [documents[3], documents[0]]


def test_the_least_recently_used_go_when_memory_is_full() -> None:
    size = open_toy(ALICE).nbytes
    pictures = toy_pictures(byte_budget=int(size * 2.5))
    documents = [pictures.add(open_toy(f"owner {n}")) for n in range(2)]
    with pictures.borrow("owner 0", documents[0]):
        documents.append(pictures.add(open_toy("owner 9")))
    assert list(pictures._open) == [documents[0], documents[2]]


def test_parked_uploads_count_and_the_newest_stays() -> None:
    pictures = toy_pictures(byte_budget=100)
    first, second = Visitor("a", ALICE), Visitor("b", BOB)
    old = pictures.park(first, "a.png", b"x" * 80)
    new = pictures.park(second, "b.png", b"x" * 80)
    with pytest.raises(PictureGoneError):
        pictures.collect(first, old)
    assert len(pictures.collect(second, new).content) == 80


def test_one_document_is_worked_on_by_one_thread_at_a_time(alice: Page, pictures: OpenPictures) -> None:
    entered = threading.Event()

    def second() -> None:
        with pictures.borrow(ALICE, alice.document):
            entered.set()

    with pictures.borrow(ALICE, alice.document):
        thread = threading.Thread(target=second)
        thread.start()
        assert not entered.wait(0.1)
    thread.join(timeout=5)
    assert entered.is_set()


def test_a_picture_is_made_again_once_for_all_who_ask() -> None:
    document, made = open_toy(ALICE).document_id, []
    pictures = toy_pictures()
    restore = pictures._restore
    pictures._restore = lambda owner, one: made.append(one) or restore(owner, one)
    found: list[object] = []

    def ask() -> None:
        with pictures.borrow(ALICE, document) as picture:
            found.append(picture)

    threads = [threading.Thread(target=partial(ask)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(found) == 4
    assert len(set(map(id, found))) == len(made) == 1
