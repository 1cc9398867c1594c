"""A 24-megapixel picture within 2 GB for the whole process, measured in a fresh one."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LIMIT_KIB = 2 << 20

PROGRAM = """
import resource, sys
import numpy as np
from core.document import Delete, Document, Fill, History, SetThresholds
from core.inference import fit, instances, panoptic, semantic
from tests.core.inference.oracle import sharp_prediction, taxonomy

prediction = sharp_prediction(0, fit((4000, 6000), 512, 2048), queries=100, classes=taxonomy(10, 9), smooth=16)
{work}
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""

WORK = {
    "panoptic": "assert panoptic(prediction, 0.3, 0.1).panoptic_map.shape == (4000, 6000)",
    "semantic": "assert semantic(prediction).class_map.shape == (4000, 6000)",
    "instances": "assert len(instances(prediction, limit=30).instances) > 5",
    "edits": """
history = History(Document.from_result(panoptic(prediction), prediction))
history.apply(SetThresholds(0.3, 0.1), prediction)
history.apply(Delete(min(history.document.segments), Fill.VOID), prediction)
history.undo()
history.redo()
""",
}


@pytest.mark.slow
@pytest.mark.parametrize("task", WORK)
def test_peak_memory(task):
    program = PROGRAM.format(work=WORK[task])
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < LIMIT_KIB
