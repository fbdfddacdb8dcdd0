"""The slot grid and the day strip: what they show, and that a page and a push are the same."""

import datetime as dt

from clinic.scheduling.choices import Modality
from clinic.scheduling.fragments import slots
from tests.factories.scheduling import AppointmentFactory, open_practice

TUESDAY = dt.date(2026, 3, 3)


def grid(practitioner, visit_type, now, date=TUESDAY):
    return slots.slot_grid(
        practitioner_id=practitioner.pk,
        date=date,
        visit_type_id=visit_type.pk,
        modality=Modality.IN_PERSON,
        now=now,
    )


def test_slot_grid_shows_a_hold_as_being_booked_and_a_visit_as_taken(practitioner, now):
    visit_type = open_practice(practitioner)
    AppointmentFactory(practitioner=practitioner, visit_type=visit_type)
    nine_twenty = dt.datetime(2026, 3, 3, 8, 20, tzinfo=dt.UTC)
    AppointmentFactory(
        practitioner=practitioner, visit_type=visit_type, starts_at=nine_twenty, hold=True
    )

    found = list(grid(practitioner, visit_type, now).pieces.values())

    assert len(found) == 9
    assert 'data-state="taken"' in found[0] and "Taken" in found[0]
    assert 'data-state="held"' in found[1] and "Being booked" in found[1]
    assert 'data-state="free"' in found[2] and "aria-disabled" not in found[2]
