"""Reviewing and booking: nothing typed is lost, nothing is booked twice (C2-C4)."""

import datetime as dt
import re
import uuid

import pytest
from django.test import Client
from django.urls import reverse

from clinic.scheduling.choices import AppointmentStatus
from clinic.scheduling.models import Appointment
from clinic.scheduling.views import visitors
from tests.clinic.scheduling.views.conftest import HTMX, NINE, at, seconds
from tests.factories.people import ProxyGrantFactory
from tests.factories.scheduling import AppointmentFactory

BOOK = "/book/"


def booked():
    return Appointment.objects.filter(status=AppointmentStatus.BOOKED)


def test_review_shows_the_held_time(patient_client, clock, press):
    press(patient_client)

    html = patient_client.get(BOOK).content.decode()

    assert "09:00 to 09:20" in html and "Tuesday 3 March 2026" in html
    assert "Held for you until" in html
    assert "Book Tuesday, 09:00" in html


def test_review_costs_nine_queries(patient_client, clock, press, django_assert_num_queries):
    press(patient_client)

    with django_assert_num_queries(9):
        patient_client.get(BOOK)


def test_review_without_a_time_leads_to_the_doctors(patient_client, clock, db):
    response = patient_client.get(BOOK)

    assert response.status_code == 200
    assert b"No time is chosen" in response.content


def test_review_asks_a_visitor_to_sign_in_and_come_back(client, clock, press):
    press(client)

    response = client.get(BOOK)

    assert response.status_code == 302
    assert response["Location"].endswith("?next=/book/")


def test_review_finds_the_hold_from_before_signing_in(client, clock, press, patient, booking):
    """H4: also where the session began without the sign-in page."""
    press(client)
    client.force_login(patient.user)
    client.cookies[visitors.COOKIE] = client.cookies[visitors.COOKIE].value

    page = client.get(BOOK)
    response = client.post(BOOK, booking())

    assert b"09:00 to 09:20" in page.content
    assert response.status_code == 302
    assert booked().get().patient_id == patient.pk


def test_review_says_when_the_time_is_no_longer_held(patient_client, clock, press):
    press(patient_client)
    clock.advance(minutes=6)

    html = patient_client.get(BOOK).content.decode()

    assert "This time is no longer held" in html and "Book Tuesday, 09:00" in html


def test_book_turns_the_hold_into_the_visit(patient_client, clock, press, booking, patient):
    press(patient_client)

    response = patient_client.post(BOOK, booking())

    visit = Appointment.objects.get()
    assert (visit.status, visit.patient_id) == (AppointmentStatus.BOOKED, patient.pk)
    assert (visit.reason, visit.notes) == ("Cough for two weeks", "Worse at night")
    address = reverse("scheduling:appointment_detail", args=[visit.pk])
    assert response["Location"] == f"{address}?booked"
    assert b"Your visit is booked" in patient_client.get(response["Location"]).content


def test_book_leads_the_whole_page_on_for_htmx(patient_client, clock, booking):
    response = patient_client.post(BOOK, booking(), headers=HTMX)

    assert response["HX-Redirect"].endswith("?booked")


def test_book_twice_with_one_key_books_once(patient_client, clock, booking):
    """C4"""
    data = booking()

    first = patient_client.post(BOOK, data)
    second = patient_client.post(BOOK, data)

    assert first["Location"] == second["Location"]
    assert booked().count() == 1


def test_book_with_the_key_of_somebody_else_gives_nothing_away(
    patient_client, outsider_client, clock, booking
):
    data = booking()
    patient_client.post(BOOK, data)

    response = outsider_client.post(BOOK, data | {"start": seconds(at(40))})

    assert response.status_code == 409
    assert booked().count() == 1


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_book_keeps_what_was_typed_when_the_time_is_gone(
    patient_client, clock, booking, practitioner, visit_type, headers
):
    """C3: 409, just taken, the three nearest times, every word still there."""
    AppointmentFactory(practitioner=practitioner, visit_type=visit_type)

    response = patient_client.post(BOOK, booking(), headers=headers)

    html = response.content.decode()
    assert response.status_code == 409
    assert "09:00 was just booked by someone else" in html
    assert "Cough for two weeks" in html and "Worse at night" in html
    for minutes in (20, 40, 60):
        assert f'value="{seconds(at(minutes))}"' in html


