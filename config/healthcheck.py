"""`python -m config.healthcheck URL` ends with 0 when URL answers 200 (no curl in the image)."""

import sys
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from config.env import load


def answers(url: str, *, site_url: str) -> bool:
    """Return whether `url` answers 200 when asked under the name of `site_url`.

    Production answers to its own host name only, not to the container's or the loopback address.
    """
    request = urllib.request.Request(url, headers={"Host": urlsplit(site_url).netloc})
    try:
        with urllib.request.urlopen(request, timeout=8) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


if __name__ == "__main__":
    sys.exit(0 if answers(sys.argv[1], site_url=load().site_url) else 1)
