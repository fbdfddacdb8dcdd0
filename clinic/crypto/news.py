"""Tell every process that keys it has unwrapped are no longer to be used.

One token lies in the shared cache. A process that finds another token there than before drops what
it has unwrapped; it looks at most once a second, and only when it needs a key. When the cache is
away the keys stay until their time is over, as they would have without any news.
"""

from __future__ import annotations

import logging
import secrets
from typing import Final

from django.core.cache import cache
from redis import RedisError

NAME: Final = "crypto:keys-changed"
# Longer than any process keeps a key. A token that has expired looks like news, which does no harm.
KEPT_SECONDS: Final = 3_600
logger = logging.getLogger(__name__)


def tell() -> None:
    """Make every process read its keys anew."""
    try:
        cache.set(NAME, secrets.token_hex(8), timeout=KEPT_SECONDS)
    except (RedisError, OSError):
        logger.exception("Other processes were not told that a key changed; they keep it a while.")


def latest(known: str | None) -> str | None:
    """Return the present token, or `known` when the cache does not answer."""
    try:
        token: str | None = cache.get(NAME)
    except (RedisError, OSError):
        return known
    return token
