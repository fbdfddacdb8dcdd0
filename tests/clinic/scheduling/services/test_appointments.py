"""Changes of a visit: the table S1, cancelling, moving, undo (S1-S4, P1-P4, B7, B9)."""

import datetime as dt
import uuid

import pytest

from clinic.scheduling import permissions, rules
from clinic.scheduling.choices import AppointmentStatus as S
from clinic.scheduling.choices import CancellationReason, ChangeKind, Modality
from clinic.scheduling.models import VisitType
from clinic.scheduling.services import appointments, claims, holds
from tests.factories.people import viewer
from tests.factories.scheduling import AppointmentFactory, open_practice

TUESDAY_NINE = dt.datetime(2026, 3, 3, 8, 0, tzinfo=dt.UTC)
TWENTY_PAST = TUESDAY_NINE + dt.timedelta(minutes=20)
ON_THE_DAY = dt.datetime(2026, 3, 3, 7, 30, tzinfo=dt.UTC)
DAYS_BEFORE = dt.datetime(2026, 3, 2, 7, 59, tzinfo=dt.UTC)
WHY = CancellationReason.CANNOT_COME


@pytest.fixture
def visit(practitioner, patient):
    visit_type = open_practice(practitioner)
    return AppointmentFactory(
        practitioner=practitioner,
        patient=patient,
        visit_type=visit_type,
        claimed_at=DAYS_BEFORE - dt.timedelta(days=7),
    )


def set_status(visit, to_status, by, now=ON_THE_DAY):
    return appointments.change_status(
        appointment_id=visit.pk, to_status=to_status, by=viewer(by), now=now
    )


def cancel(visit, by, now=DAYS_BEFORE, **more):
    return appointments.cancel_appointment(
        appointment_id=visit.pk, by=viewer(by), reason=WHY, now=now, **more
    )


def move(visit, by, starts_at=TWENTY_PAST, now=DAYS_BEFORE, **more):
    return appointments.reschedule_appointment(
        appointment_id=visit.pk, starts_at=starts_at, by=viewer(by), now=now, **more
    )


def undo(visit, by, now=ON_THE_DAY):
    return appointments.undo_last_change(appointment_id=visit.pk, by=viewer(by), now=now)


def test_a_visit_goes_through_the_day(visit, receptionist, practitioner):
    """S1, S2: each step a row that says who and when."""
    set_status(visit, S.ARRIVED, receptionist)
    set_status(visit, S.CHECKED_IN, practitioner)
    set_status(visit, S.FULFILLED, practitioner)

    rows = visit.status_changes.order_by("at", "id").values_list("from_status", "to_status", "by")
    assert list(rows) == [
        ("booked", "arrived", receptionist.pk),
        ("arrived", "checked-in", practitioner.user_id),
        ("checked-in", "fulfilled", practitioner.user_id),
    ]
    visit.refresh_from_db()
    assert visit.released_at is None


def test_a_status_outside_the_table_is_refused(visit, practitioner):
    set_status(visit, S.NOSHOW, practitioner)

    with pytest.raises(rules.TransitionNotAllowed):
        set_status(visit, S.FULFILLED, practitioner)


def test_only_exits_free_the_time(visit, practitioner):
    """S4."""
    set_status(visit, S.NOSHOW, practitioner)
    visit.refresh_from_db()
    assert visit.released_at is None

    set_status(visit, S.ENTERED_IN_ERROR, practitioner)
    visit.refresh_from_db()
    assert visit.released_at == ON_THE_DAY
    assert visit.version == 2


@pytest.mark.parametrize("who", ["patient", "outsider", "other_practitioner"])
def test_only_staff_of_that_doctor_change_a_status(visit, request, who):
    with pytest.raises(permissions.NotAllowed):
        set_status(visit, S.ARRIVED, request.getfixturevalue(who))


def test_a_hold_is_not_a_visit_yet(visit, practitioner):
    hold = AppointmentFactory(practitioner=practitioner, starts_at=TWENTY_PAST, hold=True)

    with pytest.raises(permissions.NotAllowed):
        set_status(hold, S.CANCELLED, practitioner)


def test_cancel_frees_the_time_and_voids_the_version(visit, patient, practitioner):
    cancelled = cancel(visit, patient)

    assert (cancelled.status, cancelled.released_at) == (S.CANCELLED, DAYS_BEFORE)
    assert (cancelled.version, cancelled.cancelled_late) == (2, False)
    assert cancelled.status_changes.get().reason == WHY
    AppointmentFactory(practitioner=practitioner, claimed_at=DAYS_BEFORE)


