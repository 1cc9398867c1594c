"""Downloads from a real server on loopback that can cut, lie and refuse; the cache's layout against its library."""

import json
import os
import random
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.checkpoints import hub_transfer
from core.checkpoints.hub import cached, cached_names, fetch, is_hub_name
from core.messages import StudioError
from tests.core.checkpoints.hub_server import COMMIT, FakeHub, running

NAME = "someone/maskformer-drawn"
WEIGHTS = random.Random(0).randbytes(100_000)
CONFIG = json.dumps({"model_type": "maskformer"}).encode()
SETTINGS = ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_TOKEN")


@pytest.fixture(autouse=True)
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeHub]:
    """A server with one repository, and an empty cache."""
    with running() as hub:
        for setting in SETTINGS:
            monkeypatch.delenv(setting, raising=False)
        monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        monkeypatch.setattr(hub_transfer, "PAUSE", 0.01)
        hub.files[NAME] = {
            "config.json": CONFIG,
            "preprocessor_config.json": b"{}",
            "README.md": b"",
            "model.safetensors": WEIGHTS,
            "pytorch_model.bin": b"the same in another format",
        }
        yield hub


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def sentence(name: str = NAME) -> str:
    """What a person reads about a download that fails."""
    with pytest.raises(StudioError) as failure:
        fetch(name)
    assert "\n" not in str(failure.value)
    return str(failure.value)


class TestWhole:
    def test_the_least_that_makes_a_checkpoint(self, hub: FakeHub) -> None:
        folder = fetch(NAME)
        assert files_in(folder) == ["README.md", "config.json", "model.safetensors", "preprocessor_config.json"]
        assert {name: (folder / name).read_bytes() for name in files_in(folder)}.items() <= hub.files[NAME].items()
        assert hub.asked("GET", "pytorch_model.bin") == []

    def test_progress_rises_to_the_end(self, hub: FakeHub) -> None:
        reports: list[tuple[int, int]] = []
        fetch(NAME, progress=lambda done, total: reports.append((done, total)))
        total = len(WEIGHTS) + len(CONFIG) + 2
        assert {in_all for _, in_all in reports} == {total}
        assert [done for done, _ in reports] == sorted(done for done, _ in reports)
        assert reports[-1] == (total, total)

    def test_what_is_cached_is_not_asked_for_again(self, hub: FakeHub) -> None:
        folder = fetch(NAME)
        hub.requests.clear()
        assert fetch(NAME) == folder == cached(NAME)
        assert cached_names() == [NAME]
        assert hub.requests == []

    def test_pytorch_format_where_there_is_no_other(self, hub: FakeHub) -> None:
        del hub.files[NAME]["model.safetensors"], hub.files[NAME]["preprocessor_config.json"]
        folder = fetch(NAME)
        assert files_in(folder) == ["README.md", "config.json", "pytorch_model.bin"]
        assert cached(NAME) == folder

    def test_several_weight_files(self, hub: FakeHub) -> None:
        shards = {f"model-0000{n}-of-00002.safetensors": WEIGHTS[n:] for n in (1, 2)}
        index = {"weight_map": {f"tensor.{n}": name for n, name in enumerate(shards)}}
        hub.files[NAME] |= {**shards, "model.safetensors.index.json": json.dumps(index).encode()}
        del hub.files[NAME]["model.safetensors"]
        folder = fetch(NAME)
        assert all((folder / name).read_bytes() == content for name, content in shards.items())
        (folder / "model-00002-of-00002.safetensors").resolve().unlink()
        assert cached(NAME) is None

    def test_an_index_cannot_name_a_file_outside(self, hub: FakeHub, tmp_path: Path) -> None:
        index = {"weight_map": {"tensor": "../../../../outside.safetensors"}}
        hub.files[NAME] |= {"model.safetensors.index.json": json.dumps(index).encode()}
        del hub.files[NAME]["model.safetensors"]
        assert "has no model.safetensors" in sentence()
        assert not any("outside" in path for _, path, _ in hub.requests)

    def test_two_at_once_download_once(self, hub: FakeHub) -> None:
        together = threading.Barrier(2)
        folders: list[Path] = []

        def run() -> None:
            together.wait()
            folders.append(fetch(NAME))

        threads = [threading.Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert folders == [cached(NAME)] * 2
        assert len(hub.asked("GET", "/cdn/" + NAME + "/model.safetensors")) == 1


class TestLayout:
    def test_the_library_finds_what_was_downloaded(self, tmp_path: Path) -> None:
        library = pytest.importorskip("huggingface_hub")
        folder = fetch(NAME)
        cache = tmp_path / "home" / "hub"
        assert Path(library.snapshot_download(NAME, cache_dir=cache, local_files_only=True)) == folder
        for name in ("config.json", "model.safetensors"):
            assert library.try_to_load_from_cache(NAME, name, cache_dir=cache) == str(folder / name)

    def test_what_the_library_downloaded_is_found(self, hub: FakeHub, tmp_path: Path) -> None:
        library = pytest.importorskip("huggingface_hub")
        for name in ("config.json", "model.safetensors", "preprocessor_config.json"):
            assert cached(NAME) is None
            path = library.hf_hub_download(NAME, name, endpoint=hub.url, cache_dir=tmp_path / "home" / "hub")
        assert cached(NAME) == Path(path).parent

    @pytest.mark.parametrize("config", ['{"model_type": "bert"}', "[]", "{", "[" * 100_000])
    def test_other_models_in_the_cache_are_none_of_ours(self, config: str, hub: FakeHub) -> None:
        folder = fetch(NAME)
        (folder / "config.json").unlink()
        (folder / "config.json").write_text(config)
        assert cached_names() == []

    def test_environment_counts_when_it_is_asked(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        fetch(NAME)
        monkeypatch.setenv("HF_HOME", str(tmp_path / "elsewhere"))
        assert cached(NAME) is None
        monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "home" / "hub"))
        assert cached(NAME) is not None


