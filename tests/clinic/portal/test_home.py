"""Home: by what somebody is to the clinic."""

import datetime as dt

import pytest
from django.urls import NoReverseMatch, reverse

from clinic.people.choices import Role
from tests.factories.people import RoleGrantFactory
from tests.factories.records import FollowUpFactory
from tests.factories.scheduling import AppointmentFactory, open_practice


def test_home_of_a_visitor_is_the_clinic(client, clock, db):
    response = client.get("/")

    assert response.status_code == 200
    assert reverse("scheduling:practitioner_list").encode() in response.content


def test_home_of_a_patient_shows_the_next_visit_and_what_to_do(patient_client, clock, patient):
    patient.birth_date = None
    patient.save()
    visit = AppointmentFactory(patient=patient, claimed_at=clock.now - dt.timedelta(days=2))

    html = patient_client.get("/").content.decode()

    assert "Good morning, Amara" in html
    assert "tomorrow" in html and "09:00, " in html
    assert "Confirm that you will come" in html and "Complete your details" in html
    assert reverse("scheduling:appointment_detail", args=[visit.pk]) in html
    assert "By e-mail to amara@example.org" in html


def test_home_of_a_patient_costs_five_queries(
    patient_client, clock, patient, django_assert_num_queries
):
    AppointmentFactory(patient=patient)

    with django_assert_num_queries(5):
        patient_client.get("/")


def test_home_leads_to_the_times_of_a_follow_up(patient_client, clock, patient, practitioner):
    follow_up = FollowUpFactory(patient=patient, practitioner=practitioner)

    html = patient_client.get("/").content.decode()

    address = reverse("scheduling:slot_list", args=[practitioner.pk])
    assert "Book your follow-up" in html
    assert f"{address}?type={follow_up.visit_type_id}&amp;since=2026-03-26" in html


def test_home_without_visits_is_a_good_empty(patient_client, clock, patient):
    patient.reminders_by_email = False
    patient.save()

    html = patient_client.get("/").content.decode()

    assert "No visits planned" in html and "Nothing at the moment" in html
    assert "Switched off" in html


def test_home_shows_nothing_of_another_patient(outsider_client, clock, patient):
    visit = AppointmentFactory(patient=patient)

    html = outsider_client.get("/").content.decode()

    assert str(visit.pk) not in html and patient.family_name not in html


@pytest.mark.parametrize(
    ("hour", "words"), [(7, "Good morning"), (14, "Good afternoon"), (20, "Good evening")]
)
def test_home_greets_by_the_clock_of_the_reader(patient_client, clock, patient, hour, words):
    clock.move_to(dt.datetime(2026, 3, 2, hour, tzinfo=dt.UTC))

    assert words in patient_client.get("/").content.decode()


def test_home_of_a_doctor_is_the_own_board_of_today(practitioner_client, clock, practitioner):
    """T7: the day of the site; it is already Tuesday in Berlin at 23:30 UTC."""
    open_practice(practitioner)
    clock.move_to(dt.datetime(2026, 3, 2, 23, 30, tzinfo=dt.UTC))

    response = practitioner_client.get("/")

    assert response["Location"] == f"/board/{practitioner.pk}/2026-03-03/"


def test_home_of_the_desk_and_of_an_administrator(receptionist_client, administrator_client, clock):
    try:
        desk = reverse("scheduling:desk")
    except NoReverseMatch:
        pytest.fail("the desk has no address")

    assert receptionist_client.get("/")["Location"] == desk
    assert administrator_client.get("/")["Location"] == desk


def test_home_of_a_doctor_who_waits_says_so(sign_in, clock, pending_practitioner):
    response = sign_in(pending_practitioner).get("/")

    assert response["Location"] == reverse("people:waiting")


def test_home_of_somebody_with_two_roles_starts_at_work(sign_in, clock, patient):
    RoleGrantFactory(user=patient.user, role=Role.FRONT_DESK)
    browser = sign_in(patient)

    at_work = browser.get("/")
    as_patient = browser.get("/", {"as": "patient"})

    assert at_work["Location"] == reverse("scheduling:desk")
    assert b"You work here as well" in as_patient.content
