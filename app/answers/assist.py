"""What the assistant would take over from a person's corrections; the page shows it, and sends it back as an edit."""

from app.answers.fields import Fields
from app.answers.reply import Reply
from app.encoding import base64_text
from app.open_picture import OpenPicture
from core.document import pack_labels
from core.document.assistant import assist as proposal_of


def assist(picture: OpenPicture, fields: Fields) -> Reply:
    """The labels of a box as they would be; nothing where the corrections say nothing about the rest."""
    proposal = proposal_of(picture.document, picture.prediction)
    if proposal is None:
        return {}
    return {"box_xyxy": list(proposal.box), "labels": base64_text(pack_labels(proposal.labels))}
