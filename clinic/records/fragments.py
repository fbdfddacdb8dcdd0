"""The live part of every page of a record: its version, and nothing of what it holds.

A push tells an open page that the record changed; the page then reads itself again over HTTP, where
permission is asked and the look is written down. So no byte of a record ever travels over a socket.

| topic | fragment | audience |
|---|---|---|
| `record.<patient>` | `record_state` | whoever may open the record |
"""

from __future__ import annotations

import uuid

from django.template.loader import render_to_string

from clinic.lib.fragments import Fragment
from clinic.records.selectors.versions import record_versions

STATE_ID = "record-state"


def record_topic(patient_id: uuid.UUID) -> str:
    """Return the name of the topic that tells of changes of one record."""
    return f"record.{patient_id.hex}"


def record_state(patient_id: uuid.UUID) -> Fragment:
    """Return the element that carries the version of one record."""
    return state_at(record_versions([patient_id])[patient_id])


def state_at(version: int) -> Fragment:
    """Return that element for a page whose rows were read at this version or later."""
    html = render_to_string("records/_state.html", {"version": version})
    return Fragment(version=version, pieces={STATE_ID: html})
