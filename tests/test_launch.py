"""``launch.py`` on a machine that has nothing yet, and the command line it hands over to; no network is used."""

import ast
import errno
import os
import shlex
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import launch
from app import cli
from app.commands import serve
from app.settings import MEBIBYTE, Settings
from app.virtual_environment import INCOMPLETE
from core.messages import StudioError, text

ROOT = Path(__file__).resolve().parents[1]


def copied_launcher(folder: Path) -> Path:
    """The part of the program that runs before anything is installed, in a folder of its own."""
    folder.mkdir()
    for name in ("app", "core", "assets/messages"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("launch.py", "requirements.txt", "requirements-dev.txt"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def launched(folder: Path, *words: str, **surroundings: str) -> subprocess.CompletedProcess[str]:
    """Runs ``launch.py`` with nothing but the standard library in sight."""
    plain = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "PYTHON"))}
    command = [sys.executable, "-S", str(folder / "launch.py"), *words]
    return subprocess.run(command, capture_output=True, text=True, env=plain | surroundings, timeout=600)


class TestBeforeAnythingIsInstalled:
    def test_launch_reads_on_an_old_python(self) -> None:
        source = (ROOT / "launch.py").read_text(encoding="utf-8")
        ast.parse(source, feature_version=(3, 8))
        first, second = ast.parse(source).body[:2]
        assert isinstance(first, ast.Expr)
        assert isinstance(second, ast.ImportFrom)
        assert second.module == "__future__", "annotations of today must not be evaluated by an old Python"

    def test_an_old_python_is_told(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        monkeypatch.setattr(sys, "version_info", (3, 9, 18, "final", 0))
        assert launch.main([]) == 1
        assert "needs Python 3.11 or newer; this is 3.9" in capsys.readouterr().err

    @pytest.mark.parametrize("words", [["--help"], *([name, "--help"] for name in cli.COMMANDS)])
    def test_help_needs_no_package(self, words: list[str]) -> None:
        done = launched(ROOT, *words)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("usage: launch.py")

    @pytest.mark.parametrize(
        ("words", "says"),
        [
            (["segmnt", "a.jpg"], "segment"),
            (["--auth", "nobody"], "user:password"),
            (["--port", "70000"], "65535"),
            (["--max-upload", "much"], "64mb"),
            (["--nonsense"], "--nonsense"),
        ],
    )
    def test_a_wrong_word_is_told_before_any_download(self, words: list[str], says: str) -> None:
        done = launched(ROOT, *words)
        assert done.returncode == 2
        assert says in done.stderr
        assert "Traceback" not in done.stderr

    @pytest.mark.slow
    def test_from_nothing_without_a_network(self, tmp_path: Path) -> None:
        """A real venv and a real pip whose index does not answer; the next run finds the remains and rebuilds."""
        folder = copied_launcher(tmp_path / "studio")
        unreachable = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "1", "PIP_CONFIG_FILE": os.devnull}
        for _ in range(2):
            done = launched(folder, "--no-browser", **unreachable)
            assert done.returncode == 2
            assert done.stderr == text("cli.download_failed") + "\n"
            assert "to download" in done.stdout
            assert INCOMPLETE in (folder / ".venv" / "studio-stamp").read_text()


