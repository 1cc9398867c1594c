"""What an answer is: a function of an open picture and the message's fields to a JSON-ready object."""

from collections.abc import Callable
from typing import Any, TypeAlias

from app.answers.fields import Fields
from app.open_picture import OpenPicture

Reply: TypeAlias = dict[str, Any]
Answer: TypeAlias = Callable[[OpenPicture, Fields], Reply]
