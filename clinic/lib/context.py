"""What the frame of every page needs from the request: the theme and the server's clock."""

from django.http import HttpRequest
from django.utils import timezone

THEMES = ("light", "dark")


def ui(request: HttpRequest) -> dict[str, object]:
    """Return the theme the reader chose ("" follows the device) and the instant in epoch ms.

    The clock lets the browser correct its own: a hold must not look ended on a phone that is wrong.
    """
    theme = request.COOKIES.get("theme", "")
    return {
        "theme": theme if theme in THEMES else "",
        "now_ms": int(timezone.now().timestamp() * 1000),
    }