def test_cancel_after_the_cutoff_needs_to_be_said(visit, patient):
    """P1: the patient can still tell the clinic; staff are exempt."""
    with pytest.raises(rules.TooLateToCancel):
        cancel(visit, patient, now=ON_THE_DAY)

    late = cancel(visit, patient, now=ON_THE_DAY, late=True)

    assert late.cancelled_late


def test_staff_cancel_after_the_cutoff(visit, receptionist):
    assert not cancel(visit, receptionist, now=ON_THE_DAY).cancelled_late


def test_cancelling_twice_is_refused(visit, patient):
    cancel(visit, patient)

    with pytest.raises(rules.TransitionNotAllowed):
        cancel(visit, patient)


def test_nobody_cancels_the_visit_of_another(visit, outsider):
    with pytest.raises(permissions.NotAllowed):
        cancel(visit, outsider)


def test_a_move_keeps_the_visit_and_remembers_the_old_time(visit, patient):
    """P3, B7."""
    moved = move(visit, patient)

    assert (moved.pk, moved.starts_at, moved.version, moved.moves) == (visit.pk, TWENTY_PAST, 2, 1)
    row = moved.status_changes.get()
    assert (row.kind, row.from_starts_at) == (ChangeKind.MOVE, TUESDAY_NINE)


def test_a_move_that_fails_leaves_the_visit_where_it_was(visit, patient, practitioner):
    AppointmentFactory(practitioner=practitioner, starts_at=TWENTY_PAST)

    with pytest.raises(claims.SlotTaken):
        move(visit, patient)

    visit.refresh_from_db()
    assert (visit.starts_at, visit.version) == (TUESDAY_NINE, 1)


def test_a_visit_moves_onto_the_patients_own_hold(visit, patient, practitioner):
    wish = claims.Wish(
        practitioner_id=practitioner.pk,
        visit_type_id=visit.visit_type_id,
        starts_at=TWENTY_PAST,
        modality=Modality.IN_PERSON,
        for_patient=True,
    )
    holder = holds.Holder(patient_id=patient.pk)
    holds.hold_slot(holder=holder, wish=wish, now=DAYS_BEFORE)

    assert move(visit, patient).starts_at == TWENTY_PAST
    assert not holds.holds_of(holder).claiming(DAYS_BEFORE).exists()


def test_a_visit_can_move_into_time_it_covers_itself(visit, patient):
    VisitType.objects.update(grid_minutes=10)

    moved = move(visit, patient, starts_at=TUESDAY_NINE + dt.timedelta(minutes=10))

    assert moved.ends_at == TUESDAY_NINE + dt.timedelta(minutes=30)


def test_moves_end_at_the_cutoff_and_are_counted_over_the_whole_life(visit, patient, receptionist):
    """P1, P4: the limit binds patients only."""
    with pytest.raises(rules.TooLateToMove):
        move(visit, patient, now=ON_THE_DAY)
    VisitType.objects.update(max_moves=1)
    move(visit, patient)
    with pytest.raises(rules.TooManyMoves):
        move(visit, patient, starts_at=TUESDAY_NINE)

    assert move(visit, receptionist, starts_at=TUESDAY_NINE).moves == 1


def test_only_staff_move_a_visit_to_another_doctor(
    visit, patient, receptionist, other_practitioner
):
    open_practice(other_practitioner, visit_type=visit.visit_type)
    target = {"practitioner_id": other_practitioner.pk, "starts_at": TUESDAY_NINE}
    with pytest.raises(permissions.NotAllowed):
        move(visit, patient, **target)

    moved = move(visit, receptionist, **target)

    assert moved.practitioner_id == other_practitioner.pk
    assert moved.status_changes.get().from_practitioner_id == visit.practitioner_id


def test_a_move_from_a_stale_page_is_refused(visit, receptionist):
    """F4."""
    move(visit, receptionist)

    with pytest.raises(appointments.VersionConflict):
        move(visit, receptionist, starts_at=TUESDAY_NINE, version=1)


def test_a_finished_visit_does_not_move(visit, receptionist):
    set_status(visit, S.ARRIVED, receptionist)

    with pytest.raises(rules.TransitionNotAllowed):
        move(visit, receptionist)


def test_nobody_moves_what_they_cannot_see(visit, outsider):
    with pytest.raises(permissions.NotAllowed):
        move(visit, outsider)


def test_undo_is_a_new_row(visit, receptionist):
    """S3."""
    set_status(visit, S.ARRIVED, receptionist)
    back = undo(visit, receptionist)

    assert back.status == S.BOOKED
    assert [row.kind for row in back.status_changes.order_by("id")] == ["status", "undo"]


