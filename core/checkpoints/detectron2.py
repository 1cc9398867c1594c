"""The paper's own files: detectron2's ``.pkl`` and ``.pth``, which hold tensors and no configuration."""

from dataclasses import dataclass
from pathlib import Path

from core.checkpoints.card import Card
from core.checkpoints.checkpoint import Preprocessing, StoredCheckpoint
from core.checkpoints.detectron2_config import infer_config
from core.checkpoints.detectron2_names import key_table
from core.checkpoints.pickled_arrays import PickledTensors
from core.checkpoints.published import published
from core.checkpoints.tensors import WRAPPERS, Tensors, TensorTable, read_torch_file
from core.checkpoints.unpickle import read_pickle
from core.files import shown_name
from core.messages import StudioError
from core.model import MaskFormerConfig
from core.taxonomies import known_taxonomies, taxonomy_for
from core.types import Taxonomy

SUFFIXES = (".pkl", ".pth")
TORCH_BEGINNINGS = (b"PK\x03\x04", b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.")  # a zip archive; the older format


@dataclass(frozen=True, slots=True)
class Setting:
    """How the paper's configurations for a data set prepare a picture (RGB, ImageNet's mean and deviation).

    Attributes:
        classes: K, which tells the data set.
        taxonomy: row of :func:`core.taxonomies.known_taxonomies`; empty where nobody's list is known.
        short_side, max_long_side: of the tests.
        pad_multiple: 1 where the configuration forbids padding.
        is_panoptic: only for models with (or without) panoptic training; None for both.
        backbones: only for these; empty for all.
    """

    classes: int
    taxonomy: str
    short_side: int = 512
    max_long_side: int = 2048
    pad_multiple: int = 32
    score_threshold: float = 0.8
    is_panoptic: bool | None = None
    backbones: tuple[str, ...] = ()

    def fits(self, config: MaskFormerConfig, is_panoptic: bool) -> bool:
        return (
            self.classes == config.num_classes
            and self.is_panoptic in (None, is_panoptic)
            and (not self.backbones or config.backbone in self.backbones)
        )


SETTINGS = (  # the first that fits
    Setting(133, "coco_panoptic", 800, 1333, pad_multiple=1),
    Setting(150, "ade20k_panoptic", 640, 2560, score_threshold=0.7, is_panoptic=True),
    Setting(150, "ade20k", 640, 2560, score_threshold=0.7, backbones=("swin_base", "swin_large")),
    Setting(150, "ade20k", 512, 2048, score_threshold=0.7),
    Setting(847, "", 512, 2048, score_threshold=0.7),
    Setting(171, "coco_stuff", 640, 2560),
    Setting(19, "cityscapes", 1024, 2048),
    Setting(65, "mapillary", 2048, 2048),
)


def read_file(path: Path) -> StoredCheckpoint:
    """Finds out from its tensors what a file is: the network, and from the number of classes the data set.

    Raises:
        StudioError: the file is empty or damaged, its pickle asks for anything but arrays, or it is no MaskFormer.
    """
    tensors = _open(path)
    shapes = tensors.shapes()
    config = infer_config(shapes, file=shown_name(path.name))
    taxonomy, preprocessing = data_set(config, f"{path.parent.name}/{path.name}")
    return StoredCheckpoint(
        name=shown_name(path.name),
        config=config,
        taxonomy=taxonomy,
        preprocessing=preprocessing,
        card=read_card(path),
        tensors=tensors,
        table=key_table(shapes),
    )


def data_set(config: MaskFormerConfig, name: str) -> tuple[Taxonomy, Preprocessing]:
    """The data set's categories, and how its pictures are prepared; other data sets' classes have numbers for names."""
    is_panoptic = config.encoder_layers > 0 or "panoptic" in name.lower()
    setting = next((row for row in SETTINGS if row.fits(config, is_panoptic)), Setting(config.num_classes, ""))
    preprocessing = Preprocessing(
        short_side=setting.short_side,
        max_long_side=setting.max_long_side,
        pad_multiple=setting.pad_multiple,
        score_threshold=setting.score_threshold,
    )
    known = known_taxonomies().get(setting.taxonomy)
    return known or taxonomy_for([""] * config.num_classes), preprocessing


def read_card(path: Path) -> Card:
    """The card of a published file, by its name (which holds a part of its hash); of others nothing is known."""
    row = next((row for row in published() if row.url.endswith(f"/{path.name}")), None)
    if row is None:
        return Card(path.stem, title=path.stem)
    return Card(path.stem, title=f"{row.title}, {row.data}", domain=row.data, license=row.license)


def _open(path: Path) -> Tensors:
    """By what the file is, not by what it is called."""
    try:
        with path.open("rb") as file:
            beginning = file.read(max(map(len, TORCH_BEGINNINGS)))
    except OSError as error:
        reason = error.strerror or error
        raise StudioError("error.checkpoint_bad_file", file=shown_name(path.name), reason=reason) from error
    if not beginning:
        raise StudioError("error.checkpoint_empty", file=shown_name(path.name))
    if beginning.startswith(TORCH_BEGINNINGS):
        return TensorTable(read_torch_file(path))
    content = read_pickle(path)
    if not isinstance(content, dict):
        raise StudioError("error.checkpoint_no_tensors", file=shown_name(path.name))
    return PickledTensors(path, next((content[key] for key in WRAPPERS if key in content), content))
