"""What the clinic announces, and what this package tells every process about it."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.contrib.auth.signals import user_logged_out
from django.test import Client

from clinic.people.models import Patient, Practitioner
from clinic.people.signals import access_changed
from clinic.records.models import PatientRecord
from clinic.records.signals import record_changed
from clinic.scheduling import signals
from clinic.scheduling.models import Appointment
from realtime import bus, tasks
from realtime.tokens import session_mark


@pytest.fixture
def announced(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = []
    monkeypatch.setattr(bus, "_publish", messages.extend)
    return messages


def topics_of(message: dict[str, Any]) -> dict[str, int | None]:
    return dict(message["topics"])


def test_changed_day_makes_its_topics_dirty(announced: list[dict[str, Any]]) -> None:
    doctor = uuid.uuid4()

    signals.schedule_day_changed.send(
        sender=Appointment, practitioner_id=doctor, date=dt.date(2026, 3, 3), version=9
    )

    assert topics_of(announced[0])[f"board.{doctor.hex}.2026-03-03"] == 9


def test_changed_rules_make_every_day_dirty(announced: list[dict[str, Any]]) -> None:
    doctor = uuid.uuid4()

    signals.schedule_rules_changed.send(sender=Appointment, practitioner_id=doctor)

    assert f"slots.{doctor.hex}.*" in topics_of(announced[0])


def test_changed_record_makes_its_topic_dirty(announced: list[dict[str, Any]]) -> None:
    patient = uuid.uuid4()

    record_changed.send(
        sender=PatientRecord, patient_id=patient, version=7, what="condition.added", at=None
    )

    assert topics_of(announced[0]) == {f"record.{patient.hex}": 7}


def test_changed_visit_makes_its_panel_dirty(announced: list[dict[str, Any]], db: None) -> None:
    visit = uuid.uuid4()

    signals.appointment_changed.send(
        sender=Appointment,
        appointment_id=visit,
        practitioner_id=uuid.uuid4(),
        patient_id=uuid.uuid4(),
        change="booked",
        version=2,
    )

    assert topics_of(announced[0]) == {f"visit.{visit.hex}": None, f"deskvisit.{visit.hex}": None}


def test_changed_holder_is_told_on_the_own_topics(
    announced: list[dict[str, Any]], patient: Patient
) -> None:
    token = uuid.uuid4()

    signals.holder_changed.send(sender=Appointment, patient_id=patient.pk, hold_token=token)

    assert patient.user is not None
    assert set(topics_of(announced[0])) == {f"user.{patient.user.pk.hex}", f"hold.{token.hex}"}


def test_patient_without_an_account_is_told_nothing(
    announced: list[dict[str, Any]], patient: Patient
) -> None:
    patient.user = None
    patient.save(update_fields=["user"])

    signals.holder_changed.send(sender=Appointment, patient_id=patient.pk, hold_token=None)

    assert announced == []


def test_announcements_carry_no_personal_data(
    announced: list[dict[str, Any]], patient: Patient
) -> None:
    signals.holder_changed.send(sender=Appointment, patient_id=patient.pk, hold_token=None)

    assert patient.family_name not in str(announced)
    assert "@" not in str(announced)


def test_signing_out_ends_the_sockets_of_that_session(
    announced: list[dict[str, Any]], patient: Patient, patient_client: Client
) -> None:
    session_key = patient_client.session.session_key
    patient_client.post("/accounts/logout/")

    assert patient.user is not None
    assert announced == [
        {
            "type": "live.ended",
            "user": str(patient.user.pk),
            "session": session_mark(session_key),
        }
    ]


def test_signing_out_without_a_user_ends_nothing(
    announced: list[dict[str, Any]], client: Client, rf: Any, db: None
) -> None:
    request = rf.get("/")
    request.session = client.session

    user_logged_out.send(sender=Patient, request=request, user=None)

    assert announced == []


def test_changed_access_ends_every_socket_of_the_person(
    announced: list[dict[str, Any]], practitioner: Practitioner
) -> None:
    assert practitioner.user is not None

    access_changed.send(sender=Practitioner, user_id=practitioner.user.pk)

    assert announced == [{"type": "live.ended", "user": str(practitioner.user.pk), "session": None}]


def test_task_announces_ended_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dt.datetime] = []
    monkeypatch.setattr(
        "clinic.scheduling.services.holds.announce_expired_holds",
        lambda *, now: asked.append(now),
    )

    tasks.announce_expired_holds(unknown="is passed over")

    assert asked[0].tzinfo is not None