class TestCut:
    def test_goes_on_in_the_middle(self, hub: FakeHub) -> None:
        hub.cuts = [30_000, 0, 20_000]
        folder = fetch(NAME)
        assert (folder / "model.safetensors").read_bytes() == WEIGHTS
        ranges = [headers.get("range") for headers in hub.asked("GET", f"/cdn/{NAME}/model.safetensors")]
        assert ranges == [None, "bytes=30000-", "bytes=30000-", "bytes=50000-"]

    def test_the_next_try_goes_on_where_this_one_gave_up(self, hub: FakeHub, tmp_path: Path) -> None:
        hub.cuts = [30_000, *[0] * 10]
        assert "broke off after 30000 of 100000 bytes" in sentence()
        assert cached(NAME) is None
        assert not (tmp_path / "home/hub/models--someone--maskformer-drawn/snapshots").exists()

        hub.cuts = []
        hub.requests.clear()
        reports: list[int] = []
        assert (fetch(NAME, progress=lambda done, _: reports.append(done)) / "model.safetensors").is_file()
        assert [headers.get("range") for headers in hub.asked("GET", "model.safetensors")] == ["bytes=30000-"] * 2
        assert min(reports) >= 30_000

    def test_cancelled_and_taken_up_again(self, hub: FakeHub) -> None:
        class CancelledError(Exception):
            pass

        def cancel(done: int, total: int) -> None:
            if done > 40_000:
                raise CancelledError

        hub.while_sending = lambda: threading.Event().wait(0.02)
        with pytest.raises(CancelledError):
            fetch(NAME, progress=cancel)
        assert cached(NAME) is None
        hub.while_sending = lambda: None
        assert (fetch(NAME) / "model.safetensors").read_bytes() == WEIGHTS
        assert int(hub.asked("GET", "model.safetensors")[-1]["range"].removeprefix("bytes=").rstrip("-")) > 40_000

    def test_a_server_that_cannot_go_on_in_the_middle(self, hub: FakeHub) -> None:
        hub.takes_ranges, hub.cuts = False, [30_000]
        assert (fetch(NAME) / "model.safetensors").read_bytes() == WEIGHTS


class TestWrong:
    @pytest.mark.parametrize("served", [WEIGHTS[:-1] + b"?", WEIGHTS + b"more", WEIGHTS[:-1]])
    @pytest.mark.parametrize("name", ["model.safetensors", "preprocessor_config.json"])
    def test_content_is_refused_and_deleted(self, name: str, served: bytes, hub: FakeHub, tmp_path: Path) -> None:
        hub.files[NAME][name] = WEIGHTS
        hub.etags[name] = hub.etag(name, WEIGHTS).strip('"')
        hub.served[name] = served
        said = sentence()
        assert "is not what the server announced" in said or len(served) < len(WEIGHTS)
        assert cached(NAME) is None
        kept = [path for path in (tmp_path / "home/hub").rglob("blobs/*") if path.stat().st_size >= len(served)]
        assert len(served) < len(WEIGHTS) or kept == []

        hub.served.clear()
        assert (fetch(NAME) / name).read_bytes() == WEIGHTS

    @pytest.mark.parametrize("etag", ["d41d8cd98f00b204-12", "../../../outside", ""])
    def test_nothing_is_taken_without_a_hash(self, etag: str, hub: FakeHub) -> None:
        hub.etags["model.safetensors"] = etag
        assert "does not say what model.safetensors must contain" in sentence()
        assert hub.asked("GET", "model.safetensors") == []

    def test_half_a_snapshot_is_none(self, hub: FakeHub) -> None:
        folder = fetch(NAME)
        (folder / "model.safetensors").resolve().unlink()
        assert cached(NAME) is None
        assert (fetch(NAME) / "model.safetensors").read_bytes() == WEIGHTS


