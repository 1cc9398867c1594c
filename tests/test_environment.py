"""The environment beside the program: what satisfies it, when it is rebuilt, and the one sentence for each failure."""

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from app import cli, environment, virtual_environment
from app.virtual_environment import INCOMPLETE, OURS, VirtualEnvironment
from core.messages import StudioError, text

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """A requirement file that nothing satisfies."""
    (tmp_path / "requirements.txt").write_text("maskformer-studio-test-package==1.0\n")
    return [tmp_path / "requirements.txt"]


@pytest.fixture
def made(tmp_path: Path) -> VirtualEnvironment:
    """An environment that looks finished and holds nothing yet: its Python is the one that runs this test."""
    made = VirtualEnvironment(tmp_path / ".venv")
    made.python.parent.mkdir(parents=True)
    made.python.symlink_to(sys.executable)
    made.stamp.write_text(f"{OURS}\n")
    return made


class TestRequirements:
    @pytest.mark.parametrize(
        ("installed", "requirement", "met"),
        [
            ("2.13.0+cpu", "torch==2.13.0", True),
            ("2.13", "torch==2.13.0", True),
            ("2.13.1", "torch==2.13.0", False),
            ("6.31.0", "gradio>=6.31,<7", True),
            ("6.9.0", "gradio>=6.31,<7", False),
            ("7.0", "gradio >= 6.31, < 7", False),
            ("10.0", "gradio>=9", True),
            ("1.0", "gradio!=1.0", False),
            ("1.0rc1", "gradio", True),
        ],
    )
    def test_bounds(self, monkeypatch: pytest.MonkeyPatch, installed: str, requirement: str, met: bool) -> None:
        monkeypatch.setattr("importlib.metadata.version", lambda name: installed)
        assert environment.satisfied(requirement) is met

    def test_an_absent_package_satisfies_nothing(self, files: list[Path]) -> None:
        assert environment.unsatisfied(files) == ["maskformer-studio-test-package==1.0"]

    def test_comments_and_blank_lines_ask_for_nothing(self, tmp_path: Path) -> None:
        file = tmp_path / "requirements.txt"
        file.write_text("# why\n\npip  # what for\n")
        assert environment.requirements(file) == ["pip"]

    def test_the_files_that_ship_can_be_read(self) -> None:
        for name in cli.requirement_files("test"):
            lines = environment.requirements(ROOT / name)
            assert lines
            assert all("==" in line for line in lines), "pinned"
        assert environment.pin([ROOT / "requirements.txt"], "torch")

    def test_nothing_required_depends_on_torchvision(self) -> None:
        lines = [line for name in cli.requirement_files("test") for line in environment.requirements(ROOT / name)]
        assert not [line for line in lines if line.startswith(("torchvision", "timm"))]


