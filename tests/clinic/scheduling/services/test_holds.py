"""Holding a time (H1-H5)."""

import datetime as dt
import uuid

import pytest

from clinic.scheduling import availability as engine
from clinic.scheduling.choices import AppointmentStatus, Modality
from clinic.scheduling.models import Appointment, ScheduleDay
from clinic.scheduling.selectors.availability import NotOffered
from clinic.scheduling.services import claims, holds
from tests.factories.scheduling import (
    AppointmentFactory,
    VisitTypeFactory,
    WorkingHoursFactory,
    open_practice,
)

TUESDAY_NINE = dt.datetime(2026, 3, 3, 8, 0, tzinfo=dt.UTC)


@pytest.fixture
def visit_type(practitioner):
    return open_practice(practitioner)


@pytest.fixture
def wish(practitioner, visit_type):
    def make(starts_at=TUESDAY_NINE, **changes):
        values = {
            "practitioner_id": practitioner.pk,
            "visit_type_id": visit_type.pk,
            "starts_at": starts_at,
            "modality": Modality.IN_PERSON,
            "for_patient": True,
        }
        return claims.Wish(**values | changes)

    return make


def holder(patient):
    return holds.Holder(patient_id=patient.pk)


def test_hold_slot_claims_the_time_for_five_minutes(patient, wish, now):
    hold = holds.hold_slot(holder=holder(patient), wish=wish(), now=now)

    assert hold.status == AppointmentStatus.PROPOSED
    assert hold.released_at == now + dt.timedelta(minutes=5)
    assert (hold.starts_at, hold.ends_at) == (TUESDAY_NINE, TUESDAY_NINE + dt.timedelta(minutes=20))


def test_hold_slot_refuses_a_held_slot(patient, other_patient, wish, now):
    holds.hold_slot(holder=holder(patient), wish=wish(), now=now)

    with pytest.raises(claims.SlotTaken) as refusal:
        holds.hold_slot(holder=holder(other_patient), wish=wish(), now=now)

    assert refusal.value.refusal == engine.Refusal.HOLD


def test_hold_slot_takes_an_expired_hold_over_without_a_sweeper(patient, other_patient, wish, now):
    """H2, B6: nobody has to clean up before the time is free again."""
    holds.hold_slot(holder=holder(patient), wish=wish(), now=now)

    later = now + dt.timedelta(minutes=5)
    hold = holds.hold_slot(holder=holder(other_patient), wish=wish(), now=later)

    assert hold.patient_id == other_patient.pk


def test_a_second_choice_releases_the_first(patient, wish, now):
    """H1: one active hold per patient."""
    first = holds.hold_slot(holder=holder(patient), wish=wish(), now=now)
    second = holds.hold_slot(
        holder=holder(patient), wish=wish(TUESDAY_NINE + dt.timedelta(minutes=20)), now=now
    )

    live = holds.holds_of(holder(patient)).claiming(now)
    assert [hold.pk for hold in live] == [second.pk]
    first.refresh_from_db()
    assert first.released_at == now


def test_a_second_choice_that_fails_keeps_the_first(patient, other_patient, wish, now):
    first = holds.hold_slot(holder=holder(patient), wish=wish(), now=now)
    elsewhere = wish(TUESDAY_NINE + dt.timedelta(minutes=20))
    holds.hold_slot(holder=holder(other_patient), wish=elsewhere, now=now)

    with pytest.raises(claims.SlotTaken):
        holds.hold_slot(holder=holder(patient), wish=elsewhere, now=now)

    assert holds.holds_of(holder(patient)).claiming(now).get().pk == first.pk


def test_holding_the_same_time_again_is_not_an_extension(patient, wish, now):
    first = holds.hold_slot(holder=holder(patient), wish=wish(), now=now)
    again = holds.hold_slot(holder=holder(patient), wish=wish(), now=now + dt.timedelta(minutes=3))

    assert (again.pk, again.released_at) == (first.pk, first.released_at)


def test_a_visitor_holds_by_token(wish, other_patient, now):
    """H4: a person who has not signed in yet."""
    visitor = holds.Holder(hold_token=uuid.uuid4())
    hold = holds.hold_slot(holder=visitor, wish=wish(), now=now)

    assert hold.patient_id is None
    with pytest.raises(claims.SlotTaken):
        holds.hold_slot(holder=holder(other_patient), wish=wish(), now=now)


@pytest.mark.parametrize(
    ("starts_at", "refusal"),
    [
        (TUESDAY_NINE + dt.timedelta(minutes=5), engine.Refusal.CLOSED),
        (dt.datetime(2026, 3, 7, 8, 0, tzinfo=dt.UTC), engine.Refusal.CLOSED),
        (dt.datetime(2026, 3, 2, 9, 40, tzinfo=dt.UTC), engine.Refusal.LEAD_TIME),
        (dt.datetime(2026, 5, 5, 7, 0, tzinfo=dt.UTC), engine.Refusal.HORIZON),
    ],
)
def test_hold_slot_never_trusts_a_posted_time(patient, wish, now, starts_at, refusal):
    """C2: the start must be a grid point the engine offers."""
    with pytest.raises(claims.SlotTaken) as caught:
        holds.hold_slot(holder=holder(patient), wish=wish(starts_at), now=now)

    assert caught.value.refusal == refusal


