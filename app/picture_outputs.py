"""What ``launch.py segment`` writes for each picture and for all of them, one class a task."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from app.overlay import draw_instances, draw_panoptic, draw_semantic
from app.query_report import query_rows
from core.files import file_name, make_folder, write_atomically
from core.formats.coco import AnnotatedPicture
from core.formats.coco_folder import CocoFolder
from core.formats.scored_instances import ScoredPicture, export_scored_instances
from core.inference import Prediction, TiledPicture, instances, panoptic, semantic, thing_instances
from core.messages import StudioError, text
from core.types import InstanceResult, PanopticResult, SemanticResult, Taxonomy

OVERLAYS, QUERIES, SEMANTIC = "overlays", "queries", "semantic"


class Outputs(Protocol):
    """Files of one task in one folder."""

    def add(self, name: str, stem: str, image: NDArray[np.uint8], prediction: Prediction) -> str:
        """Writes what belongs to one picture; says in a few words what was found."""

    def add_tiled(self, name: str, stem: str, picture: TiledPicture) -> str:
        """The same for a picture that is predicted in tiles."""

    def finish(self) -> None:
        """Writes what belongs to all pictures together."""


class PanopticOutputs:
    """``instances.json``, ``panoptic.json``, ``panoptic/``, ``overlays/`` and ``queries/``."""

    def __init__(self, folder: Path, taxonomy: Taxonomy) -> None:
        self.folder, self.taxonomy = folder, taxonomy
        self._files = CocoFolder(folder, taxonomy)

    def add(self, name: str, stem: str, image: NDArray[np.uint8], prediction: Prediction) -> str:
        """Writes the overlay, the queries and the id map; the JSON files wait for :meth:`finish`."""
        result = panoptic(prediction)
        report = {
            "file_name": file_name(name),
            "score_threshold": prediction.score_threshold,
            "overlap_threshold": prediction.overlap_threshold,
            "queries": query_rows(prediction, result.fates),
        }
        write_json(self.folder / QUERIES / f"{stem}.json", report)
        return self._add(name, stem, image, result)

    def add_tiled(self, name: str, stem: str, picture: TiledPicture) -> str:
        """Writes the overlay; there is no query of the whole picture to report."""
        return self._add(name, stem, picture.image, picture.panoptic())

    def _add(self, name: str, stem: str, image: NDArray[np.uint8], result: PanopticResult) -> str:
        write_png(self.folder / OVERLAYS / f"{stem}.png", draw_panoptic(image, result, self.taxonomy))
        self._files.add(AnnotatedPicture(name, result.panoptic_map, result.segments), f"{stem}.png")
        return text("cli.found_segments", count=len(result.segments))

    def finish(self) -> None:
        """Writes the JSON files."""
        self._files.finish()


class SemanticOutputs:
    """``semantic.json``, ``semantic/`` (8- or 16-bit PNGs of category ids) and ``overlays/``."""

    def __init__(self, folder: Path, taxonomy: Taxonomy) -> None:
        self.folder, self.taxonomy = folder, taxonomy
        self._images: list[dict[str, Any]] = []
        category_ids = [category.category_id for category in taxonomy.categories]
        if not 0 <= min(category_ids) <= max(category_ids) <= 0xFFFF:
            raise StudioError("error.semantic_ids", least=min(category_ids), most=max(category_ids))
        self._ids = np.array(category_ids, dtype=np.min_scalar_type(max(category_ids)))

    def add(self, name: str, stem: str, image: NDArray[np.uint8], prediction: Prediction) -> str:
        """Writes the overlay and the class map."""
        return self._add(name, stem, image, semantic(prediction))

    def add_tiled(self, name: str, stem: str, picture: TiledPicture) -> str:
        """Writes the overlay and the class map that the tiles make together."""
        return self._add(name, stem, picture.image, picture.semantic())

    def _add(self, name: str, stem: str, image: NDArray[np.uint8], result: SemanticResult) -> str:
        write_png(self.folder / OVERLAYS / f"{stem}.png", draw_semantic(image, result, self.taxonomy))
        write_png(self.folder / SEMANTIC / f"{stem}.png", self._ids[result.class_map])
        height, width = result.class_map.shape
        self._images.append({"file_name": file_name(name), "png": f"{stem}.png", "width": width, "height": height})
        return text("cli.found_classes", count=len(np.unique(result.class_map)))

    def finish(self) -> None:
        """Writes the list of pictures and categories."""
        described = {"pixel_values": "category_id", "images": self._images}
        write_json(self.folder / "semantic.json", described | {"categories": self.taxonomy.to_json()["categories"]})


class InstanceOutputs:
    """``instances.json`` with scores, and ``overlays/``."""

    def __init__(self, folder: Path, taxonomy: Taxonomy) -> None:
        self.folder, self.taxonomy = folder, taxonomy
        self._pictures: list[ScoredPicture] = []

    def add(self, name: str, stem: str, image: NDArray[np.uint8], prediction: Prediction) -> str:
        """Writes the overlay."""
        return self._add(name, stem, image, instances(prediction))

    def add_tiled(self, name: str, stem: str, picture: TiledPicture) -> str:
        """Writes the overlay of the things that the tiles make together."""
        return self._add(name, stem, picture.image, thing_instances(picture.panoptic(), self.taxonomy))

    def _add(self, name: str, stem: str, image: NDArray[np.uint8], result: InstanceResult) -> str:
        write_png(self.folder / OVERLAYS / f"{stem}.png", draw_instances(image, result, self.taxonomy))
        self._pictures.append(ScoredPicture(name, result))
        return text("cli.found_instances", count=len(result.instances))

    def finish(self) -> None:
        """Writes the instances of all pictures."""
        write_json(self.folder / "instances.json", export_scored_instances(self._pictures, self.taxonomy))


TASKS: dict[str, Callable[[Path, Taxonomy], Outputs]] = {
    "panoptic": PanopticOutputs,
    "semantic": SemanticOutputs,
    "instance": InstanceOutputs,
}


def write_png(path: Path, picture: NDArray[np.uint8] | NDArray[np.uint16]) -> None:
    """Writes (H, W, 3) RGB or a (H, W) map; raises StudioError where the folder is not writable."""
    stored = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR) if picture.ndim == 3 else picture
    _, encoded = cv2.imencode(".png", stored)
    _write(path, encoded.tobytes())


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Writes readable JSON; raises StudioError where the folder is not writable."""
    _write(path, (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode())


def _write(path: Path, content: bytes) -> None:
    make_folder(path.parent)
    write_atomically(path, content)
