"""A carer books, moves and cancels for another, as far as the grant reaches."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db.models import Q

from clinic.people.choices import ProxyScope
from clinic.people.viewer import Viewer
from clinic.scheduling import permissions
from clinic.scheduling.models import Appointment
from clinic.scheduling.selectors import visits as reads
from clinic.scheduling.services import holds
from tests.factories.people import ProxyGrantFactory, acting_for, viewer
from tests.factories.scheduling import AppointmentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def grant(patient, outsider):
    """Bela acts for Amara, visits included."""
    return ProxyGrantFactory(patient=patient, user=outsider.user)


@pytest.fixture
def carer(grant, now: dt.datetime) -> Viewer:
    return acting_for(grant, now=now)


@pytest.fixture
def reader(patient, other_patient, now: dt.datetime) -> Viewer:
    """Jonas may read Amara's record and do nothing about her visits."""
    grant = ProxyGrantFactory(
        patient=patient, user=other_patient.user, scopes=[ProxyScope.RECORD_READ]
    )
    return acting_for(grant, now=now)


@pytest.fixture
def visit(patient, practitioner) -> Appointment:
    return AppointmentFactory(patient=patient, practitioner=practitioner)


def test_carer_stands_where_the_patient_stands(carer, patient, visit, practitioner) -> None:
    assert permissions.patient_of(carer) == patient.pk
    assert permissions.can_book_for(carer, patient.pk, practitioner.pk)
    assert permissions.check_may_change(carer, visit) is False
    assert permissions.check_has_visits(carer) == patient.pk
    assert Appointment.objects.filter(permissions.visible_appointments(carer)).get() == visit


def test_carer_does_not_book_for_themself_meanwhile(carer, outsider, practitioner) -> None:
    assert not permissions.can_book_for(carer, outsider.pk, practitioner.pk)


def test_carer_without_visits_has_none(reader, patient, visit, practitioner) -> None:
    assert permissions.patient_of(reader) is None
    assert not permissions.can_book_for(reader, patient.pk, practitioner.pk)
    assert permissions.visible_appointments(reader) == Q(pk__in=[])
    with pytest.raises(permissions.NotAllowed):
        permissions.check_may_change(reader, visit)
    with pytest.raises(permissions.NotAllowed):
        permissions.check_has_visits(reader)


def test_reads_follow_whom_one_acts_for(carer, reader, outsider, visit, practitioner, now) -> None:
    own = AppointmentFactory(
        patient=outsider,
        practitioner=practitioner,
        starts_at=visit.starts_at + dt.timedelta(hours=1),
    )

    assert reads.visit_for(viewer=carer, appointment_id=visit.pk) == visit
    assert reads.visit_for(viewer=carer, appointment_id=own.pk) is None
    assert reads.visit_for(viewer=reader, appointment_id=visit.pk) is None
    state = reads.holder_state(viewer=carer, hold_token=None, now=now)
    assert list(state.visits) == [visit]
    assert reads.holder_state(viewer=reader, hold_token=None, now=now).visits == []
    page = reads.visits_of_patient(viewer=carer, tab=reads.Tab.UPCOMING, page=1, now=now)
    assert list(page.visits) == [visit]
    with pytest.raises(permissions.NotAllowed):
        reads.visits_of_patient(viewer=reader, tab=reads.Tab.UPCOMING, page=1, now=now)


def test_time_in_the_way_is_the_patients(carer, reader, visit) -> None:
    span = {"starts_at": visit.starts_at, "ends_at": visit.ends_at}

    assert reads.visit_at(viewer=carer, **span) == visit
    assert reads.visit_at(viewer=reader, **span) is None


def test_pages_of_a_carer_carry_no_topic_of_their_own_account(
    grant, outsider, visit, sign_in, clock
) -> None:
    browser = sign_in(outsider)
    browser.post(f"/acting/{grant.pk}/")

    page = browser.get("/visits/").content.decode()

    assert visit.practitioner.full_name in page
    assert "hx-ws:connect" not in page


def test_hold_while_acting_is_the_patients(grant, outsider, patient, visit, sign_in, clock) -> None:
    browser = sign_in(outsider)
    browser.post(f"/acting/{grant.pk}/")
    AppointmentFactory(
        patient=patient,
        practitioner=visit.practitioner,
        hold=True,
        claimed_at=clock.now,
        starts_at=visit.starts_at + dt.timedelta(hours=1),
    )

    browser.post("/hold/release/")

    assert not holds.holds_of(holds.Holder(patient_id=patient.pk)).claiming(clock.now).exists()


def test_carer_without_visits_is_told_that_nothing_can_be_held(
    reader, other_patient, practitioner, visit, sign_in, clock
) -> None:
    browser = sign_in(other_patient)
    browser.post(f"/acting/{reader.proxy.grant_id}/")
    sent = {
        "type": visit.visit_type_id.hex,
        "how": "i",
        "start": str(int(visit.starts_at.timestamp()) + 1200),
    }

    assert browser.post(f"/doctors/{practitioner.pk}/hold/", sent).status_code == 422
    assert browser.get("/visits/").status_code == 404
    assert viewer(other_patient).patient_id == other_patient.pk
