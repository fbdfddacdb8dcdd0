"""Public identifiers. UUIDv7 (RFC 9562) is made here, before INSERT, because sealed fields
bind to it.
"""

import uuid

from uuid_utils.compat import uuid7 as _uuid7


def uuid7() -> uuid.UUID:
    """Return a new time-ordered identifier. It names a thing; it is never a secret."""
    return uuid.UUID(int=_uuid7().int)
