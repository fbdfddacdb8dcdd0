"""Editing when a doctor works, and what it would do to booked visits (A1, A2, A9, A10, B8)."""

import datetime as dt

import pytest
from django.db import IntegrityError

from clinic.audit.models import AuditEvent
from clinic.scheduling import permissions
from clinic.scheduling.choices import AppointmentStatus, CancellationReason, WindowKind
from clinic.scheduling.models import (
    Absence,
    Closure,
    DateWindow,
    Schedule,
    VisitType,
    WorkingHours,
)
from clinic.scheduling.selectors import availability as reads
from clinic.scheduling.services import appointments, schedule
from clinic.scheduling.signals import schedule_rules_changed
from tests.factories.people import viewer
from tests.factories.scheduling import (
    AbsenceFactory,
    AppointmentFactory,
    SiteFactory,
    VisitTypeFactory,
    open_practice,
)

TUESDAY = dt.date(2026, 3, 3)
TUESDAY_NINE = dt.datetime(2026, 3, 3, 8, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
KEEP, CANCEL = schedule.KEEP, schedule.CANCEL


@pytest.fixture
def visit_type(practitioner):
    return open_practice(practitioner)


@pytest.fixture
def site(visit_type):
    return SiteFactory()


@pytest.fixture
def visit(practitioner, patient, visit_type):
    return AppointmentFactory(practitioner=practitioner, patient=patient, visit_type=visit_type)


def window(site, weekday=2, starts=9, ends=12, **more):
    return schedule.WeeklyWindow(weekday, dt.time(starts), dt.time(ends), site.pk, **more)


@pytest.fixture
def publish(practitioner, now):
    def call(windows, *, valid_from=TUESDAY, decisions=None, by=practitioner):
        schedule.publish_week(
            practitioner_id=practitioner.pk,
            windows=windows,
            valid_from=valid_from,
            decisions=decisions or {},
            by=viewer(by),
            now=now,
        )

    return call


@pytest.fixture
def be_away(practitioner, now):
    def call(starts_at=TUESDAY_NINE, ends_at=None, *, decisions=None, by=practitioner, **more):
        return schedule.add_absence(
            practitioner_id=practitioner.pk,
            starts_at=starts_at,
            ends_at=ends_at or starts_at + HOUR,
            decisions=decisions or {},
            by=viewer(by),
            now=now,
            **more,
        )

    return call


@pytest.fixture
def set_date(practitioner, site, now):
    def call(windows, *, kind=WindowKind.REPLACE, decisions=None, by=practitioner):
        schedule.set_date_windows(
            practitioner_id=practitioner.pk,
            date=TUESDAY,
            kind=kind,
            windows=windows,
            decisions=decisions or {},
            by=viewer(by),
            now=now,
            site_id=site.pk,
        )

    return call


@pytest.fixture
def close(site, administrator, now):
    def call(starts_at=TUESDAY_NINE, ends_at=None, *, decisions=None, by=administrator):
        return schedule.close_site(
            site_id=site.pk,
            starts_at=starts_at,
            ends_at=ends_at or starts_at + HOUR,
            public_reason="Fire drill",
            decisions=decisions or {},
            by=viewer(by),
            now=now,
        )

    return call


@pytest.fixture
def free(practitioner, visit_type, now):
    """Return the free times of a day as staff see them, as hours and minutes in UTC."""

    def call(date=TUESDAY):
        lower = dt.datetime.combine(date, dt.time(), dt.UTC)
        span = {"lower": lower, "upper": lower + dt.timedelta(days=1), "now": now}
        loaded = reads.load(practitioner_ids=[practitioner.pk], **span)
        offered = reads.offered_visit(practitioner_id=practitioner.pk, visit_type_id=visit_type.pk)
        starts = reads.starts_between(
            loaded=loaded, offered=offered, modality=None, for_patient=False, **span
        )
        return [
            f"{dt.datetime.fromtimestamp(start.starts_at, dt.UTC):%H:%M}"
            for start in starts
            if start.refusal is None
        ]

    return call


def test_a_new_week_stands_from_its_date(publish, site, free):
    publish([window(site, ends=10)], valid_from=TUESDAY + dt.timedelta(days=7))

    assert len(free()) == 9
    assert free(TUESDAY + dt.timedelta(days=7)) == ["08:00", "08:20", "08:40"]
    assert free(TUESDAY + dt.timedelta(days=8)) == []


def test_what_stood_before_ends_the_day_before(publish, site, practitioner):
    publish([window(site)])

    old = WorkingHours.objects.filter(practitioner=practitioner, valid_from__lt=TUESDAY)
    assert set(old.values_list("valid_to", flat=True)) == {TUESDAY - dt.timedelta(days=1)}


def test_a_week_published_again_takes_the_place_of_the_first(publish, site, practitioner):
    publish([window(site)])
    publish([window(site, starts=10)])

    (row,) = WorkingHours.objects.filter(practitioner=practitioner, valid_from=TUESDAY)
    assert row.starts == dt.time(10)


def test_hours_that_ended_long_ago_are_left_alone(publish, site, practitioner):
    ended = dt.date(2025, 6, 30)
    WorkingHours.objects.filter(practitioner=practitioner, weekday=1).update(valid_to=ended)
    publish([window(site)])

    assert WorkingHours.objects.get(practitioner=practitioner, weekday=1).valid_to == ended


def test_a_week_raises_the_version_and_tells_who_did_it(
    publish, site, practitioner, django_capture_on_commit_callbacks
):
    """B8: bookings compare this version under the lock."""
    heard = []

    def hear(practitioner_id, **_):
        heard.append(practitioner_id)

    schedule_rules_changed.connect(hear)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            publish([window(site)])
    finally:
        schedule_rules_changed.disconnect(hear)

    assert Schedule.objects.get(practitioner=practitioner).version == 2
    event = AuditEvent.objects.get(action="schedule.week")
    assert (event.actor, event.object_id) == (practitioner.user_id, practitioner.pk)
    assert heard == [practitioner.pk]


def test_a_doctor_without_a_schedule_gets_one(publish, site, practitioner):
    Schedule.objects.all().delete()
    publish([window(site)])

    assert Schedule.objects.get(practitioner=practitioner).version == 1


@pytest.mark.parametrize(
    "windows",
    [((9, 12), (11, 14)), ((9, 12), (9, 12)), ((14, 10), (16, 18)), ((12, 12), (13, 14))],
)
def test_windows_of_one_day_do_not_overlap(publish, site, windows):
    with pytest.raises(schedule.WindowsOverlap) as refusal:
        publish([window(site, starts=starts, ends=ends) for starts, ends in windows])

    assert refusal.value.weekday == 2
    assert not WorkingHours.objects.filter(valid_from=TUESDAY).exists()


def test_windows_may_touch_and_run_past_midnight(publish, site, free):
    """T6: half-open; an end before the start is on the next day."""
    publish([window(site), window(site, starts=12, ends=13), window(site, starts=22, ends=1)])

    assert len(free()) == 9 + 3 + 9
    assert free(TUESDAY + dt.timedelta(days=1)) == []


def test_a_window_keeps_its_visit_type_and_ways_to_meet(publish, site, visit_type):
    publish([window(site, visit_type_id=visit_type.pk, modalities=("video",))])

    row = WorkingHours.objects.get(valid_from=TUESDAY)
    assert (row.visit_type_id, row.modalities) == (visit_type.pk, ["video"])


@pytest.mark.parametrize("who", ["patient", "receptionist", "other_practitioner"])
def test_only_the_doctor_and_the_administrator_edit_hours(publish, site, request, who):
    with pytest.raises(permissions.NotAllowed):
        publish([window(site)], by=request.getfixturevalue(who))


def test_an_administrator_edits_anybodys_hours(publish, site, administrator):
    publish([window(site)], by=administrator)

    assert WorkingHours.objects.filter(valid_from=TUESDAY).exists()


def test_hours_are_not_changed_over_a_visit_without_asking(publish, site, visit):
    """A9: refused with the list, and nothing of the change is kept."""
    with pytest.raises(schedule.VisitsStranded) as refusal:
        publish([window(site, starts=10)])

    assert [one.pk for one in refusal.value.appointments] == [visit.pk]


def test_every_stranded_visit_needs_its_own_decision(publish, site, visit, other_patient):
    second = AppointmentFactory(
        practitioner=visit.practitioner,
        patient=other_patient,
        starts_at=TUESDAY_NINE + dt.timedelta(minutes=20),
    )
    with pytest.raises(schedule.VisitsStranded) as refusal:
        publish([window(site, starts=10)], decisions={visit.pk: KEEP})
    assert len(refusal.value.appointments) == 2
    with pytest.raises(schedule.VisitsStranded):
        publish([window(site, starts=10)], decisions={visit.pk: KEEP, second.pk: "perhaps"})

    publish([window(site, starts=10)], decisions={visit.pk: KEEP, second.pk: CANCEL})

    visit.refresh_from_db()
    second.refresh_from_db()
    assert visit.status == AppointmentStatus.BOOKED
    assert second.status == AppointmentStatus.CANCELLED
    assert second.cancellation_reason == CancellationReason.PRACTITIONER_AWAY


def test_a_visit_that_was_kept_is_not_asked_about_again(publish, site, visit):
    publish([window(site, starts=10)], decisions={visit.pk: KEEP})

    publish([window(site, starts=10), window(site, weekday=4)])


def test_a_new_grid_strands_nobody(publish, site, visit):
    """Only time that is no longer open does; the visit stays where it is."""
    VisitType.objects.update(grid_minutes=50)

    publish([window(site), window(site, weekday=3)])


def test_visits_gone_by_are_nobodys_question(publish, site, practitioner, visit):
    visit.starts_at = visit.claim_starts_at = TUESDAY_NINE - dt.timedelta(days=7)
    visit.ends_at = visit.claim_ends_at = visit.starts_at + dt.timedelta(minutes=20)
    visit.save()

    publish([], valid_from=TUESDAY - dt.timedelta(days=30))

    assert not WorkingHours.objects.filter(practitioner=practitioner, valid_to=None).exists()


def test_an_absence_takes_its_time_away(be_away, free):
    absence = be_away(public_reason="On leave")

    assert free()[0] == "09:00"
    assert absence.public_reason == "On leave"
    assert AuditEvent.objects.get(action="schedule.absence").object_id == absence.pk


def test_an_absence_over_a_visit_is_refused_until_it_is_decided(be_away, visit):
    """A10."""
    with pytest.raises(schedule.VisitsStranded):
        be_away()

    be_away(decisions={visit.pk: CANCEL})

    visit.refresh_from_db()
    assert visit.status == AppointmentStatus.CANCELLED


def test_an_absence_for_one_visit_type_blocks_only_that(be_away, visit, free):
    """A2."""
    other = VisitTypeFactory(slug="surgery", name="Surgery")

    be_away(visit_type_id=other.pk)
    assert free() == [f"{8 + n // 3:02}:{n % 3 * 20:02}" for n in range(1, 9)]
    with pytest.raises(schedule.VisitsStranded):
        be_away(visit_type_id=visit.visit_type_id)


def test_an_absence_ends_after_it_begins(be_away, visit_type):
    with pytest.raises(IntegrityError):
        be_away(ends_at=TUESDAY_NINE)


def test_only_the_doctor_and_the_administrator_note_absences(be_away, visit_type, receptionist):
    with pytest.raises(permissions.NotAllowed):
        be_away(by=receptionist)


def remove_absence(absence_id, by, now):
    return schedule.remove_absence(absence_id=absence_id, by=viewer(by), now=now)


def test_taking_an_absence_back_gives_the_time_back(be_away, free, practitioner, now):
    absence = be_away()

    assert remove_absence(absence.pk, practitioner, now) == practitioner.pk

    assert free()[0] == "08:00"
    assert not Absence.objects.exists()


def test_nobody_takes_back_the_absence_of_another(practitioner, other_practitioner, now):
    absence = AbsenceFactory(practitioner=practitioner)

    with pytest.raises(permissions.NotAllowed):
        remove_absence(absence.pk, other_practitioner, now)
    with pytest.raises(permissions.NotAllowed):
        remove_absence(practitioner.pk, practitioner, now)


def test_a_date_has_its_own_hours(set_date, site, free):
    """A1: instead of the weekly ones, for that date only."""
    set_date([window(site, starts=14, ends=15)])

    assert free() == ["13:00", "13:20", "13:40"]
    assert len(free(TUESDAY + dt.timedelta(days=7))) == 9


def test_extra_hours_add_to_the_weekly_ones(set_date, site, free):
    set_date([window(site, starts=14, ends=15)], kind=WindowKind.EXTRA)

    assert len(free()) == 12


def test_replacing_without_windows_closes_the_date(set_date, free):
    set_date([])

    assert free() == []
    assert DateWindow.objects.get().starts is None


def test_no_extra_hours_are_no_row(set_date, visit_type):
    set_date([], kind=WindowKind.EXTRA)

    assert not DateWindow.objects.exists()


def test_a_date_set_again_takes_the_place_of_the_first(set_date, site, free):
    set_date([])
    set_date([window(site, starts=14, ends=15)])

    assert free() == ["13:00", "13:20", "13:40"]


def test_closing_a_date_over_a_visit_needs_a_decision(set_date, visit):
    """A9."""
    with pytest.raises(schedule.VisitsStranded):
        set_date([])

    set_date([], decisions={visit.pk: KEEP})


def test_hours_of_a_date_do_not_overlap_and_belong_to_the_doctor(
    set_date, site, other_practitioner
):
    with pytest.raises(schedule.WindowsOverlap):
        set_date([window(site), window(site, starts=11, ends=13)])
    with pytest.raises(permissions.NotAllowed):
        set_date([window(site)], by=other_practitioner)


@pytest.fixture
def remove_date(practitioner, now):
    def call(kind=WindowKind.REPLACE, *, decisions=None, by=practitioner):
        schedule.remove_date_windows(
            practitioner_id=practitioner.pk,
            date=TUESDAY,
            kind=kind,
            decisions=decisions or {},
            by=viewer(by),
            now=now,
        )

    return call


def test_the_weekly_hours_stand_again(set_date, remove_date, free):
    set_date([])
    remove_date()

    assert len(free()) == 9


def test_taking_extra_hours_back_asks_about_their_visits(
    set_date, remove_date, site, patient, practitioner, visit_type, other_practitioner
):
    """A9."""
    set_date([window(site, starts=14, ends=15)], kind=WindowKind.EXTRA)
    AppointmentFactory(
        practitioner=practitioner,
        patient=patient,
        visit_type=visit_type,
        starts_at=TUESDAY_NINE + 5 * HOUR,
    )

    with pytest.raises(schedule.VisitsStranded):
        remove_date(WindowKind.EXTRA)
    with pytest.raises(permissions.NotAllowed):
        remove_date(WindowKind.EXTRA, by=other_practitioner)


def test_a_closure_takes_the_time_of_everybody_at_the_site(
    close, free, other_practitioner, visit_type
):
    """A1: the strongest layer, over absences and extra hours."""
    open_practice(other_practitioner, visit_type=visit_type)
    closure = close()

    assert free()[0] == "09:00"
    assert closure.public_reason == "Fire drill"
    assert set(Schedule.objects.values_list("version", flat=True)) == {2}
    assert AuditEvent.objects.get(action="schedule.closure").object_id == closure.pk


def test_a_closure_lists_the_visits_of_every_doctor_there(
    close, visit, other_practitioner, other_patient, visit_type
):
    """A9."""
    open_practice(other_practitioner, visit_type=visit_type)
    elsewhere = SiteFactory(slug="hill", name="Hill")
    theirs = AppointmentFactory(practitioner=other_practitioner, patient=other_patient)
    WorkingHours.objects.filter(practitioner=other_practitioner, weekday=5).update(site=elsewhere)

    with pytest.raises(schedule.VisitsStranded) as refusal:
        close()
    assert {one.pk for one in refusal.value.appointments} == {visit.pk, theirs.pk}

    close(decisions={visit.pk: CANCEL, theirs.pk: KEEP})
    assert Closure.objects.exists()


def test_only_an_administrator_closes_a_site(close, practitioner, receptionist):
    for person in (practitioner, receptionist):
        with pytest.raises(permissions.NotAllowed):
            close(by=person)


def test_reopening_gives_the_time_back(close, free, administrator, practitioner, now):
    closure = close()

    def reopen(closure_id, by):
        schedule.reopen_site(closure_id=closure_id, by=viewer(by), now=now)

    with pytest.raises(permissions.NotAllowed):
        reopen(closure.pk, practitioner)
    reopen(closure.pk, administrator)

    assert free()[0] == "08:00"
    with pytest.raises(permissions.NotAllowed):
        reopen(closure.pk, administrator)


def test_a_preview_lists_and_changes_nothing(visit, practitioner, site, now):
    """A9: the page shows what a change would strand before anything is saved."""
    arguments = {
        "practitioner_id": practitioner.pk,
        "windows": [],
        "valid_from": TUESDAY,
        "by": viewer(practitioner),
        "now": now,
    }

    (stranded,) = schedule.preview(schedule.publish_week, **arguments)

    assert stranded.pk == visit.pk
    assert WorkingHours.objects.filter(valid_to=None).count() == 5
    assert Schedule.objects.get(practitioner=practitioner).version == 1
    assert not AuditEvent.objects.exists()


def test_a_preview_of_a_change_that_strands_nobody_is_empty(practitioner, visit_type, site, now):
    found = schedule.preview(
        schedule.publish_week,
        practitioner_id=practitioner.pk,
        windows=[],
        valid_from=TUESDAY,
        by=viewer(practitioner),
        now=now,
    )

    assert list(found) == []
    assert WorkingHours.objects.filter(valid_to=None).count() == 5


def test_a_closing_covers_whole_days_of_the_site(site):
    """T2, T7: the day of 29 March has 23 hours in Berlin."""
    first, last = dt.date(2026, 3, 28), dt.date(2026, 3, 29)

    starts_at, ends_at = schedule.closing_span(site=site, first=first, last=last)

    assert starts_at == dt.datetime(2026, 3, 27, 23, tzinfo=dt.UTC)
    assert ends_at == dt.datetime(2026, 3, 29, 22, tzinfo=dt.UTC)


def test_a_cancelled_visit_is_stranded_no_more(be_away, visit, practitioner, now):
    appointments.cancel_appointment(
        appointment_id=visit.pk,
        by=viewer(practitioner),
        reason=CancellationReason.CLINIC,
        now=now,
    )

    assert be_away()
