"""Putting the page on a port, with everything switched off that a stranger could misuse."""

import atexit
import os
import shutil
import sys
import tempfile
from typing import Any

import gradio as gr
from starlette.middleware import Middleware

from app.guard import FORM_OVERHEAD, Guard
from app.owner_cookie import OwnerCookie
from app.owners import Owners
from app.page import ICON, PAGE_STYLE
from app.services import data_folder
from app.settings import Settings
from app.theme import studio_theme
from core.messages import StudioError

DEFAULT_PORT = 7860
STATISTICS = "GRADIO_ANALYTICS_CACHE_FREQUENCY"  # events between two summaries, made in pandas while the next one waits


def launch(demo: gr.Blocks, settings: Settings, **overrides: Any) -> None:
    """Serves ``demo`` until it is stopped; ``overrides`` go to :meth:`gradio.Blocks.launch` last.

    Raises:
        StudioError: the port cannot be opened.
    """
    use_private_folder()
    os.environ.setdefault(STATISTICS, "1000")
    demo.queue(max_size=20, default_concurrency_limit=2, api_open=False)
    arguments = launch_arguments(settings) | overrides
    try:
        demo.launch(**arguments)
    except OSError as error:  # Gradio says so of a port that is taken and of an address it cannot bind
        host = arguments["server_name"] or "127.0.0.1"
        raise StudioError("error.port", port=arguments["server_port"], host=host) from error


def launch_arguments(settings: Settings) -> dict[str, Any]:
    """Everything for :meth:`gradio.Blocks.launch`; without a host the platform's own server name wins."""
    return {
        "server_name": settings.host,
        "server_port": settings.port or int(os.environ.get("GRADIO_SERVER_PORT", DEFAULT_PORT)),
        "inbrowser": settings.open_browser and has_display(),
        "share": settings.share,
        "auth": settings.auth,
        "max_file_size": settings.max_upload,
        "theme": studio_theme(),
        "css_paths": [PAGE_STYLE],
        "favicon_path": ICON,
        "show_error": False,
        "ssr_mode": False,
        "run_history": False,
        "enable_monitoring": False,
        "mcp_server": False,
        "pwa": False,
        "allowed_paths": [],
        "state_session_capacity": 200,
        "strict_cors": True,
        "footer_links": [],
        "app_kwargs": {
            "docs_url": None,
            "redoc_url": None,
            "openapi_url": None,
            "middleware": [
                Middleware(Guard, most_bytes=settings.max_upload + FORM_OVERHEAD),
                Middleware(OwnerCookie, owners=Owners(data_folder(settings))),
            ],
        },
    }


def has_display() -> bool:
    """True where opening a browser can show something."""
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def use_private_folder() -> None:
    """Gives Gradio a temporary folder that only this user reads and that goes when the program ends."""
    if "GRADIO_TEMP_DIR" in os.environ:
        return
    folder = tempfile.mkdtemp(prefix="maskformer-studio-")
    os.environ["GRADIO_TEMP_DIR"] = folder
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
