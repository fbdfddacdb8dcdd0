"""Ticks: the patient's own, within two days, each dose once."""

from __future__ import annotations

import datetime as dt

import pytest

from clinic.records.choices import DoseStatus
from clinic.records.models import DoseEvent
from clinic.records.permissions import NotAllowed, check_may_open
from clinic.records.rules.medications import (
    NoSuchDose,
    NotPossible,
    TooEarlyToMark,
    TooLateToMark,
)
from clinic.records.selectors.doses import todays_doses
from clinic.records.services import doses
from tests.factories.records import MedicationFactory

pytestmark = pytest.mark.django_db

# Monday 2 March, 10:00 in Berlin.
MORNING = dt.datetime(2026, 3, 2, 7, 0, tzinfo=dt.UTC)
EVENING = dt.datetime(2026, 3, 2, 19, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture
def medicine(patient, berlin):
    return MedicationFactory(patient=patient)


@pytest.fixture
def mark(own, patient, medicine, now):
    def marked(due_at=MORNING, status=DoseStatus.TAKEN, *, by=own, at=now, row=medicine):
        return doses.mark_dose(
            by=by,
            patient_id=patient.pk,
            statement_id=row.pk,
            due_at=due_at,
            status=status,
            now=at,
        )

    return marked


def test_a_tick_is_kept_and_audited(mark, medicine, trail):
    mark()

    event = DoseEvent.objects.get()
    assert (event.statement_id, event.due_at, event.status) == (
        medicine.pk,
        MORNING,
        DoseStatus.TAKEN,
    )
    assert trail()[-1] == "dose.taken"


def test_a_second_tick_takes_the_place_of_the_first(mark):
    mark()
    mark(status=DoseStatus.SKIPPED)

    assert DoseEvent.objects.get().status == DoseStatus.SKIPPED


def test_a_tick_is_taken_back(mark, own, patient, medicine, now, trail):
    mark()

    doses.undo_dose(
        by=own, patient_id=patient.pk, statement_id=medicine.pk, due_at=MORNING, now=now
    )

    assert not DoseEvent.objects.exists()
    assert trail()[-1] == "dose.undone"


def test_nothing_is_taken_back_that_was_not_there(own, patient, medicine, now):
    with pytest.raises(NoSuchDose):
        doses.undo_dose(
            by=own, patient_id=patient.pk, statement_id=medicine.pk, due_at=MORNING, now=now
        )


def test_todays_evening_dose_may_be_taken_early(mark):
    mark(EVENING)

    assert DoseEvent.objects.count() == 1


def test_yesterdays_dose_may_be_ticked_until_the_end_of_today(mark):
    last_minute = dt.datetime(2026, 3, 2, 22, 59, tzinfo=dt.UTC)

    mark(MORNING - DAY, at=last_minute)

    assert DoseEvent.objects.count() == 1
    with pytest.raises(TooLateToMark):
        mark(EVENING - DAY, at=last_minute + dt.timedelta(minutes=1))


def test_tomorrows_dose_is_not_ticked_today(mark):
    with pytest.raises(TooEarlyToMark):
        mark(MORNING + DAY)


def test_an_instant_without_a_dose_is_refused(mark):
    with pytest.raises(NoSuchDose):
        mark(MORNING + dt.timedelta(minutes=1))


def test_a_doctor_ticks_nothing(mark, doctor):
    with pytest.raises(NotAllowed):
        mark(by=doctor)


def test_a_paused_medicine_has_no_ticks(mark, patient):
    with pytest.raises(NotPossible):
        mark(row=MedicationFactory(patient=patient, status="on-hold"))


def test_a_medicine_for_when_it_is_needed_is_noted_as_taken_now(own, patient, now, berlin):
    row = MedicationFactory(patient=patient, dosage={"frequency": "as-needed", "max_per_day": 3})

    doses.note_taken_as_needed(by=own, patient_id=patient.pk, statement_id=row.pk, now=now)

    access = check_may_open(viewer=own, patient_id=patient.pk, now=now)
    today = todays_doses(access=access, now=now)
    assert [len(one.taken) for one in today.as_needed] == [1]


def test_a_medicine_by_the_clock_is_not_noted_as_needed(own, patient, medicine, now):
    with pytest.raises(NotPossible):
        doses.note_taken_as_needed(by=own, patient_id=patient.pk, statement_id=medicine.pk, now=now)


def test_today_holds_every_dose_and_yesterdays_open_ones(mark, own, patient, now):
    mark(MORNING)
    mark(EVENING - DAY)

    today = todays_doses(access=check_may_open(viewer=own, patient_id=patient.pk, now=now), now=now)

    assert [(dose.due_at, dose.event is not None) for dose in today.doses] == [
        (MORNING, True),
        (EVENING, False),
    ]
    assert [dose.due_at for dose in today.late] == [MORNING - DAY]


def test_strip_counts_from_the_first_tick_and_only_what_was_due(mark, own, patient, now):
    mark(MORNING - DAY)
    mark(EVENING - DAY, DoseStatus.SKIPPED)
    mark(MORNING)

    access = check_may_open(viewer=own, patient_id=patient.pk, now=now)
    strip = todays_doses(access=access, now=now).strip

    assert (strip.due, strip.taken, strip.skipped, strip.percent) == (3, 2, 1, 67)
    assert [str(day.state) for day in strip.days[-3:]] == ["untracked", "some", "all"]
    assert len(strip.days) == 28


def test_the_patients_own_clock_counts(own, patient, now, berlin):
    patient.time_zone = "Asia/Tokyo"
    patient.save()
    MedicationFactory(patient=patient)

    today = todays_doses(access=check_may_open(viewer=own, patient_id=patient.pk, now=now), now=now)

    assert [f"{dose.due_at:%d %H:%M}" for dose in today.doses] == ["01 23:00", "02 11:00"]


def test_nobody_who_takes_nothing_is_asked_for_anything(own, patient, now, berlin):
    access = check_may_open(viewer=own, patient_id=patient.pk, now=now)

    assert not todays_doses(access=access, now=now)
