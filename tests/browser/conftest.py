"""A real Chromium against the real server: daphne in a process of its own, on the test database.

Rows made in a browser test are committed (`transactional_db`), because the server reads them.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.pages import OpenPage, Watch, open_page
from tests.conftest import Person

# Playwright's own loop runs in this thread, which Django takes for an asynchronous caller.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 30
REST_SECONDS = 5
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with {server.returncode}")
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=1):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    raise RuntimeError("the server did not answer /healthz")


@pytest.fixture(scope="session")
def site(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the product, served from this run's database and Valkey."""
    url = f"http://localhost:{_free_port()}"
    log = tmp_path_factory.mktemp("site") / "server.log"
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.browser.settings",
        "BROWSER_SITE_URL": url,
        "DB_NAME": str(connection.settings_dict["NAME"]),
        "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, "-m", "realtime.server", "--host", "127.0.0.1"]
    command += ["--port", url.rsplit(":", 1)[1]]
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            _wait_for(url, server)
            yield url
        finally:
            server.terminate()
            try:
                server.wait(timeout=10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
            sys.stderr.write(log.read_text(errors="replace"))


# For the package, not the session: its loop in this thread would stop the asynchronous tests.
@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield launched
        launched.close()


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Fails the test at its end for every script error and every breach of the content policy."""
    watching = Watch()
    yield watching
    assert watching.complaints() == []


def _wait_until_the_server_rests() -> None:
    """Wait for what the closed pages had asked for: emptying the tables would deadlock with it."""
    deadline = time.monotonic() + REST_SECONDS
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(
                "select count(*) from pg_stat_activity where datname = current_database()"
                " and pid <> pg_backend_pid() and state <> 'idle'"
            )
            if cursor.fetchone() == (0,):
                return
            time.sleep(0.05)


@pytest.fixture
def new_page(
    browser: Browser,
    site: str,
    watch: Watch,
    transactional_db: None,
    sign_in: Callable[[Person], object],
) -> Iterator[OpenPage]:
    """Open a page in a browser of its own: `new_page(width=390, scheme="dark", person=patient)`."""
    contexts = []

    def opened(*, width: int = 1280, scheme: str = "light", person: Person | None = None) -> Page:
        cookie = None
        if person is not None:
            client = sign_in(person)
            cookie = client.cookies[settings.SESSION_COOKIE_NAME].value  # type: ignore[attr-defined]
        page = open_page(
            browser, site=site, width=width, scheme=scheme, session=cookie, watch=watch
        )
        contexts.append(page.context)
        return page

    yield opened
    for context in contexts:
        context.close()
    _wait_until_the_server_rests()
