"""Whole files and harmless names."""

import unicodedata
from pathlib import Path

import pytest

from core.files import file_name, portable_stem, portable_stems, shown_name, write_atomically
from core.messages import StudioError


def test_writing_replaces_the_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_atomically(path, b"first, and longer")
    write_atomically(path, b"second")
    assert path.read_bytes() == b"second"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.json"]


def test_a_failure_leaves_the_old_file_and_no_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StudioError, match=r"a\.json could not be written: No space left on device"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.json"]


def test_a_missing_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match=r"a\.json could not be written"):
        write_atomically(tmp_path / "nowhere" / "a.json", b"")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("street.jpg", "street.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\photos\\a.png", "a.png"),
        ("folder/", "folder"),
        ("e\u0301t\u00e9.jpg", "\u00e9t\u00e9.jpg"),
        ("line\nbreak\u202egpj.exe", "linebreakgpj.exe"),
        ("\udcff.jpg", "\ufffd.jpg"),
        ("..", "picture"),
        ("", "picture"),
        ("<b>&.jpg", "<b>&.jpg"),
    ],
)
def test_file_names_lose_their_path_and_nothing_visible(name: str, expected: str) -> None:
    assert file_name(name) == expected


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("img.v2.001.jpg", "img.v2.001"),
        ("\u8857\u9053 1.png", "\u8857\u9053 1"),
        ("<img src=x onerror=alert(1)>.jpg", "_img src=x onerror=alert(1)_"),
        ("../..", "picture"),
        ("con.jpg", "_con"),
        ("a. .jpg", "a"),
    ],
)
def test_stems_are_kept_and_portable(name: str, stem: str) -> None:
    assert portable_stem(name) == stem


def test_long_stems_fit_a_file_system() -> None:
    stem = portable_stem("\u8857" * 300 + ".jpg")
    assert 0 < len(stem.encode()) <= 200
    assert set(stem) == {"\u8857"}


def test_same_stems_keep_their_suffix() -> None:
    assert portable_stems(["a.jpg", "A.png", "b.jpg"]) == ("a.jpg", "A.png", "b")


@pytest.mark.parametrize("names", [["x/a.jpg", "y/a.jpg"], ["A.jpg", "a.jpg"], ["\u00e9.jpg", "e\u0301.jpg"]])
def test_same_names_are_refused(names: list[str]) -> None:
    with pytest.raises(StudioError, match="Two pictures are called"):
        portable_stems(names)


def test_a_shown_name_is_one_short_line() -> None:
    shown = shown_name("a\nb" + "c" * 500)
    assert shown.startswith("abc")
    assert len(shown) == 80
    assert unicodedata.category(shown[-1]) == "Po"
