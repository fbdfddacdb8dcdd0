"""What is one person's own, as every page of theirs shows it."""

import datetime as dt

from clinic.scheduling.choices import AppointmentStatus
from clinic.scheduling.fragments import mine
from clinic.scheduling.models import AppointmentStatusChange
from clinic.scheduling.presenters.slots import slot_id
from clinic.scheduling.presenters.visits import late_text, reference
from tests.factories.people import PatientFactory
from tests.factories.scheduling import AppointmentFactory

NINE = dt.datetime(2026, 3, 3, 8, 0, tzinfo=dt.UTC)


def state(patient, now):
    return mine.holder_state(user_id=patient.user_id, now=now)


def test_holder_state_lists_holds_and_visits_of_this_person_only(patient, other_patient, now):
    visit = AppointmentFactory(patient=patient)
    AppointmentFactory(patient=other_patient, starts_at=NINE + dt.timedelta(days=1))

    pieces = state(patient, now).pieces

    assert pieces["mine"].count("data-mine-for") == 1
    assert slot_id(visit.practitioner_id, NINE) in pieces["mine"]
    assert pieces["hold"] == '<section class="hold" id="hold" hidden></section>'
    assert "no longer held" in pieces["hold-line"]


def test_holder_state_has_the_hold_until_it_ends(patient, now):
    hold = AppointmentFactory(patient=patient, hold=True)

    fragment = state(patient, now)

    assert fragment.wakes_at == hold.released_at
    assert 'data-state="yours"' in fragment.pieces["mine"]
    assert "held for you until 10:05" in fragment.pieces["hold"]
    assert "Tue 3 Mar, 09:00" in fragment.pieces["hold"]
    assert "hidden></section>" in state(patient, hold.released_at).pieces["hold"]


def test_holder_state_of_a_visitor_goes_by_the_token(now, db):
    import uuid

    token = uuid.uuid4()
    AppointmentFactory(patient=None, hold_token=token, hold=True)

    assert "data-deadline" in mine.holder_state(hold_token=token, now=now).pieces["hold"]
    other = mine.holder_state(hold_token=uuid.uuid4(), now=now)
    assert "data-deadline" not in other.pieces["hold"]


def test_next_visit_is_the_first_that_is_not_over(patient, now):
    AppointmentFactory(patient=patient, starts_at=NINE + dt.timedelta(days=9))
    AppointmentFactory(patient=patient, starts_at=NINE + dt.timedelta(days=3))
    AppointmentFactory(patient=patient, starts_at=NINE - dt.timedelta(days=3))

    pieces = state(patient, now).pieces

    assert "in 4 days" in pieces["next-visit"]
    assert "Thursday 12 March, 09:00" in pieces["more-visits"]
    assert "Move" in pieces["next-visit"] and "Directions" in pieces["next-visit"]


def test_next_visit_is_a_good_empty_without_one(patient, now):
    pieces = state(patient, now).pieces

    assert "No visits planned" in pieces["next-visit"]
    assert pieces["more-visits"] == '<div id="more-visits"></div>'


def test_next_visit_tells_that_the_doctor_runs_late(patient, practitioner, now):
    """In steps of five minutes, and without a word about the patient in the room."""
    before = PatientFactory(given_name="Somebody")
    in_room = AppointmentFactory(
        practitioner=practitioner, patient=before, status=AppointmentStatus.CHECKED_IN
    )
    AppointmentStatusChange.objects.create(
        appointment=in_room,
        at=NINE + dt.timedelta(minutes=18),
        from_status=AppointmentStatus.ARRIVED,
        to_status=AppointmentStatus.CHECKED_IN,
    )
    AppointmentFactory(
        practitioner=practitioner, patient=patient, starts_at=NINE + dt.timedelta(minutes=20)
    )

    html = state(patient, NINE + dt.timedelta(minutes=19)).pieces["next-visit"]

    assert "Dr Llorente runs about 20 minutes late" in html
    assert "Somebody" not in html


def test_late_text_is_rounded_and_not_for_a_few_minutes():
    assert late_text("Dr Llorente", 9) == ""
    assert late_text("Dr Llorente", 13) == "Dr Llorente runs about 15 minutes late"


def test_reference_is_short_and_has_no_letters_that_sound_alike(patient, now):
    visit = AppointmentFactory(patient=patient)

    code = reference(visit.pk)

    assert len(code) == 10 and code == reference(visit.pk)
    assert not set(code) & set("AEIOU01")
