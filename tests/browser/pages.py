"""What every browser test needs of a page: opening it, watching it, and asking axe about it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.conftest import Person

AXE = Path(__file__).resolve().parents[1] / "vendor" / "axe-core-4.14.1.min.js"
HEIGHTS = {390: 844}
# A refusal is an answer: the browser reports the status of every 4xx as an error of its own.
REFUSED = re.compile(r"Failed to load resource: .* status of 4\d\d")
REPORT_BREACHES = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`content policy: ${event.violatedDirective} ${event.blockedURI}`));
"""


class OpenPage(Protocol):
    def __call__(
        self, *, width: int = 1280, scheme: str = "light", person: Person | None = None
    ) -> Page: ...


class Watch:
    """Collects script errors and breaches of the content policy of several pages."""

    def __init__(self) -> None:
        self._heard: list[str] = []
        self._expected: list[re.Pattern[str]] = [REFUSED]

    def expect(self, pattern: str) -> None:
        """Say that a message is part of the test."""
        self._expected.append(re.compile(pattern))

    def listen(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._heard.append(f"{page.url}: {error}"))

    def complaints(self) -> list[str]:
        return [
            heard
            for heard in self._heard
            if not any(pattern.search(heard) for pattern in self._expected)
        ]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._heard.append(f"{message.location.get('url', '')}: {message.text}")


def open_page(
    browser: Browser, *, site: str, width: int, scheme: str, session: str | None, watch: Watch
) -> Page:
    """Return a page of a new browser profile; `page.goto("/doctors/")` is relative to the site."""
    context = browser.new_context(
        base_url=site,
        viewport={"width": width, "height": HEIGHTS.get(width, 800)},
        color_scheme="dark" if scheme == "dark" else "light",
        has_touch=width < 600,
        locale="en-GB",
    )
    context.add_init_script(REPORT_BREACHES)
    if session is not None:
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site}])
    page = context.new_page()
    page.set_default_timeout(10_000)
    watch.listen(page)
    return page


# A color seen half way through a transition is nobody's; what turns for ever is not waited for.
SETTLED = """Promise.allSettled(document.getAnimations()
  .filter((animation) => animation.effect.getComputedTiming().iterations !== Infinity)
  .map((animation) => animation.finished))"""


def check_accessible(page: Page) -> None:
    """Fail for what axe finds serious or critical. Injected past the page's own content policy."""
    page.evaluate(f"async () => {{ await {SETTLED} }}")
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": AXE.read_text()})
    found: list[dict[str, Any]] = page.evaluate("async () => (await axe.run()).violations")
    grave = [
        f"{rule['id']}: {node['html'][:120]}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]
    assert grave == []


def check_fits(page: Page) -> None:
    """Fail when the page scrolls sideways."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