def test_undo_is_for_the_same_day_of_the_site(visit, receptionist):
    """T7: 23:30 UTC on the 3rd is already the 4th in Berlin."""
    set_status(visit, S.ARRIVED, receptionist)

    with pytest.raises(rules.NothingToUndo):
        undo(visit, receptionist, now=dt.datetime(2026, 3, 3, 23, 30, tzinfo=dt.UTC))


def test_there_must_be_something_to_undo(visit, receptionist):
    with pytest.raises(rules.NothingToUndo):
        undo(visit, receptionist)
    set_status(visit, S.ARRIVED, receptionist)
    undo(visit, receptionist)
    with pytest.raises(rules.NothingToUndo):
        undo(visit, receptionist)


def test_taking_back_a_cancellation_claims_the_time_again(visit, receptionist, practitioner):
    cancel(visit, receptionist, now=ON_THE_DAY)
    back = undo(visit, receptionist)

    assert (back.status, back.released_at, back.version) == (S.BOOKED, None, 3)
    with pytest.raises(claims.SlotTaken):
        claims.insert(
            AppointmentFactory.build(
                practitioner=practitioner,
                visit_type=visit.visit_type,
                site=visit.site,
                patient=None,
                hold_token=uuid.uuid4(),
                claimed_at=ON_THE_DAY,
                hold=True,
            )
        )


def test_a_cancellation_stays_when_somebody_has_the_time_now(visit, receptionist, practitioner):
    """B9: the database refuses."""
    cancel(visit, receptionist, now=ON_THE_DAY)
    AppointmentFactory(practitioner=practitioner, claimed_at=ON_THE_DAY)

    with pytest.raises(claims.SlotTaken):
        undo(visit, receptionist)


def test_taking_back_a_cancelled_request_makes_it_wait_again(visit, receptionist):
    visit.status, visit.released_at = S.PENDING, TUESDAY_NINE
    visit.save()
    cancel(visit, receptionist, now=ON_THE_DAY)

    back = undo(visit, receptionist)

    assert (back.status, back.released_at) == (S.PENDING, TUESDAY_NINE)


def test_approval_checks_the_time_again(visit, practitioner, patient):
    """H5."""
    visit.status, visit.released_at = S.PENDING, ON_THE_DAY
    visit.save()

    def approve(by):
        return appointments.approve_request(
            appointment_id=visit.pk, by=viewer(by), now=ON_THE_DAY + dt.timedelta(minutes=1)
        )

    with pytest.raises(permissions.NotAllowed):
        approve(patient)
    assert approve(practitioner).status == S.BOOKED

    visit.status, visit.released_at = S.PENDING, ON_THE_DAY
    visit.claimed_at = DAYS_BEFORE
    visit.save()
    AppointmentFactory(practitioner=practitioner, claimed_at=ON_THE_DAY)
    with pytest.raises(claims.SlotTaken):
        approve(practitioner)


def test_approval_of_what_cannot_be_seen_is_refused(visit, outsider):
    with pytest.raises(permissions.NotAllowed):
        appointments.approve_request(appointment_id=visit.pk, by=viewer(outsider), now=ON_THE_DAY)


def test_confirming_twice_is_once(visit, patient):
    for _ in range(2):
        confirmed = appointments.confirm_attendance(
            appointment_id=visit.pk, by=viewer(patient), now=DAYS_BEFORE
        )

    assert (confirmed.status, confirmed.confirmed_at) == (S.BOOKED, DAYS_BEFORE)
    assert visit.status_changes.get().kind == ChangeKind.CONFIRM


def test_a_move_needs_a_new_confirmation(visit, patient):
    appointments.confirm_attendance(appointment_id=visit.pk, by=viewer(patient), now=DAYS_BEFORE)

    assert move(visit, patient).confirmed_at is None


def test_running_late_is_told_in_minutes(visit, patient, receptionist):
    def report(minutes):
        return appointments.report_running_late(
            appointment_id=visit.pk, minutes=minutes, by=viewer(patient), now=ON_THE_DAY
        )

    assert report(15).running_late_minutes == 15
    for minutes in (0, 61):
        with pytest.raises(ValueError, match="1 to 60"):
            report(minutes)
    set_status(visit, S.ARRIVED, receptionist)
    with pytest.raises(rules.TransitionNotAllowed):
        report(5)
    with pytest.raises(rules.TransitionNotAllowed):
        appointments.confirm_attendance(appointment_id=visit.pk, by=viewer(patient), now=ON_THE_DAY)
