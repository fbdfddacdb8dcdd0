"""A doctor's own patients: who is there, who is not, and that no record is opened by looking."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from clinic.audit.models import AuditEvent
from clinic.scheduling.choices import AppointmentStatus
from tests.factories.people import PatientFactory
from tests.factories.scheduling import AppointmentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(sign_in, practitioner, clock):
    client = sign_in(practitioner)
    return lambda **query: client.get(reverse("records:patient_list"), query).content.decode()


def visit(practitioner, now, *, days, **more):
    patient = more.pop("patient", None) or PatientFactory()
    starts_at = now + dt.timedelta(days=days)
    return AppointmentFactory(
        practitioner=practitioner, patient=patient, starts_at=starts_at, **more
    ).patient


def test_who_comes_next_stands_first(page, practitioner, now):
    names = [visit(practitioner, now, days=days).full_name for days in (-30, 9, 2, -3)]

    html = page()

    order = sorted(names, key=html.index)
    assert order == [names[2], names[1], names[3], names[0]]


def test_only_patients_with_a_care_relationship_stand_there(page, practitioner, now):
    too_late = visit(practitioner, now, days=15)
    long_ago = visit(practitioner, now, days=-366)
    cancelled = visit(
        practitioner,
        now,
        days=3,
        status=AppointmentStatus.CANCELLED,
        released_at=now,
        claimed_at=now,
    )
    another = AppointmentFactory(patient=PatientFactory()).patient

    html = page()

    for patient in (too_late, long_ago, cancelled, another):
        assert patient.record_number not in html
    assert "No patients yet" in html


def test_search_finds_by_the_beginning_of_names_and_by_number(page, practitioner, now):
    wanted = visit(
        practitioner, now, days=2, patient=PatientFactory(given_name="Oriane", family_name="Baek")
    )
    other = visit(practitioner, now, days=3)

    for query in ("ori", "bae ORI", wanted.record_number):
        html = page(q=query)
        assert wanted.record_number in html
        assert other.record_number not in html
    assert "Nobody found" in page(q="riane")


def test_list_is_no_look_into_a_record(page, practitioner, now):
    visit(practitioner, now, days=2)

    page()

    assert not AuditEvent.objects.filter(action="record.read").exists()


def test_list_takes_two_queries_of_its_own(
    sign_in, practitioner, now, clock, django_assert_num_queries
):
    for days in range(1, 9):
        visit(practitioner, now, days=days)
    client = sign_in(practitioner)
    client.get(reverse("records:patient_list"))

    with django_assert_num_queries(5):
        client.get(reverse("records:patient_list"))


@pytest.mark.parametrize("stranger", ["patient", "receptionist", "administrator"])
def test_only_doctors_have_patients(request, sign_in, stranger):
    client = sign_in(request.getfixturevalue(stranger))

    assert client.get(reverse("records:patient_list")).status_code == 404
