"""The environment's keys: FIELD_ENCRYPTION_KEY, which wraps data keys and seals nothing else.

The variable holds one or more keys, separated by commas, each the base64 (url-safe or standard) of
32 random bytes. The first wraps; all of them unwrap, so a new key is put in front, the data keys
are rewrapped, and the old key is then dropped. A wrapped blob names its key by the key's own
fingerprint: there are no version numbers to keep by hand.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from functools import lru_cache
from itertools import pairwise

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from clinic.crypto.errors import KeyringInvalid, OpenRefused, WrongKey

KEY_BYTES = 32
ID_BYTES = 4
NONCE_BYTES = 12
WRAPPED_VERSION = 1
# 32 random bytes hold about 30 different values and 30 different steps; fewer than 16 is no
# accident.
FEWEST_DIFFERENT = 16
HOW_TO_MAKE_ONE = "python -c 'import secrets; print(secrets.token_urlsafe(32))'"


def key_id(key: bytes) -> bytes:
    """Return the fingerprint that names `key` inside what it wrapped."""
    return hashlib.sha256(b"betony kid v1" + key).digest()[:ID_BYTES]


class Keyring:
    """The keys of one FIELD_ENCRYPTION_KEY, first one first. Shows fingerprints, never keys."""

    def __init__(self, keys: tuple[bytes, ...]) -> None:
        self._keys = keys
        self._wrappers = {key_id(key): AESGCM(_derived(key, "wrap", KEY_BYTES)) for key in keys}

    def __repr__(self) -> str:
        return f"<Keyring {' '.join(self.key_ids)}>"

    @property
    def key_ids(self) -> tuple[str, ...]:
        return tuple(identifier.hex() for identifier in self._wrappers)

    def derive(self, use: str, *, length: int = KEY_BYTES) -> bytes:
        """Return the secret for one use ("wrap", "session" ...), from the first key."""
        return _derived(self._keys[0], use, length)

    def derive_all(self, use: str, *, length: int = KEY_BYTES) -> tuple[bytes, ...]:
        """Return the secret for one use from every key, the first one first."""
        return tuple(_derived(key, use, length) for key in self._keys)

    def wrap(self, data_key: bytes, *, label: bytes) -> bytes:
        """Return `data_key` sealed by the first key and bound to `label`."""
        identifier, wrapper = next(iter(self._wrappers.items()))
        head = bytes([WRAPPED_VERSION]) + identifier
        nonce = os.urandom(NONCE_BYTES)
        return head + nonce + wrapper.encrypt(nonce, data_key, head + label)

    def unwrap(self, wrapped: bytes, *, label: bytes) -> bytes:
        """Return the data key. Raises WrongKey without its key, OpenRefused when altered."""
        head, rest = wrapped[: 1 + ID_BYTES], wrapped[1 + ID_BYTES :]
        if head[:1] != bytes([WRAPPED_VERSION]) or len(rest) <= NONCE_BYTES:
            raise OpenRefused("A stored data key is not in a known format.")
        wrapper = self._wrappers.get(head[1:])
        if wrapper is None:
            raise WrongKey(
                f"No key of FIELD_ENCRYPTION_KEY opens a data key wrapped by {head[1:].hex()} "
                f"(the present keys are {', '.join(self.key_ids)}). Was the variable changed?"
            )
        try:
            return wrapper.decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], head + label)
        except InvalidTag:
            raise OpenRefused("A stored data key was altered or moved.") from None


@lru_cache(maxsize=8)
def parse(text: str) -> Keyring:
    """Return the keyring written in `text`; raises KeyringInvalid naming the entry at fault."""
    if not text.strip():
        raise KeyringInvalid(f"FIELD_ENCRYPTION_KEY is empty. Make a key with: {HOW_TO_MAKE_ONE}")
    entries = [entry.strip() for entry in text.split(",")]
    keys: dict[bytes, bytes] = {}
    for place, entry in enumerate(entries, start=1):
        key = _decoded(entry, f"Entry {place} of {len(entries)} in FIELD_ENCRYPTION_KEY")
        if key_id(key) in keys:
            raise KeyringInvalid(f"Entry {place} of FIELD_ENCRYPTION_KEY repeats an earlier one.")
        keys[key_id(key)] = key
    return Keyring(tuple(keys.values()))


def keyring() -> Keyring:
    """Return the keyring of this process's settings."""
    return parse(settings.FIELD_ENCRYPTION_KEY)


def _decoded(entry: str, what: str) -> bytes:
    if not entry:
        raise KeyringInvalid(f"{what} is empty: look for a comma too many.")
    standard = entry.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        key = base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise KeyringInvalid(f"{what} is not base64.") from None
    if len(key) != KEY_BYTES:
        raise KeyringInvalid(f"{what} holds {len(key)} bytes; a key is {KEY_BYTES} random bytes.")
    if _looks_made_up(key):
        raise KeyringInvalid(f"{what} is not random. Make a key with: {HOW_TO_MAKE_ONE}")
    return key


def _looks_made_up(key: bytes) -> bool:
    """Say whether these bytes repeat, count upwards, or spell a phrase."""
    steps = {(after - before) % 256 for before, after in pairwise(key)}
    return min(len(set(key)), len(steps)) < FEWEST_DIFFERENT or all(
        32 <= byte < 127 for byte in key
    )


def _derived(key: bytes, use: str, length: int) -> bytes:
    info = b"betony v1 " + use.encode()
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=None, info=info).derive(key)
