"""Break the glass, give it back, review it: each step on the trail, nothing lost."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.core import mail
from django.db import connection

from clinic.audit.models import AuditEvent
from clinic.crypto import datakeys
from clinic.people.permissions import NotAllowed
from clinic.people.signals import access_changed
from clinic.people.viewer import VISITOR
from clinic.records import mails, tasks
from clinic.records.choices import EmergencyReason, ReviewOutcome
from clinic.records.models import EmergencyAccess
from clinic.records.rules.emergency import ReasonTooShort, ReviewedAlready
from clinic.records.selectors import emergency as reads
from clinic.records.services import emergency
from tests.factories.people import PatientFactory, viewer
from tests.factories.records import EmergencyAccessFactory
from tests.factories.scheduling import AppointmentFactory

pytestmark = pytest.mark.django_db

REASON = "Collapsed in the waiting room"


@pytest.fixture
def smash(patient, practitioner, now):
    """Open Amara's record to Ines."""

    def call(**changes) -> EmergencyAccess:
        given = {
            "patient_id": patient.pk,
            "category": EmergencyReason.TREATMENT,
            "reason": REASON,
            "by": viewer(practitioner),
            "now": now,
        }
        return emergency.break_glass(**(given | changes))

    return call


def test_record_is_open_for_four_hours_and_the_trail_knows(
    smash, patient, practitioner, now
) -> None:
    glass = smash()

    assert glass.ends_at - glass.starts_at == dt.timedelta(hours=4)
    event = AuditEvent.objects.get(action="emergency.opened")
    assert (event.actor, event.patient) == (practitioner.user_id, patient.pk)
    assert event.detail == '{"category":"treatment","ground":"emergency"}'
    assert REASON not in event.detail


def test_reason_is_sealed(smash) -> None:
    smash()

    with connection.cursor() as cursor:
        cursor.execute("SELECT reason FROM records_emergencyaccess")
        [(stored,)] = cursor.fetchall()
    assert REASON.encode() not in bytes(stored)
    assert EmergencyAccess.objects.get().reason == REASON


@pytest.mark.parametrize("reason", ["", "too short", "         x         ", "a  b  c  d"])
def test_reason_has_at_least_ten_characters(smash, reason) -> None:
    with pytest.raises(ReasonTooShort):
        smash(reason=reason)


def test_ten_characters_are_enough(smash) -> None:
    assert smash(reason="0123456789").pk


def test_second_press_opens_nothing_twice(smash) -> None:
    smash()

    with pytest.raises(emergency.OpenAlready):
        smash()

    assert EmergencyAccess.objects.count() == 1


def test_doctor_with_a_visit_breaks_nothing(smash, patient, practitioner) -> None:
    AppointmentFactory(patient=patient, practitioner=practitioner)

    with pytest.raises(emergency.OpenAlready):
        smash()


@pytest.mark.parametrize("person", ["outsider", "receptionist", "administrator"])
def test_nobody_else_breaks_the_glass(request, smash, person) -> None:
    with pytest.raises(NotAllowed):
        smash(by=viewer(request.getfixturevalue(person)))


def test_giving_back_closes_at_once(
    smash, patient, practitioner, now, django_capture_on_commit_callbacks
) -> None:
    glass = smash()
    closed: list[uuid.UUID] = []

    def hear(user_id: uuid.UUID, **_: object) -> None:
        closed.append(user_id)

    access_changed.connect(hear)
    with django_capture_on_commit_callbacks(execute=True):
        emergency.end_emergency(patient_id=patient.pk, by=viewer(practitioner), now=now)
    access_changed.disconnect(hear)

    glass.refresh_from_db()
    assert glass.ended_at == now
    assert closed == [practitioner.user_id]
    assert reads.open_emergencies(viewer=viewer(practitioner), now=now) == []


def test_what_is_not_open_cannot_be_given_back(smash, patient, other_practitioner, now) -> None:
    smash()

    with pytest.raises(emergency.NotOpen):
        emergency.end_emergency(patient_id=patient.pk, by=viewer(other_practitioner), now=now)
    with pytest.raises(NotAllowed):
        emergency.end_emergency(patient_id=patient.pk, by=viewer(patient), now=now)


