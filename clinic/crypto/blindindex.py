"""Find a sealed value by equality: a keyed hash of it, stored beside it.

Only for values that are nearly unique by themselves (telephone, e-mail, record and insurance
numbers): equal values have equal tokens, so a thief of the database can count how often each
occurs.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata

from clinic.crypto import datakeys

TOKEN_BYTES = 16


def token(*, column: str, value: str) -> bytes:
    """Return the token of a normalized value. `column` ("patient.phone") keeps columns apart."""
    message = column.encode() + b"\x00" + value.encode()
    secret = datakeys.for_sealing(datakeys.INDEX).usable()
    return hmac.new(secret, message, hashlib.sha256).digest()[:TOKEN_BYTES]


def folded(text: str) -> str:
    """Return `text` as search compares it: no case, no accents, single spaces."""
    if text.isascii():  # most of it, and ten times as fast
        return " ".join(text.lower().split())
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(unicodedata.normalize("NFKC", plain).split())


def digits(text: str) -> str:
    """Return the digits of a telephone or record number, in ASCII."""
    return "".join(
        str(unicodedata.digit(c)) for c in text if unicodedata.digit(c, None) is not None
    )
