"""``launch.py`` without a command: the page, served."""

import argparse
import errno
import os
import socket
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from app.download_bar import bring
from app.settings import MEBIBYTE, Settings
from core.messages import StudioError, text

if TYPE_CHECKING:
    from gradio import Blocks

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 7860
OWN_HOSTS = ("127.0.0.1", "::1", "localhost")  # reached by nobody but the person at this computer
DEVICES = ("auto", "cpu", "cuda", "mps")
UNITS = {"": MEBIBYTE, "mb": MEBIBYTE, "gb": 1024 * MEBIBYTE}
PLATFORM_SIGNS = ("SPACE_ID", "GRADIO_SERVER_NAME")  # set by a Space or a container: its own address wins

_settings = Settings()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of a served page."""
    parser.add_argument("--host", metavar="ADDRESS", help=text("cli.help.host"))
    parser.add_argument("--port", type=_port, metavar="N", help=text("cli.help.port"))
    parser.add_argument("--share", action="store_true", help=text("cli.help.share"))
    parser.add_argument("--auth", type=_auth, metavar="USER:PASSWORD", help=text("cli.help.auth"))
    parser.add_argument("--model", metavar="NAME", help=text("cli.help.model"))
    parser.add_argument("--downloads", action=argparse.BooleanOptionalAction, help=text("cli.help.downloads"))
    parser.add_argument("--device", choices=DEVICES, default="auto", help=text("cli.help.device"))
    parser.add_argument(
        "--max-upload", type=_size, default=64 * MEBIBYTE, metavar="SIZE", help=text("cli.help.max_upload")
    )
    parser.add_argument("--data-folder", type=Path, metavar="DIR", help=text("cli.help.data_folder"))
    parser.add_argument("--no-browser", action="store_true", help=text("cli.help.no_browser"))


def run(arguments: argparse.Namespace) -> int:
    """Serves until Ctrl-C.

    Raises:
        StudioError: the address cannot be served on, or the model cannot be loaded.
    """
    global _settings
    _settings = settings_of(arguments)
    if not os.environ.get("GRADIO_WATCH_DIRS"):  # hot reload runs this again while the port is its own
        require_free_port(_settings)
    if _settings.model is not None:
        bring(_settings.model)
    from app.server import launch

    launch(demo(), _settings)
    return 0


def demo() -> "Blocks":
    """The page for the settings of this run, built once; for the default settings where nothing runs."""
    return _page(_settings)


@cache
def _page(settings: Settings) -> "Blocks":
    from app.page import build_demo

    return build_demo(settings)


def settings_of(arguments: argparse.Namespace) -> Settings:
    """What the options and the surroundings say: on a Space or in a container the platform's address wins."""
    platform = any(map(os.environ.get, PLATFORM_SIGNS))
    host = None if platform else arguments.host or DEFAULT_HOST
    alone = host in OWN_HOSTS and not arguments.share
    return Settings(
        model=arguments.model,
        device=arguments.device,
        host=host,
        port=arguments.port,
        share=arguments.share,
        auth=arguments.auth,
        downloads=alone if arguments.downloads is None else arguments.downloads,
        data_folder=arguments.data_folder,
        max_upload=arguments.max_upload,
        open_browser=not platform and not arguments.no_browser,
    )


def require_free_port(settings: Settings) -> None:
    """Raises StudioError where the address is taken or is none of this machine's, before anything heavy is loaded."""
    host = settings.host or os.environ.get("GRADIO_SERVER_NAME") or DEFAULT_HOST
    port = settings.port or int(os.environ.get("GRADIO_SERVER_PORT") or DEFAULT_PORT)
    problem = bind_problem(host, port)
    if problem == errno.EADDRINUSE:
        free = next((other for other in range(port + 1, port + 100) if not bind_problem(host, other)), port + 1)
        raise StudioError("cli.port_in_use", host=host, port=port, free=free)
    if problem:
        raise StudioError("cli.cannot_serve", host=host, port=port, reason=os.strerror(problem))


def bind_problem(host: str, port: int) -> int:
    """The errno with which the system refuses ``host:port``, or 0."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            if os.name == "posix":  # a port that only waits out its last connections is free
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (socket.gaierror, OverflowError):
        return errno.EADDRNOTAVAIL
    except OSError as error:
        return error.errno or errno.EIO
    return 0


def _port(written: str) -> int:
    if not written.isdecimal() or not 1 <= int(written) <= 65535:
        raise argparse.ArgumentTypeError(text("cli.bad_port", written=written))
    return int(written)


def _auth(written: str) -> tuple[str, str]:
    user, _, password = written.partition(":")
    if not user or not password:
        raise argparse.ArgumentTypeError(text("cli.bad_auth"))
    return user, password


def _size(written: str) -> int:
    """Bytes of ``64``, ``64mb`` or ``1gb``; a bare number is megabytes."""
    number = written.lower().rstrip("gmb")
    unit = written.lower()[len(number) :]
    if not number.isdecimal() or unit not in UNITS or int(number) == 0:
        raise argparse.ArgumentTypeError(text("cli.bad_size", written=written))
    return int(number) * UNITS[unit]