class TestLookUp:
    def test_number_and_birth_date_find_one_patient(self, patient, practitioner, now) -> None:
        found = emergency.look_up(
            record_number=patient.record_number.lower().replace(" ", ""),
            birth_date=patient.birth_date,
            by=viewer(practitioner),
            now=now,
        )

        assert found == patient.pk
        event = AuditEvent.objects.get(action="emergency.searched")
        assert (event.patient, event.detail) == (patient.pk, '{"found":true}')

    def test_wrong_birth_date_finds_nobody_and_is_on_the_trail(
        self, patient, practitioner, now
    ) -> None:
        found = emergency.look_up(
            record_number=patient.record_number,
            birth_date=patient.birth_date + dt.timedelta(days=1),
            by=viewer(practitioner),
            now=now,
        )

        assert found is None
        event = AuditEvent.objects.get(action="emergency.searched")
        assert (event.patient, event.detail) == (None, '{"found":false}')

    def test_doctor_does_not_find_themself(self, practitioner, now) -> None:
        own = PatientFactory(user=practitioner.user)

        found = emergency.look_up(
            record_number=own.record_number,
            birth_date=own.birth_date,
            by=viewer(practitioner),
            now=now,
        )

        assert found is None

    def test_only_doctors_look_up(self, patient, receptionist, now) -> None:
        with pytest.raises(NotAllowed):
            emergency.look_up(
                record_number=patient.record_number,
                birth_date=patient.birth_date,
                by=viewer(receptionist),
                now=now,
            )


class TestReview:
    def test_administrator_judges_once(self, smash, administrator, receptionist, now) -> None:
        glass = smash()
        judgement = {
            "glass_id": glass.pk,
            "outcome": ReviewOutcome.JUSTIFIED,
            "note": "Spoke with the doctor",
            "by": viewer(administrator),
            "now": now,
        }

        emergency.review_emergency(**judgement)

        with pytest.raises(ReviewedAlready):
            emergency.review_emergency(**judgement)
        glass = EmergencyAccess.objects.get()
        assert (glass.review_outcome, glass.review_note) == (
            ReviewOutcome.JUSTIFIED,
            "Spoke with the doctor",
        )
        with pytest.raises(NotAllowed):
            emergency.review_emergency(**(judgement | {"by": viewer(receptionist)}))

    def test_nobody_judges_their_own_act(self, patient, practitioner, administrator, now) -> None:
        """Whoever was a doctor then and is an administrator now."""
        glass = EmergencyAccessFactory(
            patient=patient, practitioner=practitioner, user=administrator
        )

        with pytest.raises(NotAllowed):
            emergency.review_emergency(
                glass_id=glass.pk,
                outcome=ReviewOutcome.JUSTIFIED,
                note="",
                by=viewer(administrator),
                now=now,
            )

    def test_list_shows_what_waits_and_what_was_decided(
        self, smash, patient, administrator, now
    ) -> None:
        smash()
        decided = EmergencyAccessFactory(
            patient=patient,
            reviewed_at=now,
            review_outcome=ReviewOutcome.NOT_JUSTIFIED,
            reviewed_by=administrator,
        )

        page = reads.reviews(viewer=viewer(administrator), page=7)

        assert [review.reason for review in page.waiting] == [REASON]
        assert [review.row.pk for review in page.decided] == [decided.pk]
        assert (page.page, page.pages) == (1, 1)

    def test_words_of_an_erased_record_are_gone_and_the_act_stays(
        self, smash, patient, administrator, now
    ) -> None:
        smash()
        datakeys.shred(scope="patient", owner=patient.pk, now=now)

        [review] = reads.reviews(viewer=viewer(administrator), page=1).waiting

        assert (review.reason, review.note) == (None, None)

    def test_nobody_else_reads_the_list(self, practitioner) -> None:
        with pytest.raises(NotAllowed):
            reads.reviews(viewer=viewer(practitioner), page=1)


class TestTelling:
    def test_patient_gets_one_mail_without_anything_clinical(self, smash, patient, clock) -> None:
        smash()

        tasks.tell_of_emergencies()
        tasks.tell_of_emergencies()

        [message] = mail.outbox
        assert message.to == [patient.email]
        assert f"/records/{patient.pk}/access/" in message.body
        for word in (REASON, "Llorente", "Urgent", patient.family_name):
            assert word not in message.body + message.subject
        assert EmergencyAccess.objects.get().notified_at == clock.now

    def test_mail_that_did_not_leave_is_tried_again(self, smash, clock, monkeypatch) -> None:
        smash()
        monkeypatch.setattr(mails, "send", lambda **_: False)
        tasks.tell_of_emergencies()
        assert EmergencyAccess.objects.get().notified_at is None

        monkeypatch.undo()
        monkeypatch.setattr("django.utils.timezone.now", clock)
        tasks.tell_of_emergencies()

        assert len(mail.outbox) == 1

    def test_patient_without_an_address_is_told_in_the_portal_only(self, clock) -> None:
        EmergencyAccessFactory(patient__user=None, patient__email="")

        tasks.tell_of_emergencies()

        assert mail.outbox == []


def test_visitor_has_nothing_open(now) -> None:
    assert reads.open_emergencies(viewer=VISITOR, now=now) == []
