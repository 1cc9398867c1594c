"""What one run of the studio is told at start: the model, the device, the address and the limits."""

from dataclasses import dataclass
from pathlib import Path

from core.messages import FIRST_LANGUAGE

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Settings:
    """Every choice of the command line that the page or the server needs.

    Attributes:
        model: a checkpoint's name or a folder; None takes the first bundled one.
        device: auto, cpu, cuda or mps.
        host: address to bind, None leaves it to the platform (a Space, Docker) or to 127.0.0.1.
        port: port to bind, None takes the platform's or 7860.
        auth: (user, password), asked of every visitor.
        downloads: whether visitors may download published models to this computer.
        data_folder: where pictures and edits are kept; None takes the platform's folder for user data.
        max_upload: largest picture file, bytes.
        language: of a page whose visitor chose none, and prefers none that there are sentences in: the name of a file
            in ``assets/messages``.
    """

    model: str | None = None
    device: str = "auto"
    host: str | None = None
    port: int | None = None
    share: bool = False
    auth: tuple[str, str] | None = None
    downloads: bool = False
    data_folder: Path | None = None
    max_upload: int = 64 * MEBIBYTE
    open_browser: bool = True
    language: str = FIRST_LANGUAGE
