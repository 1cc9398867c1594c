"""The one download: COCO instances and COCO panoptic, read back before they are offered."""

from app.answers.fields import Fields
from app.answers.reply import Reply
from app.encoding import base64_text
from app.open_picture import OpenPicture
from core.files import portable_stem
from core.formats.coco import AnnotatedPicture
from core.formats.coco_files import zip_coco
from core.messages import text


def export(picture: OpenPicture, fields: Fields) -> Reply:
    """The archive's bytes as base64: the browser saves them, nothing lands in a folder of the server."""
    document = picture.document
    annotated = AnnotatedPicture(picture.name, document.label_map, tuple(document.segments.values()))
    archive = zip_coco([annotated], document.taxonomy)
    return {
        "file_name": f"{portable_stem(picture.name)}_coco.zip",
        "zip": base64_text(archive),
        "message": text("app.export.verified", fields.language, count=len(document.segments)),
    }
