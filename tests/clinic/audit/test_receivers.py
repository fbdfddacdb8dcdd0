"""A sealed value that does not open leaves an event, though its transaction is rolled back."""

from __future__ import annotations

import datetime as dt
import io
import logging
import uuid

import pytest
from django.db import connection, transaction

from clinic.audit import receivers
from clinic.audit.context import request_id
from clinic.audit.models import AuditEvent
from clinic.crypto import datakeys
from clinic.crypto.envelope import Place, seal, unseal
from clinic.crypto.errors import OpenRefused
from clinic.crypto.files import FilePlace, seal_stream
from clinic.crypto.models import DataKey

PATIENT, OTHER, ROW = (uuid.UUID(int=n) for n in (7, 8, 1))
PLACE = Place(column="records_note.plan", row=ROW, scope="patient", owner=PATIENT)
# Bound before the test process keeps the notes in the test's transaction.
APART = receivers.apart


def damaged(place: Place = PLACE) -> bytes:
    blob = seal("HIV positive", place)
    return blob[:-1] + bytes([blob[-1] ^ 1])


def refusals() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action="crypto.open_refused"))


@pytest.mark.django_db
def test_refusal_names_the_place_and_nothing_of_the_content(now: dt.datetime) -> None:
    token = request_id.set("of this request")
    with pytest.raises(OpenRefused):
        unseal(damaged(), PLACE)
    request_id.reset(token)

    [event] = refusals()
    assert (event.object_type, event.object_id, event.patient) == ("records_note", ROW, PATIENT)
    assert event.detail == '{"column":"records_note.plan"}'
    assert event.actor is None
    assert event.request_id == "of this request"


@pytest.mark.django_db
def test_refusal_in_a_row_of_the_clinic_names_no_patient() -> None:
    place = Place(column="site.note", row=ROW, scope="clinic", owner=None)
    with pytest.raises(OpenRefused):
        unseal(damaged(place), place)

    assert [event.patient for event in refusals()] == [None]


@pytest.mark.django_db
def test_altered_key_is_noted_when_something_is_to_be_sealed_with_it() -> None:
    seal("flu", PLACE)
    DataKey.objects.filter(owner=PATIENT).update(wrapped=b"\x02" + bytes(64))
    datakeys.forget_all()
    content = io.BytesIO()
    document = FilePlace(table="records_document", row=ROW, scope="patient", owner=PATIENT)

    with pytest.raises(OpenRefused):
        seal("cold", PLACE)
    with pytest.raises(OpenRefused):
        seal_stream(source=[b"scan"], target=content, place=document)

    assert [event.object_type for event in refusals()] == ["records_note", "records_document"]
    assert content.getvalue() == b""


@pytest.mark.django_db(transaction=True)
def test_event_survives_the_rollback_around_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receivers, "apart", APART)
    datakeys.ensure(datakeys.AUDIT)
    blob = damaged()

    with pytest.raises(OpenRefused), transaction.atomic():
        unseal(blob, PLACE)

    assert [event.object_id for event in refusals()] == [ROW]
    assert not connection.in_atomic_block


@pytest.mark.django_db
def test_trail_that_cannot_be_written_hides_no_refusal(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(**_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(receivers, "apart", APART)
    monkeypatch.setattr(receivers, "record", full)
    blob = damaged()

    with caplog.at_level(logging.ERROR), pytest.raises(OpenRefused):
        unseal(blob, PLACE)

    assert "could not be noted" in caplog.text
