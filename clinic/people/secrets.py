"""Secrets that travel by mail: 256 random bits, of which only the hash is stored."""

from __future__ import annotations

import hashlib
import secrets


def new_secret() -> str:
    """Return a secret that fits into an address."""
    return secrets.token_urlsafe(32)


def hashed(*, secret: str) -> str:
    """Return what is stored of a secret. Random bits need no slow hash, unlike a password."""
    return hashlib.sha256(secret.encode()).hexdigest()