def test_book_carries_what_was_typed_to_the_alternative(
    patient_client, clock, booking, practitioner, visit_type
):
    AppointmentFactory(practitioner=practitioner, visit_type=visit_type)

    page = patient_client.post(BOOK, booking(choose=seconds(at(20))))

    html = page.content.decode()
    assert page.status_code == 200
    assert "09:20 to 09:40" in html and "Cough for two weeks" in html
    assert f'name="start" value="{seconds(at(20))}"' in html
    hold = Appointment.objects.get(status=AppointmentStatus.PROPOSED)
    assert hold.starts_at == at(20)
    assert patient_client.post(BOOK, booking(at(20))).status_code == 302


def test_book_of_an_alternative_that_is_gone_as_well_offers_others(
    patient_client, clock, booking, practitioner, visit_type
):
    AppointmentFactory(practitioner=practitioner, visit_type=visit_type, starts_at=at(20))

    response = patient_client.post(BOOK, booking(choose=seconds(at(20))))

    assert response.status_code == 409
    assert b"Cough for two weeks" in response.content


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201, "a\x00b"])
def test_book_asks_again_for_a_reason(patient_client, clock, press, booking, reason):
    press(patient_client)

    response = patient_client.post(BOOK, booking(reason=reason))

    assert response.status_code == 422
    assert b"One answer needs another look" in response.content
    assert b"Worse at night" in response.content
    assert not booked().exists()


def test_book_links_to_the_own_visit_in_the_way(
    patient_client, clock, booking, other_practitioner, visit_type, patient
):
    """R7"""
    visit = AppointmentFactory(
        practitioner=other_practitioner, visit_type=visit_type, patient=patient
    )

    response = patient_client.post(BOOK, booking())

    assert response.status_code == 409
    assert reverse("scheduling:appointment_detail", args=[visit.pk]).encode() in response.content


def test_book_says_that_a_visit_is_not_offered_any_more(
    patient_client, clock, booking, practitioner
):
    practitioner.offerings.all().delete()

    response = patient_client.post(BOOK, booking())

    assert response.status_code == 422
    assert b"This visit is not offered any more" in response.content


def test_book_says_that_a_time_is_too_far_ahead(patient_client, clock, booking):
    response = patient_client.post(BOOK, booking(NINE + dt.timedelta(days=70)))

    assert response.status_code == 409
    assert b"10:00 is too far ahead to book" in response.content


def test_book_trusts_no_posted_time(patient_client, clock, booking):
    """C2: what is not on the grid of the doctor's hours does not exist."""
    response = patient_client.post(BOOK, booking(at(7)))

    assert response.status_code == 409
    assert not booked().exists()


def test_book_asks_the_clinic_where_it_approves_first(
    patient_client, clock, press, booking, visit_type
):
    visit_type.needs_approval = True
    visit_type.save()
    press(patient_client)

    page = patient_client.get(BOOK)
    response = patient_client.post(BOOK, booking(), follow=True)

    assert b"Ask for 09:00" in page.content
    assert b"The clinic has your request" in response.content
    assert Appointment.objects.get().status == AppointmentStatus.PENDING


@pytest.mark.parametrize(
    "changes",
    [
        {"start": ""},
        {"start": "7" * 4000},
        {"key": "no key"},
        {"practitioner": "\x00"},
        {"how": "q"},
        {"choose": "soon"},
    ],
)
def test_book_knows_no_made_up_form(patient_client, clock, booking, changes):
    assert patient_client.post(BOOK, booking(**changes)).status_code == 404


def test_book_of_an_unknown_doctor_books_nothing(patient_client, clock, booking):
    response = patient_client.post(BOOK, booking(practitioner=uuid.uuid4().hex))

    assert response.status_code == 422
    assert not booked().exists()


def test_book_is_only_for_patients(practitioner_client, receptionist_client, clock, booking):
    for browser in (practitioner_client, receptionist_client):
        assert browser.get(BOOK).status_code == 404
        assert browser.post(BOOK, booking()).status_code == 404
    assert Client().post(BOOK, booking()).status_code == 302


def test_a_page_opened_for_oneself_books_nothing_for_whom_one_acts_by_now(
    patient_client, patient, other_patient, clock, press, booking, now
):
    press(patient_client)
    shown = patient_client.get(BOOK).content.decode()
    whose = re.search(r'name="whose" value="([^"]+)"', shown)
    grant = ProxyGrantFactory(patient=other_patient, user=patient.user)
    patient_client.post(f"/acting/{grant.pk}/")

    refused = patient_client.post(BOOK, booking(whose=whose[1], reason="Itchy rash"))

    html = refused.content.decode()
    assert refused.status_code == 409
    assert "This page was opened for somebody else" in html and "Itchy rash" in html
    assert f'name="whose" value="{other_patient.pk}"' in html
    assert not booked().exists()
