"""Who may do what to which appointment or schedule: every role against every relation."""

import uuid

import pytest

from clinic.people.viewer import SYSTEM, VISITOR
from clinic.scheduling import permissions
from clinic.scheduling.models import Appointment
from tests.factories.people import viewer
from tests.factories.scheduling import AppointmentFactory

PEOPLE = (
    "patient",
    "outsider",
    "practitioner",
    "other_practitioner",
    "receptionist",
    "administrator",
)


@pytest.fixture
def visit(practitioner, patient):
    return AppointmentFactory(practitioner=practitioner, patient=patient)


@pytest.fixture
def who(request):
    def find(name):
        if name == "system":
            return SYSTEM
        return VISITOR if name == "visitor" else viewer(request.getfixturevalue(name))

    return find


ALL = (*PEOPLE, "visitor", "system")
BOARD = {"practitioner", "receptionist", "administrator", "system"}


@pytest.mark.parametrize("name", ALL)
def test_who_sees_a_visit(visit, who, name):
    seen = Appointment.objects.filter(permissions.visible_appointments(who(name)))

    assert seen.exists() is (name in BOARD | {"patient"})


@pytest.mark.parametrize("name", ALL)
def test_who_watches_a_board(practitioner, who, name):
    may = name in BOARD

    assert permissions.can_view_board(who(name), practitioner.pk) is may
    assert permissions.acts_as_staff_for(who(name), practitioner.pk) is may
    if may:
        permissions.check_is_staff_for(who(name), practitioner.pk)
    else:
        with pytest.raises(permissions.NotAllowed):
            permissions.check_is_staff_for(who(name), practitioner.pk)


@pytest.mark.parametrize("name", ALL)
def test_who_edits_hours(practitioner, who, name):
    may = name in {"practitioner", "administrator", "system"}

    assert permissions.can_edit_schedule(who(name), practitioner.pk) is may
    if not may:
        with pytest.raises(permissions.NotAllowed):
            permissions.check_can_edit_schedule(who(name), practitioner.pk)
    else:
        permissions.check_can_edit_schedule(who(name), practitioner.pk)


@pytest.mark.parametrize("name", ALL)
def test_who_closes_a_site(db, who, name):
    may = name in {"administrator", "system"}

    assert permissions.can_close_site(who(name)) is may
    if not may:
        with pytest.raises(permissions.NotAllowed):
            permissions.check_can_close_site(who(name))
    else:
        permissions.check_can_close_site(who(name))


@pytest.mark.parametrize("name", ALL)
def test_who_books_for_whom(patient, practitioner, who, name):
    may = name in BOARD | {"patient"}

    assert permissions.can_book_for(who(name), patient.pk, practitioner.pk) is may
    if not may:
        with pytest.raises(permissions.NotAllowed):
            permissions.check_can_book_for(who(name), patient.pk, practitioner.pk)
    else:
        permissions.check_can_book_for(who(name), patient.pk, practitioner.pk)


@pytest.mark.parametrize("name", ALL)
def test_who_changes_a_visit_and_as_what(visit, who, name):
    if name in BOARD:
        assert permissions.check_may_change(who(name), visit) is True
    elif name == "patient":
        assert permissions.check_may_change(who(name), visit) is False
    else:
        with pytest.raises(permissions.NotAllowed):
            permissions.check_may_change(who(name), visit)


def test_a_doctors_record_without_the_role_is_no_key(practitioner, visit):
    """Waiting for approval: the record exists, the role does not."""
    waiting = viewer(practitioner)
    without_role = type(waiting)(
        user_id=waiting.user_id, practitioner_id=waiting.practitioner_id, roles=frozenset()
    )

    assert not permissions.can_view_board(without_role, practitioner.pk)
    assert not Appointment.objects.filter(permissions.visible_appointments(without_role)).exists()


def test_nobody_owns_a_visitors_hold(visit):
    visit.patient_id = None

    assert not permissions.is_own(VISITOR, visit)
    assert not permissions.can_book_for(VISITOR, uuid.uuid4(), uuid.uuid4())