def test_hold_slot_refuses_what_the_doctor_does_not_offer(patient, wish, now):
    other = VisitTypeFactory(slug="surgery", name="Surgery")
    for changes in ({"visit_type_id": other.pk}, {"modality": Modality.PHONE}):
        with pytest.raises(NotOffered):
            holds.hold_slot(holder=holder(patient), wish=wish(**changes), now=now)


def test_release_hold_frees_the_time_at_once(patient, other_patient, wish, now):
    holds.hold_slot(holder=holder(patient), wish=wish(), now=now)
    holds.release_hold(holder=holder(patient), now=now)

    assert holds.hold_slot(holder=holder(other_patient), wish=wish(), now=now)
    assert holds.release_hold(holder=holder(patient), now=now) == []


def test_extend_hold_gives_five_minutes_once(patient, wish, now):
    """H3."""
    holds.hold_slot(holder=holder(patient), wish=wish(), now=now)
    extended = holds.extend_hold(holder=holder(patient), now=now + dt.timedelta(minutes=4))

    assert extended.released_at == now + dt.timedelta(minutes=10)
    with pytest.raises(holds.AlreadyExtended):
        holds.extend_hold(holder=holder(patient), now=now + dt.timedelta(minutes=5))
    with pytest.raises(holds.HoldEnded):
        holds.extend_hold(holder=holder(patient), now=now + dt.timedelta(minutes=10))


def test_expired_holds_are_announced_once_and_decide_nothing(patient, wish, now):
    hold = holds.hold_slot(holder=holder(patient), wish=wish(), now=now)
    day = ScheduleDay.objects.get(practitioner_id=hold.practitioner_id, date=hold.local_date)

    assert holds.announce_expired_holds(now=now + dt.timedelta(minutes=4)) == 0
    assert holds.announce_expired_holds(now=now + dt.timedelta(minutes=5)) == 1
    assert holds.announce_expired_holds(now=now + dt.timedelta(minutes=6)) == 0

    bumped = ScheduleDay.objects.get(practitioner_id=hold.practitioner_id, date=hold.local_date)
    assert bumped.version == day.version + 1


def test_forget_old_holds_keeps_visits(patient, wish, now):
    holds.hold_slot(holder=holder(patient), wish=wish(), now=now)
    visit = AppointmentFactory(starts_at=TUESDAY_NINE + dt.timedelta(hours=1))

    assert holds.forget_old_holds(now=now + dt.timedelta(hours=1)) == 0
    assert holds.forget_old_holds(now=now + dt.timedelta(days=2)) == 1
    assert Appointment.objects.get() == visit


def adopt(patient, token, now):
    return holds.adopt_hold(patient_id=patient.pk, hold_token=token, now=now)


def test_signing_in_takes_the_held_time_along(patient, wish, now):
    """H4: held as a visitor, kept as a patient."""
    token = uuid.uuid4()
    held = holds.hold_slot(holder=holds.Holder(hold_token=token), wish=wish(), now=now)

    adopted = adopt(patient, token, now)

    assert (adopted.pk, adopted.patient_id, adopted.hold_token) == (held.pk, patient.pk, None)
    assert adopted.released_at == held.released_at
    assert adopt(patient, token, now) is None


def test_the_newer_choice_takes_the_place_of_an_older_hold(patient, wish, now):
    """H1: one active hold, also where it was made on two devices."""
    holds.hold_slot(holder=holder(patient), wish=wish(), now=now)
    token = uuid.uuid4()
    elsewhere = wish(TUESDAY_NINE + dt.timedelta(minutes=20))
    held = holds.hold_slot(holder=holds.Holder(hold_token=token), wish=elsewhere, now=now)

    adopt(patient, token, now)

    assert holds.holds_of(holder(patient)).claiming(now).get().pk == held.pk


def test_a_held_time_over_an_own_visit_is_let_go(patient, wish, other_practitioner, now):
    """R7: a visitor may hold what the patient cannot attend."""
    AppointmentFactory(practitioner=other_practitioner, patient=patient)
    token = uuid.uuid4()
    held = holds.hold_slot(holder=holds.Holder(hold_token=token), wish=wish(), now=now)

    assert adopt(patient, token, now) is None

    held.refresh_from_db()
    assert (held.released_at, held.patient_id) == (now, None)


def test_a_holder_is_somebody():
    with pytest.raises(ValueError, match="patient or has a token"):
        _ = holds.Holder().id


def test_a_hold_over_midnight_changes_both_days(patient, practitioner, visit_type, wish, now):
    """D10: the window belongs to Monday, the time it takes to Monday and Tuesday."""
    WorkingHoursFactory(
        practitioner=practitioner, weekday=1, starts=dt.time(23, 50), ends=dt.time(2)
    )
    before_midnight = dt.datetime(2026, 3, 9, 22, 50, tzinfo=dt.UTC)

    holds.hold_slot(holder=holder(patient), wish=wish(before_midnight), now=now)

    days = ScheduleDay.objects.filter(practitioner_id=practitioner.pk).order_by("date")
    assert [day.date.day for day in days] == [9, 10]
