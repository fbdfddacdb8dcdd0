"""Keyed hashes by which rows of one patient are found although what they say is sealed."""

from __future__ import annotations

import uuid

from clinic.crypto import blindindex


def observation_token(*, patient_id: uuid.UUID, code: str) -> bytes:
    """Return what finds one patient's observations of one code.

    The patient is part of it: equal codes of two patients have nothing in common.
    """
    return blindindex.token(column="observation.code", value=f"{patient_id}|{code}")