class TestRefused:
    def test_offline(self, hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")
        assert "HF_HUB_OFFLINE forbids" in sentence()
        assert re.search("Ready to use: .*street", sentence())
        monkeypatch.delenv("HF_HUB_OFFLINE")
        folder = fetch(NAME)
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")
        hub.requests.clear()
        assert fetch(NAME) == folder
        assert NAME in sentence("someone/else")
        assert hub.requests == []

    def test_no_network(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
        assert "http://127.0.0.1:9 does not answer" in sentence()

    @pytest.mark.parametrize(
        ("refusal", "says"),
        [
            ((401, "RepoNotFound"), "neither a folder nor a public Hugging Face model named"),
            ((404, "RepoNotFound"), "neither a folder nor a public Hugging Face model named"),
            ((401, ""), "neither a folder nor a public Hugging Face model named"),
            ((401, "GatedRepo"), "asks for its terms to be accepted at http"),
            ((403, "GatedRepo"), "asks for its terms to be accepted at http"),
            ((403, ""), "status 403"),
            ((500, ""), "status 500"),
        ],
    )
    def test_by_the_server(self, refusal: tuple[int, str], says: str, hub: FakeHub) -> None:
        hub.refusals[NAME] = refusal
        assert says in sentence()
        assert re.search("Ready to use: .*street", sentence())

    def test_a_name_that_is_nearly_right(self) -> None:
        assert "Did you mean facebook/maskformer-swin-tiny-coco" in sentence("facebook/maskformer-swin-tiny-cocoo")
        assert "Did you mean" not in sentence("facebook/maskformer-swin-tiny-coco"), "it is not the name that is wrong"

    def test_by_hand(self, hub: FakeHub) -> None:
        said = sentence("detectron2:semantic-ade20k/maskformer_R101c_bs16_160k")
        assert "https://dl.fbaipublicfiles.com/maskformer/semantic-ade20k/maskformer_R101c_bs16_160k" in said
        assert hub.requests == []

    def test_another_kind_of_network_before_its_weights_are_loaded(self, hub: FakeHub) -> None:
        hub.files[NAME]["config.json"] = b'{"model_type": "mask2former"}'
        assert "is a mask2former, not a MaskFormer" in sentence()
        assert hub.asked("HEAD", "model.safetensors") == []

    @pytest.mark.parametrize("missing", ["config.json", "model.safetensors"])
    def test_no_checkpoint(self, missing: str, hub: FakeHub) -> None:
        del hub.files[NAME][missing], hub.files[NAME]["pytorch_model.bin"]
        assert f"it has no {missing}" in sentence()

    def test_a_cache_that_cannot_be_written(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        monkeypatch.setenv("HF_HOME", str(tmp_path / "file"))
        assert "could not be kept" in sentence()

    def test_a_disk_that_is_full(self, hub: FakeHub) -> None:
        huge = bytes(10)
        hub.files[NAME]["model.safetensors"] = huge
        announced = hub_transfer.HubClient._announced  # the server announces more than any disk holds

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                hub_transfer.HubClient,
                "_announced",
                lambda *given: _resized(announced(*given), 10**18 if given[2] == "model.safetensors" else None),
            )
            assert "1000000000000 MB more" in sentence()


def _resized(file: hub_transfer.RemoteFile, size: int | None) -> hub_transfer.RemoteFile:
    return hub_transfer.RemoteFile(file.name, file.url, file.commit, size or file.size, file.digest)


class TestToken:
    def test_it_reaches_the_server_and_nobody_else(self, hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HF_TOKEN", "hf_secret")
        fetch(NAME)
        told = {headers["host"] for _, _, headers in hub.requests if headers.get("authorization") == "Bearer hf_secret"}
        assert told == {f"127.0.0.1:{hub.port}"}
        assert {headers["host"] for headers in hub.asked("GET", "model.safetensors")} > told

    def test_only_files_are_asked_for(self, hub: FakeHub) -> None:
        fetch(NAME)
        assert {headers["user-agent"] for _, _, headers in hub.requests} == {"MaskFormer-Studio"}
        assert all("/resolve/" in path or path.startswith(("/cdn/", "/cache/")) for _, path, _ in hub.requests)
        assert all(
            f"/resolve/{COMMIT}/" in path for _, path, _ in hub.requests if "resolve" in path and "main" not in path
        )


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("facebook/maskformer-swin-tiny-coco", True),
        ("detectron2:semantic-ade20k/maskformer_R101c_bs16_160k", True),
        ("street", False),
        ("./runs/street", False),
        ("../street", False),
        ("/absolute/path", False),
        ("a/b/c", False),
        ("owner/na--me", False),
        ("zoo/model_final_d8dbeb.pkl", False),
        ("owner/näme", False),
        (f"C:{os.sep}models", False),
    ],
)
def test_what_is_a_name_on_the_hub(source: str, named: bool) -> None:
    assert is_hub_name(source) is named
