"""The slot grid and the day strip: what they show, their versions, and when they look again."""

import datetime as dt

import pytest

from clinic.scheduling.choices import Modality
from clinic.scheduling.fragments import slots
from clinic.scheduling.selectors.availability import NotOffered
from clinic.scheduling.selectors.versions import DaySpan, day_versions, span_versions
from clinic.scheduling.services import days
from tests.factories.scheduling import AppointmentFactory, open_practice

MONDAY = dt.date(2026, 3, 2)
TUESDAY = dt.date(2026, 3, 3)
NINE_TWENTY = dt.datetime(2026, 3, 3, 8, 20, tzinfo=dt.UTC)


def grid(practitioner, visit_type, now, date=TUESDAY, **options):
    return slots.slot_grid(
        practitioner_id=practitioner.pk,
        date=date,
        visit_type_id=visit_type.pk,
        modality=Modality.IN_PERSON,
        now=now,
        **options,
    )


def strip(practitioner, visit_type, now):
    return slots.day_strip(
        practitioner_id=practitioner.pk,
        visit_type_id=visit_type.pk,
        modality=Modality.IN_PERSON,
        first=MONDAY,
        now=now,
    )


def test_slot_grid_shows_a_hold_as_being_booked_and_a_visit_as_taken(practitioner, now):
    """H4"""
    visit_type = open_practice(practitioner)
    AppointmentFactory(practitioner=practitioner, visit_type=visit_type)
    AppointmentFactory(
        practitioner=practitioner, visit_type=visit_type, starts_at=NINE_TWENTY, hold=True
    )

    found = list(grid(practitioner, visit_type, now).pieces.values())

    assert len(found) == 9
    assert 'data-state="taken"' in found[0] and "Taken" in found[0]
    assert 'data-state="held"' in found[1] and "Being booked" in found[1]
    assert 'data-state="free"' in found[2] and "aria-disabled" not in found[2]


def test_slot_grid_container_holds_its_pieces_unchanged(practitioner, now):
    visit_type = open_practice(practitioner)

    fragment = grid(practitioner, visit_type, now)

    assert fragment.container is not None
    html = fragment.container()
    assert html.startswith(f'<div class="stack stack--lg" id="{fragment.container_id}"')
    assert all(piece in html for piece in fragment.pieces.values())


def test_slot_grid_carries_no_token_and_nothing_of_a_viewer(practitioner, patient, now):
    visit_type = open_practice(practitioner)
    AppointmentFactory(practitioner=practitioner, visit_type=visit_type, patient=patient)

    html = "".join(grid(practitioner, visit_type, now).pieces.values())

    assert "csrf" not in html and "data-fresh" not in html
    assert patient.pk.hex not in html and "yours" not in html and "mine" not in html


def test_slot_grid_looks_again_when_a_hold_ends(practitioner, now):
    """H2"""
    visit_type = open_practice(practitioner)
    hold = AppointmentFactory(
        practitioner=practitioner, visit_type=visit_type, starts_at=NINE_TWENTY, hold=True
    )

    assert grid(practitioner, visit_type, now).wakes_at == hold.released_at
    later = hold.released_at
    assert 'data-state="held"' not in "".join(grid(practitioner, visit_type, later).pieces.values())


def test_slot_grid_looks_again_when_a_start_comes_too_near(practitioner, now):
    """A6: the first start shown is 11:20 at 10:05 with an hour of notice."""
    visit_type = open_practice(practitioner)
    present = now + dt.timedelta(minutes=5)

    fragment = grid(practitioner, visit_type, present, date=MONDAY)

    limit = dt.datetime(2026, 3, 2, 9, 20, 1, tzinfo=dt.UTC)
    assert fragment.wakes_at == limit
    assert len(grid(practitioner, visit_type, limit, date=MONDAY).pieces) == (
        len(fragment.pieces) - 1
    )


def test_slot_grid_for_the_desk_has_no_notice(practitioner, now):
    visit_type = open_practice(practitioner)

    patients = grid(practitioner, visit_type, now, date=MONDAY)
    desk = grid(practitioner, visit_type, now, date=MONDAY, for_patient=False)

    assert len(desk.pieces) > len(patients.pieces)
    assert desk.wakes_at == dt.datetime(2026, 3, 2, 9, 0, 1, tzinfo=dt.UTC)


def test_versions_rise_with_the_day_and_with_the_rules(practitioner, now):
    visit_type = open_practice(practitioner)
    before = grid(practitioner, visit_type, now).version
    strip_before = strip(practitioner, visit_type, now).version

    days.bump_days([(practitioner.pk, TUESDAY)])
    days.bump_days([(practitioner.pk, MONDAY)])

    assert grid(practitioner, visit_type, now).version == before + 1
    assert strip(practitioner, visit_type, now).version == strip_before + 2
    days.bump_rules([practitioner.pk])
    assert grid(practitioner, visit_type, now).version == before + 2


def test_versions_of_many_are_those_of_the_fragments(practitioner, now, django_assert_num_queries):
    visit_type = open_practice(practitioner)
    days.bump_days([(practitioner.pk, TUESDAY), (practitioner.pk, dt.date(2026, 3, 15))])
    two_weeks = DaySpan(practitioner.pk, MONDAY, MONDAY + dt.timedelta(days=13))

    with django_assert_num_queries(2):
        found = day_versions([(practitioner.pk, TUESDAY), (practitioner.pk, MONDAY)])
        spans = span_versions([two_weeks, DaySpan(practitioner.pk)])

    assert found[practitioner.pk, TUESDAY] == grid(practitioner, visit_type, now).version
    assert spans[two_weeks] == strip(practitioner, visit_type, now).version
    assert spans[DaySpan(practitioner.pk)] == spans[two_weeks]
    assert span_versions([]) == {}


def test_day_strip_counts_what_is_free_and_says_why_nothing_is(practitioner, now):
    visit_type = open_practice(practitioner)
    for number in range(9):
        AppointmentFactory(
            practitioner=practitioner,
            visit_type=visit_type,
            starts_at=dt.datetime(2026, 3, 3, 8, 0, tzinfo=dt.UTC)
            + dt.timedelta(minutes=20 * number),
        )

    found = strip(practitioner, visit_type, now).pieces

    assert 'data-day="Full"' in found["day-20260303"] and 'data-free="0"' in found["day-20260303"]
    assert 'data-day="9 free"' in found["day-20260304"]
    assert 'data-day="Closed"' in found["day-20260307"]
    assert len(found) == 14


def test_day_strip_says_what_cannot_be_booked_yet(practitioner, now):
    visit_type = open_practice(practitioner)
    visit_type.horizon_days = 3
    visit_type.save()

    assert 'data-day="Later"' in strip(practitioner, visit_type, now).pieces["day-20260306"]


def test_day_strip_looks_again_when_a_hold_ends(practitioner, now):
    visit_type = open_practice(practitioner)
    hold = AppointmentFactory(practitioner=practitioner, visit_type=visit_type, hold=True)

    assert strip(practitioner, visit_type, now).wakes_at == hold.released_at


def test_fragments_of_what_is_not_offered_do_not_exist(practitioner, visit_type_of_nobody, now):
    with pytest.raises(NotOffered):
        grid(practitioner, visit_type_of_nobody, now)


@pytest.fixture
def visit_type_of_nobody(db):
    from tests.factories.scheduling import VisitTypeFactory

    return VisitTypeFactory(name="Other", slug="other")
