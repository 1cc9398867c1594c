"""Building our data sets from the public originals, so that anybody can repeat what our model cards say."""

from collections.abc import Callable
from pathlib import Path

from core.datasets.nuclei import NUCLEI
from core.datasets.street import STREET
from core.datasets.writer import SplitWriter
from core.messages import StudioError

BUILDS = {"street": STREET, "nuclei": NUCLEI}


def build_dataset(
    name: str, raw: Path, output: Path, progress: Callable[[int, int], None] | None = None
) -> dict[str, int]:
    """Writes the COCO panoptic data set ``name`` into ``output``; gives the number of pictures in each split.

    ``progress`` is told (done, all) after each picture.

    Raises:
        StudioError: an original is missing or damaged, or ``output`` holds a data set already or is not writable.
    """
    if (output / "annotations").exists():
        raise StudioError("error.data_exists", folder=output)
    build = BUILDS[name]
    tasks = build.tasks(raw)
    writers = {split: SplitWriter(output, split, build.taxonomy, build.description) for split in build.pictures}
    for done, task in enumerate(tasks, start=1):
        writers[task.split].add(task.read())
        if progress is not None:
            progress(done, len(tasks))
    for writer in writers.values():
        writer.finish()
    return {split: len(writer.images) for split, writer in writers.items()}
