"""The names under which pages watch the fragments, as the package's docstring lists them."""

from __future__ import annotations

import datetime as dt
import uuid

from clinic.scheduling.presenters.slots import LETTERS


def slots_topic(
    *, practitioner_id: uuid.UUID, date: dt.date, visit_type_id: uuid.UUID, modality: str
) -> str:
    return f"slots.{practitioner_id.hex}.{date}.{visit_type_id.hex}.{LETTERS[modality]}"


def strip_topic(
    *, practitioner_id: uuid.UUID, visit_type_id: uuid.UUID, modality: str, first: dt.date
) -> str:
    return f"strip.{practitioner_id.hex}.{visit_type_id.hex}.{LETTERS[modality]}.{first}"


def next_topic(
    *, practitioner_id: uuid.UUID, visit_type_id: uuid.UUID | None, modality: str | None
) -> str:
    kind = visit_type_id.hex if visit_type_id else "any"
    how = f".{LETTERS[modality]}" if modality else ""
    return f"next.{practitioner_id.hex}.{kind}{how}"


def user_topic(user_id: uuid.UUID) -> str:
    return f"user.{user_id.hex}"


def hold_topic(hold_token: uuid.UUID) -> str:
    return f"hold.{hold_token.hex}"
