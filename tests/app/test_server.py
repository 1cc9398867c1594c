"""The launch is as closed as it says: Gradio knows every argument, and a port that is taken is one sentence."""

import inspect
import socket

import gradio as gr
import pytest

from app.server import launch, launch_arguments
from app.settings import Settings
from core.messages import StudioError


def test_every_argument_is_known_to_gradio() -> None:
    assert set(launch_arguments(Settings())) <= set(inspect.signature(gr.Blocks.launch).parameters)


def test_nothing_is_open_that_need_not_be() -> None:
    arguments = launch_arguments(Settings(host="127.0.0.1"))
    closed = ("share", "show_error", "ssr_mode", "run_history", "enable_monitoring", "mcp_server", "pwa")
    assert [arguments[name] for name in closed] == [False] * len(closed)
    assert arguments["strict_cors"] is True
    assert arguments["allowed_paths"] == []
    assert arguments["state_session_capacity"] == 200
    assert arguments["max_file_size"] == 64 * 1024 * 1024
    assert all(arguments["app_kwargs"][name] is None for name in ("docs_url", "redoc_url", "openapi_url"))


def test_fonts_come_from_the_computer() -> None:
    theme = launch_arguments(Settings())["theme"]
    assert theme._stylesheets == []
    assert "http" not in str(theme._font_css)


@pytest.mark.parametrize(("named", "expected"), [(None, 7860), ("7999", 7999)])
def test_the_platforms_port_wins_where_none_is_named(
    monkeypatch: pytest.MonkeyPatch, named: str | None, expected: int
) -> None:
    monkeypatch.delenv("GRADIO_SERVER_PORT", raising=False)
    if named:
        monkeypatch.setenv("GRADIO_SERVER_PORT", named)
    assert launch_arguments(Settings())["server_port"] == expected
    assert launch_arguments(Settings(port=8123))["server_port"] == 8123


def test_a_taken_port_is_one_sentence() -> None:
    with socket.socket() as taken, gr.Blocks(analytics_enabled=False) as demo:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StudioError, match=str(port)):
            launch(demo, Settings(port=port, open_browser=False), quiet=True, prevent_thread_lock=True)
