"""Reminders of doses: planned a day ahead, once each, and never after the tick."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import IntegrityError, transaction

from clinic.people.models import Patient
from clinic.records.choices import DoseStatus
from clinic.records.models import DoseEvent, Erasure, MedicationStatement
from clinic.records.services import doses, medications
from reminders import tasks
from reminders.models import Reminder
from reminders.services import claiming, delivering, dose_planning
from tests.factories.people import viewer
from tests.factories.records import MedicationFactory
from tests.factories.scheduling import SiteFactory

pytestmark = pytest.mark.django_db

# Monday 2 March in Berlin; the tests begin at 10:00 there.
EVENING = dt.datetime(2026, 3, 2, 19, 0, tzinfo=dt.UTC)
NEXT_MORNING = dt.datetime(2026, 3, 3, 7, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def medicine(patient, clock):
    SiteFactory()
    return MedicationFactory(patient=patient, dose_reminders=True, text="Olanzapine 5 mg")


@pytest.fixture
def plan(medicine, clock):
    dose_planning.plan_ahead(now=clock.now)


def rows(**about):
    found = Reminder.objects.filter(kind="dose", **about).order_by("due_at", "pk")
    return [(row.due_at, row.status) for row in found]


def tick(patient: Patient, medicine: MedicationStatement, due_at: dt.datetime, at: dt.datetime):
    doses.mark_dose(
        by=viewer(patient),
        patient_id=patient.pk,
        statement_id=medicine.pk,
        due_at=due_at,
        status=DoseStatus.TAKEN,
        now=at,
    )


def switch(patient: Patient, medicine: MedicationStatement, *, on: bool, at: dt.datetime):
    medications.set_dose_reminders(
        by=viewer(patient), patient_id=patient.pk, statement_id=medicine.pk, on=on, now=at
    )


def test_the_next_day_is_planned_and_nothing_that_is_past(plan):
    assert rows() == [(EVENING, "planned"), (NEXT_MORNING, "planned")]


def test_planning_again_changes_nothing(plan, clock):
    dose_planning.plan_ahead(now=clock.now)
    tasks.plan_doses()

    assert len(rows()) == 2


def test_every_page_of_medicines_is_planned(medicine, patient, clock, monkeypatch):
    monkeypatch.setattr(dose_planning, "MEDICINES_PER_PAGE", 1)
    MedicationFactory(patient=patient, dose_reminders=True)

    dose_planning.plan_ahead(now=clock.now)

    assert len(rows()) == 4


def test_nobody_is_reminded_of_what_they_did_not_ask_for(patient, clock):
    SiteFactory()
    MedicationFactory(patient=patient)
    MedicationFactory(patient=patient, dose_reminders=True, status="on-hold")
    MedicationFactory(patient=patient, dose_reminders=True, verification="entered-in-error")

    dose_planning.plan_ahead(now=clock.now)

    assert rows() == []


def test_each_dose_is_reminded_of_once_when_it_is_due(plan, run, clock):
    assert run() == 0
    clock.move_to(EVENING)
    assert run() == 1
    assert run() == 0
    clock.move_to(NEXT_MORNING)
    assert run() == 1

    assert {status for _, status in rows()} == {"sent"}
    assert len({message.extra_headers["Message-ID"] for message in mail.outbox}) == 2


def test_the_message_names_no_medicine(plan, run, clock, patient, settings):
    clock.move_to(EVENING)

    run()

    message = mail.outbox[0]
    html = message.alternatives[0].content
    assert message.subject == "It is time for a medicine"
    assert f"{settings.SITE_URL}/records/{patient.pk}/medicines/" in message.body
    for text in (message.subject, message.body, html):
        assert "Olanzapine" not in text and "tablet" not in text and "5 mg" not in text
    assert message.attachments == []


def test_medicines_of_one_time_go_out_together(plan, run, clock, patient):
    MedicationFactory(patient=patient, dose_reminders=True)
    dose_planning.plan_ahead(now=clock.now)
    clock.move_to(EVENING)

    assert run() == 1

    assert [message.subject for message in mail.outbox] == ["It is time for your medicines"]
    assert sorted(status for _, status in rows(due_at=EVENING)) == ["sent", "skipped"]


def test_a_ticked_dose_is_not_reminded_of(plan, run, clock, patient, medicine):
    tick(patient, medicine, EVENING, at=clock.now)
    clock.move_to(EVENING)

    assert run() == 0

    assert mail.outbox == []


def test_a_tick_between_claim_and_sending_takes_the_message_back(plan, clock, patient, medicine):
    clock.move_to(EVENING)
    claims = claiming.claim_due(now=clock.now)

    tick(patient, medicine, EVENING, at=clock.now)

    assert delivering.deliver(claims=claims, clock=clock) == 0
    assert mail.outbox == []


def test_a_tick_that_nobody_announced_is_seen_before_sending(plan, run, clock, patient, medicine):
    DoseEvent.objects.create(
        patient=patient,
        statement=medicine,
        due_at=EVENING,
        status=DoseStatus.TAKEN,
        recorded_at=clock.now,
    )
    clock.move_to(EVENING)

    assert run() == 0

    assert Reminder.objects.get(due_at=EVENING).skipped_reason == "not-due"


def test_switching_on_plans_at_once_and_off_takes_back(
    patient, clock, django_capture_on_commit_callbacks
):
    SiteFactory()
    row = MedicationFactory(patient=patient)

    with django_capture_on_commit_callbacks(execute=True):
        switch(patient, row, on=True, at=clock.now)
    planned = rows()
    with django_capture_on_commit_callbacks(execute=True):
        switch(patient, row, on=False, at=clock.now)
    off = rows()
    with django_capture_on_commit_callbacks(execute=True):
        switch(patient, row, on=True, at=clock.now)

    assert planned == [(EVENING, "planned"), (NEXT_MORNING, "planned")]
    assert off == [(EVENING, "void"), (NEXT_MORNING, "void")]
    assert rows() == planned


def test_a_tick_takes_back_its_reminder_and_undoing_it_brings_it_back(
    plan, patient, medicine, clock, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        tick(patient, medicine, EVENING, at=clock.now)
    ticked = rows()[0]
    with django_capture_on_commit_callbacks(execute=True):
        doses.undo_dose(
            by=viewer(patient),
            patient_id=patient.pk,
            statement_id=medicine.pk,
            due_at=EVENING,
            now=clock.now,
        )

    assert (ticked, rows()[0]) == ((EVENING, "void"), (EVENING, "planned"))


def test_new_times_take_the_place_of_the_old(plan, patient, medicine, clock):
    medicine.dosage = medicine.dosage | {"times": ["21:00"]}
    medicine.save()

    dose_planning.plan_of_patient(patient_id=patient.pk, now=clock.now)

    hour = dt.timedelta(hours=1)
    assert rows(status="planned") == [(EVENING + hour, "planned")]


def test_a_dose_that_is_due_already_is_not_planned_afterwards(patient, clock):
    SiteFactory()
    row = MedicationFactory(patient=patient, dose_reminders=True)
    clock.move_to(EVENING + 5 * MINUTE)

    dose_planning.plan_of_patient(patient_id=row.patient_id, now=clock.now)

    assert [due_at for due_at, _ in rows()][0] == NEXT_MORNING


def test_a_message_on_its_way_is_left_alone_by_a_change(plan, patient, clock):
    clock.move_to(EVENING + MINUTE)

    dose_planning.plan_of_patient(patient_id=patient.pk, now=clock.now)

    assert (EVENING, "planned") in rows()


def test_no_reminder_comes_an_hour_after_the_dose(plan, run, clock):
    clock.move_to(EVENING + 60 * MINUTE)

    assert run() == 0

    assert Reminder.objects.get(due_at=EVENING).skipped_reason == "late"


def test_quiet_hours_do_not_hold_back_a_time_the_patient_chose(patient, clock, run):
    SiteFactory()
    night = {"amount": "1", "frequency": "at-times", "times": ["03:00"]}
    MedicationFactory(patient=patient, dose_reminders=True, dosage=night)
    dose_planning.plan_ahead(now=clock.now)
    clock.move_to(dt.datetime(2026, 3, 3, 2, 0, tzinfo=dt.UTC))

    assert run() == 1


def test_the_switch_of_a_medicine_does_not_ask_the_wish_about_visits(plan, run, clock, patient):
    patient.reminders_by_email = False
    patient.save()
    clock.move_to(EVENING)

    assert run() == 1


def test_without_an_address_nothing_is_sent(plan, run, clock, patient):
    user = patient.user
    user.is_active = False
    user.save()
    patient.email = ""
    patient.save()
    clock.move_to(EVENING)

    assert run() == 0

    assert Reminder.objects.get(due_at=EVENING).skipped_reason == "no-address"


def test_the_patients_own_clock_counts(patient, clock):
    SiteFactory()
    patient.time_zone = "America/New_York"
    patient.save()
    MedicationFactory(patient=patient, dose_reminders=True)

    dose_planning.plan_ahead(now=clock.now)

    assert [f"{due_at:%d %H:%M}" for due_at, _ in rows()] == ["02 13:00", "03 01:00"]


def test_the_spring_night_has_one_reminder_of_a_time_that_is_skipped(patient, clock):
    SiteFactory()
    night = {"amount": "1", "frequency": "at-times", "times": ["02:30", "03:30"]}
    MedicationFactory(patient=patient, dose_reminders=True, dosage=night)
    clock.move_to(dt.datetime(2026, 3, 28, 20, 0, tzinfo=dt.UTC))

    dose_planning.plan_ahead(now=clock.now)

    assert [f"{due_at:%d %H:%M}" for due_at, _ in rows()] == ["29 01:30"]


def test_the_database_holds_one_row_for_a_dose(plan, medicine):
    row = Reminder.objects.get(due_at=EVENING)
    row.pk = None
    row._state.adding = True

    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_two_dispatchers_claim_a_dose_once(plan, clock):
    clock.move_to(EVENING)

    first = claiming.claim_due(now=clock.now)
    second = claiming.claim_due(now=clock.now)

    assert (len(first), second) == (1, [])


def test_a_worker_killed_after_sending_sends_no_second_kind_of_message(plan, clock, monkeypatch):
    """Nobody knows whether the server has it: it goes out again, under the same Message-ID."""

    class Killed(BaseException):
        """The process is gone; nothing after the sending ran."""

    send = EmailBackend.send_messages

    def send_and_die(self, messages):
        send(self, messages)
        raise Killed

    clock.move_to(EVENING)
    monkeypatch.setattr(EmailBackend, "send_messages", send_and_die)
    with pytest.raises(Killed):
        delivering.deliver(claims=claiming.claim_due(now=clock.now), clock=clock)
    monkeypatch.setattr(EmailBackend, "send_messages", send)

    early = claiming.claim_due(now=clock.now)
    clock.advance(seconds=claiming.LEASE.total_seconds())
    late = claiming.claim_due(now=clock.now)
    sent = delivering.deliver(claims=late, clock=clock)

    assert (early, len(late), sent) == ([], 1, 1)
    assert len({message.extra_headers["Message-ID"] for message in mail.outbox}) == 1
    assert rows(due_at=EVENING) == [(EVENING, "sent")]


def test_a_worker_back_from_the_dead_finds_its_claim_outdated(plan, clock):
    clock.move_to(EVENING)
    old = claiming.claim_due(now=clock.now)
    clock.advance(seconds=claiming.LEASE.total_seconds())
    new = claiming.claim_due(now=clock.now)

    assert delivering.deliver(claims=old, clock=clock) == 0
    assert delivering.deliver(claims=new, clock=clock) == 1
    assert len(mail.outbox) == 1


def test_a_server_that_is_down_is_tried_again_with_the_same_identity(plan, clock, monkeypatch):
    send = EmailBackend.send_messages

    def down(self, messages):
        raise OSError("gone")

    clock.move_to(EVENING)
    monkeypatch.setattr(EmailBackend, "send_messages", down)
    delivering.deliver(claims=claiming.claim_due(now=clock.now), clock=clock)
    monkeypatch.setattr(EmailBackend, "send_messages", send)
    clock.advance(seconds=31)

    assert delivering.deliver(claims=claiming.claim_due(now=clock.now), clock=clock) == 1
    assert Reminder.objects.get(due_at=EVENING).attempts == 2


def test_an_erased_record_reminds_of_nothing(plan, run, clock, patient, administrator):
    Erasure.objects.create(
        patient=patient,
        status="executed",
        legal_basis="",
        requested_at=clock.now,
        requested_by=administrator,
    )
    clock.move_to(EVENING)

    assert run() == 0
