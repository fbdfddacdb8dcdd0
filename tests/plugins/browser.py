"""Finds a Chromium for the tests marked `browser`; without one they are skipped loudly.

REQUIRE_BROWSER=1 turns the skip into a failure, so that the build cannot lose them silently.
"""

import os
import shutil
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def find_chromium() -> str | None:
    """Return the browser's program: CHROMIUM, one on the path, or one that playwright installed."""
    if given := os.environ.get("CHROMIUM"):
        return given
    for name in NAMES:
        if path := shutil.which(name):
            return path
    store = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", Path.home() / ".cache/ms-playwright"))
    found = sorted(store.glob("chromium-*/chrome-linux*/chrome"))
    return str(found[-1]) if found else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if find_chromium() or _required():
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason="no Chromium on this machine"))


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("browser") and not find_chromium() and _required():
        pytest.fail("REQUIRE_BROWSER=1 and there is no Chromium", pytrace=False)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [
        report for report in terminalreporter.stats.get("skipped", []) if _is_browser(report)
    ]
    if skipped:
        terminalreporter.write_sep("!", "BROWSER TESTS DID NOT RUN: no Chromium found", red=True)
        terminalreporter.write_line(
            f"{len(skipped)} tests were skipped. Install Chromium or name it in CHROMIUM."
        )


def _is_browser(report: object) -> bool:
    return "no Chromium on this machine" in str(getattr(report, "longrepr", ""))


def _required() -> bool:
    return os.environ.get("REQUIRE_BROWSER") == "1"


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the browser's program, for playwright's `executable_path`."""
    path = find_chromium()
    if path is None:
        pytest.skip("no Chromium on this machine")
    return path
