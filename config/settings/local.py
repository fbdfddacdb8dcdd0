"""One machine, DEBUG on: what `./run.sh` starts. Never reachable from outside by default."""

from urllib.parse import urlsplit

from config.env import Misconfigured
from config.settings.base import *
from config.settings.demo import *

if not DEBUG:
    raise Misconfigured(
        "DEBUG is off: config.settings.local is for development, "
        "use DJANGO_SETTINGS_MODULE=config.settings.production."
    )

ALLOWED_HOSTS = [
    *env.allowed_hosts,
    "localhost",
    "127.0.0.1",
    "[::1]",
    urlsplit(SITE_URL).hostname or "localhost",
]

# Files are served from where they are edited; nothing has to be collected.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
