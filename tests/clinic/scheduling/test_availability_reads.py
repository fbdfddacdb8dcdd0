"""What the selector hands to the engine: rooms shared by doctors who are read together (A5)."""

import datetime as dt

import pytest

from clinic.people.models import Practitioner
from clinic.scheduling import availability
from clinic.scheduling.availability import Refusal
from clinic.scheduling.selectors import availability as reads
from tests.factories.scheduling import AppointmentFactory, RoomFactory, open_practice

pytestmark = pytest.mark.django_db

# A Tuesday in Berlin; the booked visit of the factory is at nine.
LOWER = dt.datetime(2026, 3, 2, 23, 0, tzinfo=dt.UTC)
UPPER = LOWER + dt.timedelta(days=1)
NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


def first_refusal(reader: list[Practitioner], asked: Practitioner) -> Refusal | None:
    """Return the verdict on nine o'clock when these practitioners are read in one go."""
    ids = [practitioner.pk for practitioner in reader]
    loaded = reads.load(practitioner_ids=ids, lower=LOWER, upper=UPPER, now=NOW)
    (offered,) = reads.offered_visits(practitioner_ids=[asked.pk])
    starts = reads.starts_between(
        loaded=loaded,
        offered=offered,
        lower=LOWER,
        upper=UPPER,
        modality=None,
        for_patient=False,
        now=NOW,
    )
    return starts[0].refusal


def test_room_of_a_colleague_is_taken_however_many_are_read(
    practitioner: Practitioner, other_practitioner: Practitioner
) -> None:
    """A5: alone or together with the colleague, the answer is the same (Inv-A9)."""
    room = RoomFactory()
    visit_type = open_practice(practitioner, site=room.site, room=room)
    open_practice(other_practitioner, site=room.site, visit_type=visit_type, room=room)
    AppointmentFactory(practitioner=practitioner, site=room.site, room=room, visit_type=visit_type)

    both = [practitioner, other_practitioner]

    assert first_refusal([other_practitioner], other_practitioner) == Refusal.RESOURCE
    assert first_refusal(both, other_practitioner) == Refusal.RESOURCE
    assert first_refusal(both, practitioner) == Refusal.TAKEN


def test_visit_that_moves_frees_its_own_room(practitioner: Practitioner) -> None:
    """C7, P3: the room of the visit being moved is ignored with it."""
    room = RoomFactory()
    visit_type = open_practice(practitioner, site=room.site, room=room)
    visit = AppointmentFactory(
        practitioner=practitioner, site=room.site, room=room, visit_type=visit_type
    )
    loaded = reads.load(practitioner_ids=[practitioner.pk], lower=LOWER, upper=UPPER, now=NOW)
    (offered,) = reads.offered_visits(practitioner_ids=[practitioner.pk])
    case = reads.case_for(
        loaded=loaded,
        offered=offered,
        site_id=room.site_id,
        modality=None,
        for_patient=False,
        now=NOW,
        ignore_appointment_id=visit.pk,
    )

    start = availability.check_start(starts_at=int(visit.starts_at.timestamp()), **case)

    assert start.refusal is None
