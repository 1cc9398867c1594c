"""Loading holds at most 1.3 times the file's size beyond the model itself, measured in a fresh process."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from core.checkpoints import Preprocessing, load_checkpoint, save_checkpoint
from core.checkpoints.huggingface_export import save_huggingface
from core.model import MaskFormerConfig, ResNetSpec, build_network
from tests.annotated import TAXONOMY

ROOT = Path(__file__).parents[3]
LIMIT = 1.3

# The peak is the kernel's own mark, set back after a first, small checkpoint has warmed everything up.
PROGRAM = """
import sys
from pathlib import Path
from core.checkpoints import load_checkpoint

def kilobytes(row):
    return next(int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines() if row in line)

load_checkpoint(sys.argv[1])
Path("/proc/self/clear_refs").write_text("5")
before = kilobytes("VmRSS")
model = load_checkpoint(sys.argv[2]).model
peak = kilobytes("VmHWM")
size = sum(value.nbytes for value in model.state_dict().values())
print((peak - before) * 1024 - size)
"""


def config(feedforward_width: int) -> MaskFormerConfig:
    return MaskFormerConfig(
        num_classes=len(TAXONOMY),
        backbone=ResNetSpec(depths=(1, 1, 1, 1), widths=(16, 32, 48, 64), stem=(8,)),
        width=64,
        pixel_decoder_width=32,
        decoder_layers=12,
        feedforward_width=feedforward_width,
    )


def write_own(folder: Path, numbers: MaskFormerConfig, *, half: bool) -> None:
    weights = build_network(numbers).state_dict()
    save_checkpoint(
        folder, weights=weights, config=numbers, taxonomy=TAXONOMY, preprocessing=Preprocessing(), half=half
    )


def write_torch(folder: Path, numbers: MaskFormerConfig, *, half: bool) -> None:
    from safetensors.torch import load_file

    write_own(folder / "own", numbers, half=half)
    save_huggingface(folder, load_checkpoint(folder / "own"))
    weights = load_file(folder / "model.safetensors")
    stored = {name: value.half() if half and value.is_floating_point() else value for name, value in weights.items()}
    (folder / "model.safetensors").unlink()
    torch.save(stored, folder / "pytorch_model.bin")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the peak of memory is read from Linux")
@pytest.mark.parametrize("half", [True, False], ids=["half", "single"])
@pytest.mark.parametrize(
    ("write", "file"), [(write_own, "model.safetensors"), (write_torch, "pytorch_model.bin")], ids=["own", "torch"]
)
def test_peak_of_loading(tmp_path, write, file, half):
    write(tmp_path / "small", config(64), half=half)
    write(tmp_path / "large", config(10_000), half=half)  # 16 million parameters
    places = [str(tmp_path / "small"), str(tmp_path / "large")]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *places], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) <= LIMIT * (tmp_path / "large" / file).stat().st_size
