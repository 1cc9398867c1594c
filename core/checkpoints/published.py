"""The thirty checkpoints that the paper's authors published, as facts: where they are and what is said about them.

Figures, file names and terms are those of the paper's model zoo (single scale, without flips); names and sizes on
Hugging Face are those of the repositories of ``facebook`` there, which hold sixteen of the thirty. The paper prints
parameters for ADE20K (150 classes) and COCO panoptic; other numbers of classes change the class head only.
"""

from dataclasses import dataclass
from functools import cache
from itertools import starmap

from core.model import MaskFormerConfig

ZOO_PAGE = "https://github.com/facebookresearch/MaskFormer/blob/main/MODEL_ZOO.md"
ZOO_FILES = "https://dl.fbaipublicfiles.com/maskformer"
BY_HAND = "detectron2:"  # begins the names of those that Hugging Face does not have
LICENSE = "CC BY-NC 4.0"


@dataclass(frozen=True, slots=True)
class ZooRow:
    """One published checkpoint.

    Attributes:
        name: on Hugging Face, ``owner/name``; or ``detectron2:folder/run`` for what has to be downloaded by hand.
        backbone: row of :data:`core.model.BACKBONES`.
        parameters: in millions, to the digits that were published; None where no figure was.
        megabytes: of the download; for those by hand, whose size is not published, of the weights in fp32.
        metric, figure: on the validation split, in percent.
        source: the page where the figure is published.
        url: the original detectron2 file.
    """

    name: str
    title: str
    data: str
    task: str
    classes: int
    backbone: str
    encoder_layers: int
    formulation: str
    parameters: float | None
    megabytes: int
    license: str
    metric: str
    figure: float | None
    source: str
    url: str

    @property
    def by_hand(self) -> bool:
        """True where no hub holds it: a person downloads ``url`` and converts the file."""
        return self.name.startswith(BY_HAND)

    def config(self) -> MaskFormerConfig:
        """The network that the weights fit."""
        queries = self.classes if self.formulation == "per_pixel_plus" else 100
        return MaskFormerConfig(
            num_classes=self.classes,
            num_queries=queries,
            backbone=self.backbone,
            encoder_layers=self.encoder_layers,
            formulation=self.formulation,
        )


@dataclass(frozen=True, slots=True)
class DataSet:
    """What a group of the zoo was trained and measured on; ``folder`` holds its files."""

    title: str
    classes: int
    task: str
    metric: str
    folder: str


ADE20K = DataSet("ADE20K", 150, "semantic", "mIoU", "semantic-ade20k")
ADE20K_FULL = DataSet("ADE20K-Full", 847, "semantic", "mIoU", "semantic-ade20k-full")
ADE20K_PANOPTIC = DataSet("ADE20K panoptic", 150, "panoptic", "PQ", "panoptic-ade20k")
CITYSCAPES = DataSet("Cityscapes", 19, "semantic", "mIoU", "semantic-cityscapes")
COCO_PANOPTIC = DataSet("COCO panoptic", 133, "panoptic", "PQ", "panoptic-coco")
COCO_STUFF = DataSet("COCO-Stuff-10K", 171, "semantic", "mIoU", "semantic-coco-stuff-10k")
MAPILLARY = DataSet("Mapillary Vistas", 65, "semantic", "mIoU", "semantic-mapillary-vistas")

BACKBONE_TITLES = {
    "resnet50": "R50",
    "resnet101": "R101",
    "resnet101c": "R101c",
    "swin_tiny": "Swin-T",
    "swin_small": "Swin-S",
    "swin_base": "Swin-B",
    "swin_large": "Swin-L",
}
FORMULATION_TITLES = {
    "mask": "MaskFormer",
    "per_pixel": "PerPixelBaseline",
    "per_pixel_plus": "PerPixelBaseline+",
}

# (backbone, layers of the transformer encoder): millions
PARAMETERS = {
    ("resnet50", 0): 41.3,
    ("resnet101", 0): 60.3,
    ("resnet101c", 0): 60,
    ("swin_tiny", 0): 41.8,
    ("swin_small", 0): 63.1,
    ("swin_base", 0): 101.8,
    ("swin_large", 0): 211.6,
    ("resnet50", 6): 45,
    ("resnet101", 6): 64,
}

