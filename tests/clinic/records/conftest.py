"""Who has to do with Amara's record, and how tests reach it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from clinic.audit.models import AuditEvent
from clinic.people.models import Patient, Practitioner
from clinic.people.viewer import Viewer
from clinic.records.permissions import RecordAccess, check_may_open
from tests.factories.people import viewer
from tests.factories.scheduling import AppointmentFactory, SiteFactory


@pytest.fixture
def doctor(patient: Patient, practitioner: Practitioner) -> Viewer:
    """Ines, who has a visit with Amara."""
    AppointmentFactory(patient=patient, practitioner=practitioner)
    return viewer(practitioner)


@pytest.fixture
def own(patient: Patient) -> Viewer:
    """Amara herself."""
    return viewer(patient)


@pytest.fixture
def opened(patient: Patient, doctor: Viewer, now: dt.datetime) -> RecordAccess:
    """Amara's record as Ines opens it."""
    return check_may_open(viewer=doctor, patient_id=patient.pk, now=now)


@pytest.fixture
def trail() -> Callable[[], list[str]]:
    """Return the actions in the audit trail, in their order."""
    return lambda: list(AuditEvent.objects.order_by("at", "pk").values_list("action", flat=True))


@pytest.fixture
def berlin(db: None) -> None:
    """The clinic's clock, for tests without a visit."""
    SiteFactory()
