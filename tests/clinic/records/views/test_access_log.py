"""The privacy page: who opened the record, when, why, in plain words."""

from __future__ import annotations

import datetime as dt
import re
import uuid

import pytest
from django.test import Client

from clinic.audit import services as audit
from clinic.people.choices import ProxyScope, Role
from clinic.people.viewer import SYSTEM
from clinic.records.permissions import check_may_open
from clinic.records.services.reading import record_look
from tests.conftest import Clock
from tests.factories.people import ProxyGrantFactory, RoleGrantFactory, acting_for, viewer
from tests.factories.records import EmergencyAccessFactory
from tests.factories.scheduling import AppointmentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def address(patient) -> str:
    return f"/records/{patient.pk}/access/"


@pytest.fixture
def look(patient):
    """Write that somebody looked at a page of Amara's record."""

    def call(who, what: str, at: dt.datetime) -> None:
        access = check_may_open(viewer=who, patient_id=patient.pk, now=at)
        record_look(access=access, what=what, now=at)

    return call


@pytest.fixture
def browser(patient_client: Client, clock: Clock) -> Client:
    return patient_client


def said(response) -> str:
    """Return the words of the page, tags and spaces folded."""
    body = response.content.decode().split("<main", 1)[1]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def test_looks_of_one_doctor_on_one_day_are_one_row(
    browser, address, look, patient, practitioner, now
) -> None:
    AppointmentFactory(patient=patient, practitioner=practitioner)
    doctor = viewer(practitioner)
    look(doctor, "overview", now - dt.timedelta(minutes=40))
    look(doctor, "medications", now - dt.timedelta(minutes=10))
    look(doctor, "overview", now - dt.timedelta(minutes=5))

    page = said(browser.get(address))

    assert page.count("Dr Ines Llorente Doctor 08:20 to 08:55") == 1
    assert "Care: a visit, past or planned" in page
    assert "Looked at: Overview, Medicines" in page


def test_what_was_written_is_named_by_kind(browser, address, patient, practitioner, now) -> None:
    audit.record(
        actor_id=practitioner.user_id,
        actor_roles=[Role.PRACTITIONER],
        action="condition.added",
        object_type="condition",
        object_id=None,
        patient_id=patient.pk,
        now=now,
        detail={"ground": "care", "fields": ["concept"]},
    )

    assert "Wrote: Conditions" in said(browser.get(address))


def test_own_looks_are_folded_into_one_line(browser, address, look, patient, now) -> None:
    for _look in range(3):
        look(viewer(patient), "overview", now)

    page = said(browser.get(address))

    # Looking at this page is a look as well.
    assert "You looked 4 times" in page
    assert "Amara Fenwick" not in page


def test_days_stand_newest_first_on_the_readers_clock(
    browser, address, look, patient, practitioner, now
) -> None:
    """23:30 in London on 1 March is 2 March in Berlin."""
    AppointmentFactory(patient=patient, practitioner=practitioner)
    patient.user.time_zone = "Europe/Berlin"
    patient.user.save(update_fields=["time_zone"])
    look(viewer(practitioner), "history", dt.datetime(2026, 3, 1, 23, 30, tzinfo=dt.UTC))
    look(viewer(practitioner), "notes", dt.datetime(2026, 2, 20, 12, 0, tzinfo=dt.UTC))

    page = said(browser.get(address))

    assert page.index("Monday, 2 March 2026") < page.index("00:30")
    assert page.index("00:30") < page.index("Friday, 20 February 2026")
    assert "1 March 2026" not in page


def test_emergency_stands_out_with_its_kind_and_review_and_without_the_words(
    browser, address, look, patient, other_practitioner, now
) -> None:
    glass = EmergencyAccessFactory(patient=patient, practitioner=other_practitioner)
    look(viewer(other_practitioner), "overview", now)

    page = said(browser.get(address))

    assert "Emergency access, without a visit" in page
    assert "Opened in an emergency Dr Marek Wierzba 2 March 2026, 09:00 to 13:00" in page
    assert "Urgent treatment Being reviewed open now" in page
    assert glass.reason not in page
    glass.reviewed_at, glass.review_outcome = now, "justified"
    glass.save(update_fields=["reviewed_at", "review_outcome"])
    assert "Reviewed: justified" in said(browser.get(address))


def test_carer_is_listed_and_their_looks_are_theirs(
    browser, address, look, patient, outsider, now
) -> None:
    grant = ProxyGrantFactory(patient=patient, user=outsider.user)
    ProxyGrantFactory(patient=patient, invited=True)
    look(acting_for(grant, now=now), "overview", now)

    page = said(browser.get(address))

    assert "Bela Strand Carer 09:00 Acts by consent, or as a parent" in page
    assert "Who acts for you Bela Strand Husband, wife or partner, until" in page


