"""No visitor reaches what another has open, whatever they guess, steal or replay; and nobody fills the memory."""

import threading

import pytest

from app.protocol import ANSWERS
from app.sessions import OpenPictures, PictureGoneError, Visitor
from tests.app.visitors import Page, open_toy

ALICE, BOB = "a" * 32, "b" * 32


@pytest.fixture
def store() -> OpenPictures:
    return OpenPictures()


@pytest.fixture
def alice(store: OpenPictures) -> Page:
    return Page(store, "session-a", ALICE)


@pytest.fixture
def bob(store: OpenPictures) -> Page:
    return Page(store, "session-b", BOB)


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize(
    ("session", "owner"),
    [("session-b", BOB), ("session-a", BOB), ("session-b", ALICE), ("", ALICE), ("session-a", "A" * 32)],
    ids=["own credentials", "stolen session", "stolen secret", "no session", "near secret"],
)
def test_a_known_document_id_is_not_enough(alice: Page, name: str, session: str, owner: str) -> None:
    before = alice.picture.document
    edit = {"kind": "promote", "query": 5}
    meta = {"name": name, "owner": owner, "document": alice.document, "version": 0, "query": 0, "edit": edit}
    answer = alice.protocol(meta, None, session)
    assert answer == {"ok": False, "gone": True, "error": str(PictureGoneError())}
    assert alice.picture.document is before


@pytest.mark.parametrize("document", ["x" * 22, "session-a-session-a-sess", ALICE])
def test_a_guessed_document_id_is_told_nothing(alice: Page, document: str) -> None:
    assert alice.ask("open", document=document) == {"ok": False, "gone": True, "error": str(PictureGoneError())}


def test_document_ids_are_unguessable(store: OpenPictures) -> None:
    ids = {open_toy(Visitor.of("s", ALICE)).document_id for _ in range(50)}
    assert len(ids) == 50
    assert all(len(one) >= 22 for one in ids)


def test_the_secret_itself_is_not_kept() -> None:
    assert ALICE not in repr(Visitor.of("s", ALICE))


def test_edits_of_one_do_not_touch_the_other(alice: Page, bob: Page) -> None:
    untouched = bob.ask("open")
    assert alice.edit(kind="delete", segment_id=1, fill="void")["ok"]
    assert bob.ask("open") == untouched


def test_a_parked_upload_is_its_owners_and_taken_once(store: OpenPictures) -> None:
    alice, bob = Visitor.of("a", ALICE), Visitor.of("b", BOB)
    pending = store.park(alice, "cat.png", b"bytes")
    with pytest.raises(PictureGoneError):
        store.collect(bob, pending)
    assert store.collect(alice, pending).content == b"bytes"
    with pytest.raises(PictureGoneError):
        store.collect(alice, pending)


def test_closing_frees_all_of_one_visitor_only(alice: Page, bob: Page, store: OpenPictures) -> None:
    store.close(Visitor.of(alice.session, ALICE))
    assert alice.ask("open")["gone"]
    assert bob.ask("open")["ok"]
    store.close(None)


def test_a_visitor_keeps_only_the_newest_pictures(alice: Page, bob: Page, store: OpenPictures) -> None:
    newer = [store.add(open_toy(Visitor.of(alice.session, ALICE))) for _ in range(2)]
    assert alice.ask("open")["gone"]
    assert all(alice.ask("open", document=document)["ok"] for document in newer)
    assert bob.ask("open")["ok"]


def test_the_least_recently_used_go_when_memory_is_full() -> None:
    size = open_toy(Visitor.of("s", ALICE)).nbytes
    store = OpenPictures(byte_budget=int(size * 2.5))
    pages = [Page(store, f"session-{n}", chr(ord("c") + n) * 32) for n in range(2)]
    assert pages[0].ask("open")["ok"]
    pages.append(Page(store, "session-9", "z" * 32))
    assert [page.ask("open")["ok"] for page in pages] == [True, False, True]


def test_parked_uploads_count_and_the_newest_stays() -> None:
    store = OpenPictures(byte_budget=100)
    first, second = Visitor.of("a", ALICE), Visitor.of("b", BOB)
    old = store.park(first, "a.png", b"x" * 80)
    new = store.park(second, "b.png", b"x" * 80)
    with pytest.raises(PictureGoneError):
        store.collect(first, old)
    assert len(store.collect(second, new).content) == 80


def test_one_document_is_worked_on_by_one_thread_at_a_time(alice: Page, store: OpenPictures) -> None:
    visitor = Visitor.of(alice.session, ALICE)
    entered = threading.Event()

    def second() -> None:
        with store.borrow(visitor, alice.document):
            entered.set()

    with store.borrow(visitor, alice.document):
        thread = threading.Thread(target=second)
        thread.start()
        assert not entered.wait(0.1)
    thread.join(timeout=5)
    assert entered.is_set()
