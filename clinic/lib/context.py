"""What the frame of every page needs from the request: its looks and the server's clock."""

from django.http import HttpRequest
from django.utils import timezone

THEMES = ("light", "dark")


def ui(request: HttpRequest) -> dict[str, object]:
    """Return the theme ("" follows the device), whether single keys work, and the epoch in ms.

    The clock lets the browser correct its own: a hold must not look ended on a phone that is wrong.
    """
    theme = request.COOKIES.get("theme", "")
    return {
        "theme": theme if theme in THEMES else "",
        "keys": "off" if request.COOKIES.get("keys") == "off" else "on",
        "now_ms": int(timezone.now().timestamp() * 1000),
    }