def test_import_is_the_clinics(browser, address, look, now) -> None:
    look(SYSTEM, "import", now)

    assert "The clinic 09:00 The clinic’s own programs" in said(browser.get(address))


def test_unknown_pages_and_people_have_plain_words_too(browser, address, patient, now) -> None:
    audit.record(
        actor_id=patient.user_id,
        actor_roles=["patient"],
        action="something.new",
        object_type="new",
        object_id=None,
        patient_id=patient.pk,
        now=now,
        detail={"ground": "own"},
    )

    page = said(browser.get(address))

    assert "something" not in page
    assert "You looked once, you changed one entry" in page


def test_removed_account_is_said(browser, address, patient, now) -> None:
    audit.record(
        actor_id=uuid.UUID(int=7),
        actor_roles=["practitioner"],
        action="record.read",
        object_type="record",
        object_id=None,
        patient_id=patient.pk,
        now=now,
        detail={"ground": "care", "what": "new-page"},
    )

    page = said(browser.get(address))

    assert "Somebody whose account was removed Doctor 09:00" in page
    assert "Looked at: Health record" in page


def test_bookings_are_no_looks(browser, address, patient, practitioner, now) -> None:
    audit.record(
        actor_id=practitioner.user_id,
        actor_roles=[],
        action="appointment.booked",
        object_type="appointment",
        object_id=None,
        patient_id=patient.pk,
        now=now,
    )

    assert "Llorente" not in said(browser.get(address))


def test_other_patients_looks_are_not_here(browser, address, other_patient, now) -> None:
    access = check_may_open(viewer=viewer(other_patient), patient_id=other_patient.pk, now=now)
    record_look(access=access, what="overview", now=now)

    assert "Okoye" not in said(browser.get(address))


def test_long_trail_is_paged_by_days(browser, address, look, patient, practitioner, now) -> None:
    visited = now - dt.timedelta(days=60)
    AppointmentFactory(patient=patient, practitioner=practitioner, starts_at=visited)
    for days in range(20):
        look(viewer(practitioner), "overview", now - dt.timedelta(days=days))

    first, second = said(browser.get(address)), said(browser.get(f"{address}?page=2"))

    assert first.count("Dr Ines Llorente") == 14
    assert second.count("Dr Ines Llorente") == 6
    assert "Older" in first and "Newer" not in first
    assert "Newer" in second and "Older" not in second
    for page in ("0", "-1", "x", "9" * 30):
        assert browser.get(f"{address}?page={page}").status_code == 200


def test_number_of_people_costs_no_queries(
    browser, address, patient, now, django_assert_max_num_queries
) -> None:
    for number in range(15):
        grant = ProxyGrantFactory(patient=patient)
        audit.record(
            actor_id=grant.user_id,
            actor_roles=["patient"],
            action="record.read",
            object_type="record",
            object_id=None,
            patient_id=patient.pk,
            now=now - dt.timedelta(days=number),
            detail={"ground": "proxy", "what": "overview"},
        )
        EmergencyAccessFactory(patient=patient)
    browser.get(address)

    with django_assert_max_num_queries(17):
        browser.get(address)


def test_doctor_has_no_such_page_and_no_such_tab(
    patient, practitioner, practitioner_client, address, clock
) -> None:
    AppointmentFactory(patient=patient, practitioner=practitioner)
    RoleGrantFactory(user=practitioner.user, role=Role.FRONT_DESK)

    assert practitioner_client.get(address).status_code == 404
    overview = practitioner_client.get(f"/records/{patient.pk}/")
    assert overview.status_code == 200
    assert address not in overview.content.decode()


@pytest.mark.parametrize(
    "person", ["other_patient", "outsider", "receptionist", "administrator", "other_practitioner"]
)
def test_page_is_for_nobody_else(request, sign_in, address, clock, person) -> None:
    assert sign_in(request.getfixturevalue(person)).get(address).status_code == 404


def test_carer_who_reads_the_record_reads_this_too(
    patient, outsider, outsider_client, address, clock
) -> None:
    grant = ProxyGrantFactory(patient=patient, user=outsider.user, scopes=[ProxyScope.RECORD_READ])
    outsider_client.post(f"/acting/{grant.pk}/")

    page = outsider_client.get(address)

    assert page.status_code == 200
    assert "Invite or end" not in said(page)