class TestEnsure:
    def test_a_satisfied_interpreter_makes_nothing(self, tmp_path: Path) -> None:
        satisfied = tmp_path / "requirements.txt"
        satisfied.write_text("pytest\n")
        environment.ensure([satisfied], root=tmp_path, arguments=[])
        assert not (tmp_path / ".venv").exists()

    def test_a_finished_environment_takes_over(
        self, made: VirtualEnvironment, files: list[Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made.install([], files)
        started: list[list[str]] = []
        monkeypatch.setattr(environment, "start_again", lambda python, command: started.append([str(python), *command]))
        with pytest.raises(StudioError):  # the stand-in returns where the real one never does
            environment.ensure(files, root=made.folder.parent, arguments=["--port", "7861"])
        assert started == [[str(made.python), str(made.folder.parent / "launch.py"), "--port", "7861"]]

    def test_the_program_never_starts_itself_twice(
        self, made: VirtualEnvironment, files: list[Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made.install([], files)
        monkeypatch.setenv(environment.REEXECUTED, "1")
        monkeypatch.setattr(environment, "start_again", lambda *_: pytest.fail("started again"))
        with pytest.raises(StudioError, match="still lacks maskformer-studio-test-package"):
            environment.ensure(files, root=made.folder.parent, arguments=[])
        assert environment.REEXECUTED not in os.environ, "programs started from here begin afresh"

    @pytest.mark.skipif(os.name == "nt", reason="Windows has no exec")
    def test_starting_again_replaces_the_process(self, tmp_path: Path) -> None:
        program = (
            "import sys; from pathlib import Path; from app.environment import start_again\n"
            "start_again(Path(sys.executable), ['-c', 'import os; print(os.environ[\"STUDIO_REEXECUTED\"])'])\n"
            "print('never')"
        )
        done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
        assert done.stdout == "1\n"

    @pytest.mark.parametrize(("cpu", "torch_first"), [(True, True), (False, False)])
    def test_the_cpu_build_comes_first_and_alone(
        self, cpu: bool, torch_first: bool, made: VirtualEnvironment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = tmp_path / "requirements.txt"
        file.write_text("torch==2.13.0\n")
        monkeypatch.setattr(sys, "platform", "linux")
        seen: list[list[str]] = []
        monkeypatch.setattr(made, "_pip", lambda *command: seen.append(list(command)))
        environment.prepare(made, [file], cpu=cpu)
        assert (seen[0][-1] == "torch==2.13.0+cpu") is torch_first
        assert seen[-1] == ["install", "-r", str(file)]

    @pytest.mark.parametrize(
        ("platform", "cpu", "says"), [("linux", False, "--cpu"), ("linux", True, "0.5 GB"), ("darwin", False, "0.5 GB")]
    )
    def test_says_how_much_it_downloads(
        self,
        platform: str,
        cpu: bool,
        says: str,
        tmp_path: Path,
        files: list[Path],
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setattr(sys, "platform", platform)
        environment.announce(VirtualEnvironment(tmp_path / ".venv"), files, cpu=cpu)
        assert says in capsys.readouterr().out

    def test_changed_requirements_are_not_called_a_whole_download(
        self, made: VirtualEnvironment, files: list[Path], capsys: pytest.CaptureFixture[str]
    ) -> None:
        made.install([], files)
        files[0].write_text("maskformer-studio-test-package==2.0\n")
        environment.announce(made, files, cpu=False)
        assert capsys.readouterr().out == text("cli.updating", folder=made.folder) + "\n"


class TestStamp:
    def test_only_a_finished_installation_counts(self, made: VirtualEnvironment, files: list[Path]) -> None:
        assert not made.holds(files)
        made.install([], files)
        assert made.holds(files)
        assert made.works()

    def test_a_changed_requirement_counts_no_more(self, made: VirtualEnvironment, files: list[Path]) -> None:
        made.install([], files)
        files[0].write_text("maskformer-studio-test-package==2.0\n")
        assert not made.holds(files)

    def test_more_requirements_keep_the_earlier_ones(self, made: VirtualEnvironment, files: list[Path]) -> None:
        made.install([], files)
        more = files[0].with_name("requirements-dev.txt")
        more.write_text("another-test-package\n")
        made.install([], [more])
        assert made.holds([*files, more])

    def test_a_failed_installation_is_rebuilt(
        self, made: VirtualEnvironment, files: list[Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        left = made.folder / "half of a package"
        left.touch()
        with pytest.raises(StudioError):
            made.install([["no such option", "--no-such-option"]], files)
        assert INCOMPLETE in made.stamp.read_text()
        assert not made.works()
        monkeypatch.setattr(subprocess, "run", lambda *_, **__: SimpleNamespace(returncode=0, stdout=""))
        made.make()
        assert not left.exists()

    def test_somebody_elses_folder_is_never_deleted(self, tmp_path: Path, files: list[Path]) -> None:
        other = VirtualEnvironment(tmp_path / ".venv")
        other.folder.mkdir()
        (other.folder / "theirs").touch()
        with pytest.raises(StudioError, match="not a virtual environment that this program made"):
            environment.prepare(other, files, cpu=False)
        assert (other.folder / "theirs").exists()

    def test_somebody_elses_environment_stays_theirs_after_a_failure(
        self, made: VirtualEnvironment, files: list[Path]
    ) -> None:
        made.stamp.unlink()
        with pytest.raises(StudioError):
            made.install([["--no-such-option"]], files)
        assert not made.ours
        assert made.works()

    def test_a_dead_python_is_rebuilt(self, made: VirtualEnvironment, files: list[Path]) -> None:
        made.install([], files)
        made.python.unlink()
        made.python.symlink_to("/nowhere/python")
        assert not made.holds(files)
        assert not made.works()

    @pytest.mark.skipif(os.name == "nt", reason="the test reads POSIX locks")
    def test_a_second_run_waits_for_the_first(
        self, made: VirtualEnvironment, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with made.locked():
            monkeypatch.setattr("time.sleep", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt), VirtualEnvironment(made.folder).locked():
                pytest.fail("two runs at once")
        assert "waiting for it" in capsys.readouterr().out


class TestOneSentence:
    @pytest.mark.parametrize(
        ("output", "key"),
        [
            ("WARNING: Retrying (Retry(total=0)) after connection broken\nERROR: No matching distribution", "download"),
            ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk"),
            ("pip._vendor.urllib3.exceptions.ReadTimeoutError: Read timed out.", "download"),
            ("ERROR: Could not install packages due to an OSError: [WinError 112] There is not enough space", "disk"),
        ],
    )
    def test_pips_complaints(self, output: str, key: str) -> None:
        told = {"download": text("cli.download_failed"), "disk": text("cli.disk_full")}
        assert str(virtual_environment._failure(output, "cli.install_failed")) == told[key]

    def test_other_complaints_are_quoted(self) -> None:
        output = "ERROR: Could not find a version\nERROR: No matching distribution found for torch==9\n"
        told = str(virtual_environment._failure(output, "cli.install_failed"))
        assert told == "Installing the packages failed: No matching distribution found for torch==9."

    def test_no_venv_module(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "ensurepip" else object())
        with pytest.raises(StudioError, match="apt install python3-venv"):
            VirtualEnvironment(tmp_path / ".venv").make()

    def test_little_disk_is_told_before_the_download(
        self, tmp_path: Path, files: list[Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=700_000_000))
        with pytest.raises(StudioError, match=r"at least 2 GB .* 0\.7 GB"):
            environment.prepare(VirtualEnvironment(tmp_path / ".venv"), files, cpu=True)
        assert not (tmp_path / ".venv").exists()

    @pytest.mark.parametrize(("code", "says"), [(errno.ENOSPC, "disk is full"), (errno.EACCES, "cannot be made")])
    def test_a_disk_that_refuses(self, code: int, says: str, made: VirtualEnvironment, files: list[Path]) -> None:
        def refuse(*_: object) -> None:
            raise OSError(code, os.strerror(code))

        made._pip = refuse  # type: ignore[method-assign]
        with pytest.raises(StudioError, match=says):
            made.install([["anything"]], files)