# fmt: off
# formulation, data, backbone, encoder layers, on Hugging Face as, MB, figure, file in the zoo
ROWS = (
    ("mask", COCO_PANOPTIC, "swin_tiny", 0, "maskformer-swin-tiny-coco", 167, 47.7, "model_final_539394.pkl"),
    ("mask", COCO_PANOPTIC, "swin_small", 0, "maskformer-swin-small-coco", 253, 49.7, "model_final_5bf6b1.pkl"),
    ("mask", COCO_PANOPTIC, "swin_base", 0, "maskformer-swin-base-coco", 411, 51.8, "model_final_4b7f49.pkl"),
    ("mask", COCO_PANOPTIC, "swin_large", 0, "maskformer-swin-large-coco", 850, 52.7, "model_final_7505c4.pkl"),
    ("mask", ADE20K, "resnet50", 0, "maskformer-resnet50-ade", 166, 44.5,
     "maskformer_R50_bs16_160k/model_final_d8dbeb.pkl"),
    ("mask", ADE20K, "resnet101", 0, "maskformer-resnet101-ade", 242, 45.5,
     "maskformer_R101_bs16_160k/model_final_1aeb94.pkl"),
    ("mask", ADE20K, "swin_tiny", 0, "maskformer-swin-tiny-ade", 167, 46.7,
     "maskformer_swin_tiny_bs16_160k/model_final_8657a5.pkl"),
    ("mask", ADE20K, "swin_small", 0, "maskformer-swin-small-ade", 253, 49.8,
     "maskformer_swin_small_bs16_160k/model_final_528157.pkl"),
    ("mask", ADE20K, "swin_base", 0, "maskformer-swin-base-ade", 412, 52.7,
     "maskformer_swin_base_IN21k_384_bs16_160k_res640/model_final_45388b.pkl"),
    ("mask", ADE20K, "swin_large", 0, "maskformer-swin-large-ade", 851, 54.1,
     "maskformer_swin_large_IN21k_384_bs16_160k_res640/model_final_aefa3b.pkl"),
    ("mask", COCO_STUFF, "resnet50", 0, "maskformer-resnet50-coco-stuff", 166, 37.1,
     "maskformer_R50_bs32_60k/model_final_cb03eb.pkl"),
    ("mask", COCO_STUFF, "resnet101", 0, "maskformer-resnet101-coco-stuff", 242, 38.1,
     "maskformer_R101_bs32_60k/model_final_eb19bb.pkl"),
    ("mask", ADE20K_FULL, "resnet50", 0, "maskformer-resnet50-ade20k-full", 166, 16.0,
     "maskformer_R50_bs16_200k/model_final_f4e3f6.pkl"),
    ("mask", ADE20K_FULL, "resnet101", 0, "maskformer-resnet101-ade20k-full", 243, 16.8,
     "maskformer_R101_bs16_200k/model_final_88df33.pkl"),
    ("mask", CITYSCAPES, "resnet101", 0, "maskformer-resnet101-cityscapes", 242, 78.5,
     "maskformer_R101_bs16_90k/model_final_38c00c.pkl"),
    ("mask", MAPILLARY, "resnet50", 0, "maskformer-resnet50-vistas", 166, 53.1,
     "maskformer_R50_bs16_300k/model_final_f3fc73.pkl"),
    ("mask", COCO_PANOPTIC, "resnet50", 6, "", 180, 46.5,
     "maskformer_panoptic_R50_bs64_554k/model_final_6f60dc.pkl"),
    ("mask", COCO_PANOPTIC, "resnet101", 6, "", 257, 47.6,
     "maskformer_panoptic_R101_bs64_554k/model_final_57b049.pkl"),
    ("mask", ADE20K_PANOPTIC, "resnet50", 6, "", 180, 34.7,
     "maskformer_panoptic_R50_bs16_720k/model_final_7aa977.pkl"),
    ("mask", ADE20K_PANOPTIC, "resnet101", 6, "", 257, 35.7,
     "maskformer_panoptic_R101_bs16_720k/model_final_0b3cc8.pkl"),
    ("mask", ADE20K, "resnet101c", 0, "", 242, 46.0, "maskformer_R101c_bs16_160k/model_final_b432ea.pkl"),
    ("mask", COCO_STUFF, "resnet101c", 0, "", 242, 38.0, "maskformer_R101c_bs32_60k/model_final_bffd25.pkl"),
    ("mask", ADE20K_FULL, "resnet101c", 0, "", 243, 17.4, "maskformer_R101c_bs16_200k/model_final_75d34e.pkl"),
    ("mask", CITYSCAPES, "resnet101c", 0, "", 242, 79.7, "maskformer_R101c_bs16_90k/model_final_4f8ff9.pkl"),
    ("per_pixel", ADE20K, "resnet50", 0, "", 125, 39.2, "per_pixel_baseline_R50_bs16_160k/model_final_1043f3.pkl"),
    ("per_pixel", COCO_STUFF, "resnet50", 0, "", 125, 32.4, "per_pixel_baseline_R50_bs32_60k/model_final_275ab0.pkl"),
    ("per_pixel", ADE20K_FULL, "resnet50", 0, "", 125, 12.4,
     "per_pixel_baseline_R50_bs16_200k/model_final_9f66a9.pkl"),
    ("per_pixel_plus", ADE20K, "resnet50", 0, "", 165, 41.9,
     "per_pixel_baseline_plus_R50_bs16_160k/model_final_833630.pkl"),
    ("per_pixel_plus", COCO_STUFF, "resnet50", 0, "", 165, 34.2,
     "per_pixel_baseline_plus_R50_bs32_60k/model_final_1fa920.pkl"),
    ("per_pixel_plus", ADE20K_FULL, "resnet50", 0, "", 166, 13.9,
     "per_pixel_baseline_plus_R50_bs16_200k/model_final_4d31f2.pkl"),
)
# fmt: on


@cache
def published() -> tuple[ZooRow, ...]:
    """Every published checkpoint; those that can be downloaded by name come first."""
    return tuple(starmap(_row, ROWS))


def _row(
    formulation: str, data: DataSet, backbone: str, encoder: int, hub: str, megabytes: int, figure: float, file: str
) -> ZooRow:
    encoded = f" + {encoder} Enc" if encoder else ""
    return ZooRow(
        name=f"facebook/{hub}" if hub else f"{BY_HAND}{data.folder}/{file.partition('/')[0]}",
        title=f"{FORMULATION_TITLES[formulation]} {BACKBONE_TITLES[backbone]}{encoded}",
        data=data.title,
        task=data.task,
        classes=data.classes,
        backbone=backbone,
        encoder_layers=encoder,
        formulation=formulation,
        parameters=PARAMETERS[backbone, encoder] if formulation == "mask" else None,
        megabytes=megabytes,
        license=LICENSE,
        metric=data.metric,
        figure=figure,
        source=ZOO_PAGE,
        url=f"{ZOO_FILES}/{data.folder}/{file}",
    )
