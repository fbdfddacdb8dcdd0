"""Opening a visit leaves a trace."""

import pytest

from clinic.audit.models import AuditEvent
from clinic.scheduling import permissions
from clinic.scheduling.services import reading
from tests.factories.people import viewer
from tests.factories.scheduling import AppointmentFactory


@pytest.fixture
def visit(practitioner, patient):
    return AppointmentFactory(practitioner=practitioner, patient=patient)


def test_opening_a_visit_writes_who_read_about_whom(visit, practitioner, now):
    opened = reading.open_visit(appointment_id=visit.pk, by=viewer(practitioner), now=now)

    assert opened.pk == visit.pk
    event = AuditEvent.objects.get(action="appointment.opened")
    assert (event.actor, event.patient) == (practitioner.user_id, visit.patient_id)
    assert event.object_id == visit.pk


def test_what_is_refused_leaves_no_trace_of_a_reading(visit, outsider, now):
    with pytest.raises(permissions.NotAllowed):
        reading.open_visit(appointment_id=visit.pk, by=viewer(outsider), now=now)

    assert not AuditEvent.objects.exists()