class TestServe:
    def settings(self, *words: str) -> Settings:
        return serve.settings_of(cli.parse(words))

    @pytest.fixture(autouse=True)
    def at_home(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in (*serve.PLATFORM_SIGNS, "GRADIO_SERVER_PORT", "GRADIO_WATCH_DIRS"):
            monkeypatch.delenv(name, raising=False)

    def test_a_port_in_use_is_told_before_the_page_is_built(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(serve, "demo", lambda: pytest.fail("the page was built"))
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            assert cli.main(["--port", str(port)]) == 2
        told = capsys.readouterr().err
        assert f"Port {port} on 127.0.0.1 is in use" in told
        free = int(told.rsplit("--port ", 1)[1].rstrip(".\n"))
        assert free > port
        assert serve.bind_problem("127.0.0.1", free) == 0

    def test_an_address_of_another_machine(self) -> None:
        with pytest.raises(StudioError, match=r"cannot serve on 192\.0\.2\.1"):
            serve.require_free_port(Settings(host="192.0.2.1", port=7999))

    def test_at_home_only_this_machine_is_served(self) -> None:
        settings = self.settings()
        assert settings.host == "127.0.0.1"
        assert settings.open_browser

    @pytest.mark.parametrize("sign", serve.PLATFORM_SIGNS)
    def test_a_platforms_own_address_wins(self, sign: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(sign, "0.0.0.0")
        settings = self.settings("--host", "127.0.0.1")
        assert settings.host is None
        assert not settings.open_browser

    def test_every_option_arrives(self) -> None:
        words = (
            "--host 0.0.0.0 --port 80 --share --auth ann:b:c --model street --device cpu --max-upload 1gb --no-browser"
        )
        assert self.settings(*words.split()) == Settings(
            model="street",
            device="cpu",
            host="0.0.0.0",
            port=80,
            share=True,
            auth=("ann", "b:c"),
            max_upload=1024 * MEBIBYTE,
            open_browser=False,
        )

    @pytest.mark.parametrize(
        ("words", "expected"),
        [
            ("", True),
            ("--host localhost", True),
            ("--host 0.0.0.0", False),
            ("--share", False),
            ("--no-downloads", False),
            ("--host 0.0.0.0 --downloads", True),
        ],
    )
    def test_visitors_download_only_where_the_owner_is_alone_or_says_so(self, words: str, expected: bool) -> None:
        assert self.settings(*words.split()).downloads is expected

    @pytest.mark.parametrize("sign", serve.PLATFORM_SIGNS)
    def test_visitors_of_a_space_download_nothing(self, sign: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(sign, "127.0.0.1")
        assert not self.settings().downloads
        assert self.settings("--downloads").downloads

    def test_demo_is_an_attribute_of_launch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        page = object()
        monkeypatch.setattr(serve, "_page", lambda settings: page)
        assert launch.demo is page
        with pytest.raises(AttributeError):
            launch.nothing  # noqa: B018


class TestCli:
    def test_ctrl_c_is_quiet(self, capsys: pytest.CaptureFixture[str]) -> None:
        def interrupted(parsed: object) -> None:
            raise KeyboardInterrupt

        assert cli.main([], interrupted) == 130
        assert capsys.readouterr().err == ""

    @pytest.mark.parametrize(
        ("fault", "told"),
        [
            (OSError(errno.EACCES, "Permission denied", "/locked"), "Permission denied: /locked"),
            (OSError(errno.ENOSPC, "No space left on device"), "No space left on device"),
            (MemoryError(), text("error.memory")),
            (RuntimeError("DefaultCPUAllocator: can't allocate memory"), text("error.memory")),
        ],
    )
    def test_what_the_system_refuses_is_one_sentence(
        self, fault: Exception, told: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def refused(parsed: object) -> None:
            raise fault

        assert cli.main([], refused) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert told in line

    @pytest.mark.skipif(os.name != "posix", reason="pipes that close early are POSIX's")
    def test_who_has_seen_enough_of_a_list_is_told_nothing(self) -> None:
        listing = f"{shlex.quote(sys.executable)} {shlex.quote(str(ROOT / 'launch.py'))} models --json"
        done = subprocess.run(["sh", "-c", f"{listing} | :"], capture_output=True, text=True)
        assert done.stderr == ""

    def test_pytest_gets_what_the_test_command_does_not_know(self, monkeypatch: pytest.MonkeyPatch) -> None:
        commands: list[list[str]] = []
        monkeypatch.setattr(subprocess, "call", lambda command, cwd: commands.append(command) or 0)
        cli.main(["test", "-k", "floors", "--all"])
        cli.main(["test", "-x"])
        assert [command[1:] for command in commands] == [
            ["-m", "pytest", "-k", "floors"],
            ["-m", "pytest", "-m", "not slow", "-x"],
        ]

    def test_tests_and_training_need_more_packages(self) -> None:
        assert cli.requirement_files("serve") == ["requirements.txt"]
        assert cli.requirement_files("train") == cli.requirement_files("test") != cli.requirement_files("segment")
