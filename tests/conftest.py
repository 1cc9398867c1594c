"""Fixtures that every test may ask for: the data sets and a real browser."""

import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

BROWSER_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
BROWSER_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def data_root() -> Path:
    """The folder that ``STUDIO_DATA`` names; without one the test is skipped."""
    named = os.environ.get("STUDIO_DATA", "")
    if not named or not Path(named).is_dir():
        pytest.skip("STUDIO_DATA names no folder with data sets")
    return Path(named).resolve()


@pytest.fixture(scope="session")
def chromium() -> "Iterator[Browser]":
    """A headless Chromium; a test without one is skipped, or fails where STUDIO_REQUIRE_BROWSER is set."""
    playwright = pytest.importorskip("playwright.sync_api")
    program = next(filter(None, map(shutil.which, BROWSER_PROGRAMS)), None)
    if program is None:
        pytest.skip(f"none of {', '.join(BROWSER_PROGRAMS)} is installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=list(BROWSER_FLAGS))
        yield browser
        browser.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where ``STUDIO_REQUIRE_BROWSER`` is set, a browser test that skips has failed."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and _needs_browser(item):
        report.outcome = "failed"
        report.longrepr = f"STUDIO_REQUIRE_BROWSER is set, and this browser test was skipped: {call.excinfo}"
    return report


def _needs_browser(item: pytest.Item) -> bool:
    marked = item.get_closest_marker("browser") is not None
    asks = "chromium" in getattr(item, "fixturenames", ())
    return bool(os.environ.get("STUDIO_REQUIRE_BROWSER")) and (marked or asks)
