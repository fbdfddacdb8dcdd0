"""How often something may be done from one place. Counts live in the cache and may be lost.

A cache that does not answer lets everybody pass: a limit protects comfort here, never a secret.
"""

from __future__ import annotations

import hashlib
import ipaddress
import logging
from dataclasses import dataclass

from django.core.cache import cache

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` times within `seconds` for each key."""

    scope: str
    most: int
    seconds: int


def network_of(address: str) -> str:
    """Return what counts as one place: an IPv4 address, or the /64 that one IPv6 customer has."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((found, 64), strict=False))


def retry_after(limit: Limit, *, key: str, now_seconds: int) -> int:
    """Count one more and return after how many seconds to come back, 0 while it is allowed."""
    window, passed = divmod(now_seconds, limit.seconds)
    # The key may be an address, which is personal: only a hash of it is kept.
    mark = hashlib.sha256(f"{limit.scope}:{key}".encode()).hexdigest()[:32]
    name = f"ratelimit:{mark}:{window}"
    try:
        cache.add(name, 0, timeout=2 * limit.seconds)
        count = cache.incr(name)
    except Exception:
        # Whatever the cache's client raises: a booking does not depend on the cache.
        logger.warning("rate limit not counted", extra={"scope": limit.scope}, exc_info=True)
        return 0
    return limit.seconds - passed if count > limit.most else 0
