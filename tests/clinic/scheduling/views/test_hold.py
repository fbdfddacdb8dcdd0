"""Holding a time: one at a time, for everyone to see, for whoever has signed in or not (H1-H4)."""

import datetime as dt

import pytest
from django.contrib.auth.signals import user_logged_in
from django.test import Client, RequestFactory
from django.urls import reverse

from clinic.scheduling.choices import AppointmentStatus
from clinic.scheduling.models import Appointment
from clinic.scheduling.presenters.slots import slot_id
from clinic.scheduling.views import visitors
from tests.clinic.scheduling.views.conftest import HTMX, NINE, at, seconds
from tests.factories.scheduling import AppointmentFactory

RELEASE = "/hold/release/"
EXTEND = "/hold/extend/"
ENDED = "/hold/ended/"


def live_holds(now):
    return Appointment.objects.filter(status=AppointmentStatus.PROPOSED).claiming(now)


def test_slot_hold_answers_with_the_bar_and_what_is_mine(
    patient_client, clock, practitioner, press
):
    html = press(patient_client).content.decode()

    assert '<hx-partial hx-target="#hold" hx-swap="outerMorph">' in html
    assert f'data-mine-for="{slot_id(practitioner.pk, NINE)}" data-state="yours"' in html
    deadline = seconds(clock.now + dt.timedelta(minutes=5)) * 1000
    assert f'data-deadline="{deadline}"' in html
    assert "Review and confirm" in html and "csrfmiddlewaretoken" not in html


def test_slot_hold_without_script_leads_back_to_the_page(patient_client, clock, press):
    response = press(patient_client, Accept="text/html")

    assert response.status_code == 302
    assert response["Location"].endswith("&how=i&day=2026-03-03#hold")
    page = patient_client.get(response["Location"]).content.decode()
    assert "Time held for you" in page


def test_slot_hold_shows_others_that_it_is_being_booked(
    patient_client, outsider_client, clock, practitioner, press
):
    press(patient_client)

    page = outsider_client.get(
        reverse("scheduling:slot_list", args=[practitioner.pk]), {"day": "2026-03-03"}
    ).content.decode()

    assert f'id="{slot_id(practitioner.pk, NINE)}" data-state="held"' in page
    assert "Being booked" in page and "data-mine-for" not in page


def test_slot_hold_lets_the_earlier_choice_go(patient_client, clock, press):
    """H1"""
    press(patient_client)
    press(patient_client, at(40))

    assert [hold.starts_at for hold in live_holds(clock.now)] == [at(40)]


def test_slot_hold_refuses_a_time_that_is_being_booked(
    patient_client, outsider_client, clock, practitioner, press
):
    """C3: 409, why, the three nearest times, and the day as it is now."""
    press(patient_client)

    response = press(outsider_client)

    html = response.content.decode()
    assert response.status_code == 409
    assert "Someone is booking 09:00 right now" in html
    for minutes in (20, 40, 60):
        assert f'value="{seconds(at(minutes))}"' in html
    assert f'hx-target="#slots-{practitioner.pk.hex}-20260303"' in html


def test_slot_hold_without_script_shows_a_page_with_the_nearest_times(
    client, clock, practitioner, visit_type, press
):
    AppointmentFactory(practitioner=practitioner, visit_type=visit_type)

    response = press(client, Accept="text/html")

    html = response.content.decode()
    assert response.status_code == 409
    assert "09:00 was just booked by someone else" in html and "<h2" in html
    assert f'value="{seconds(at(20))}"' in html


def test_slot_hold_says_which_own_visit_stands_there(
    patient_client, clock, other_practitioner, visit_type, patient, press
):
    """R7"""
    visit = AppointmentFactory(
        practitioner=other_practitioner, visit_type=visit_type, patient=patient
    )

    response = press(patient_client)

    assert response.status_code == 409
    assert b"You already have a visit at that time" in response.content
    assert str(visit.pk).encode() in response.content


def test_slot_hold_says_that_a_time_is_too_near(client, clock, press):
    clock.move_to(at(-30))

    response = press(client)

    assert response.status_code == 409
    assert b"09:00 is too soon to book online" in response.content


def test_slot_hold_says_that_a_visit_is_not_offered(client, clock, practitioner, visit_type, press):
    practitioner.offerings.all().delete()

    response = press(client)

    assert response.status_code == 422
    assert b"not offered any more" in response.content


def test_slot_hold_of_a_visitor_is_kept_by_a_signed_cookie(client, clock, press):
    """H4"""
    response = press(client)

    [hold] = live_holds(clock.now)
    cookie = response.cookies[visitors.COOKIE]
    assert hold.patient_id is None and hold.hold_token is not None
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    assert hold.hold_token.hex in cookie.value and cookie.value != hold.hold_token.hex


def test_slot_hold_takes_no_forged_cookie_for_a_holder(client, clock, press):
    press(client)
    [hold] = live_holds(clock.now)
    thief = Client()
    thief.cookies[visitors.COOKIE] = hold.hold_token.hex

    thief.post(RELEASE, headers=HTMX)

    assert live_holds(clock.now).count() == 1


def test_slot_hold_is_not_for_accounts_of_staff(receptionist_client, clock, press):
    response = press(receptionist_client)

    assert response.status_code == 422
    assert b"cannot book for itself" in response.content
    assert not live_holds(clock.now).exists()


def test_slot_hold_stops_a_visitor_who_would_freeze_the_day(clock, press):
    """H4: counted by address, because the next visitor brings no cookie."""
    answers = [press(Client(), at(20 * (n % 9))) for n in range(13)]

    assert answers[-1].status_code == 429
    assert 0 < int(answers[-1]["Retry-After"]) <= 300
    assert answers[-2].status_code != 429


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"start": "9" * 5000},
        {"start": "99999999999999999999"},
        {"start": "-1"},
        {"start": "1772524801"},
        {"start": "1772524800", "type": "x"},
        {"start": "1772524800", "type": "\x00"},
        {"start": "1772524800", "type": "00000000000000000000000000000000", "how": "zz"},
    ],
)
def test_slot_hold_knows_no_made_up_form(client, clock, practitioner, visit_type, data):
    address = reverse("scheduling:slot_hold", args=[practitioner.pk])

    assert client.post(address, data).status_code == 404


def test_slot_hold_needs_the_token_of_the_page(practitioner, visit_type, db):
    strict = Client(enforce_csrf_checks=True)

    response = strict.post(reverse("scheduling:slot_hold", args=[practitioner.pk]), {})

    assert response.status_code == 403


def test_hold_release_frees_the_time_at_once(patient_client, clock, press):
    press(patient_client)

    response = patient_client.post(RELEASE, headers=HTMX)

    assert not live_holds(clock.now).exists()
    assert b'<section class="hold" id="hold" hidden></section>' in response.content


def test_hold_release_of_a_page_that_is_left_spares_a_newer_hold(patient_client, clock, press):
    press(patient_client)
    [old] = live_holds(clock.now)
    press(patient_client, at(20))

    response = patient_client.post(RELEASE, {"hold": old.pk.hex, "leaving": "1"})

    assert response.status_code == 204
    assert [hold.starts_at for hold in live_holds(clock.now)] == [at(20)]


def test_hold_release_without_script_goes_back_to_the_page(client, clock, press):
    press(client)

    response = client.post(RELEASE, headers={"Referer": "http://testserver/doctors/?q=Ines"})
    elsewhere = client.post(RELEASE, headers={"Referer": "https://example.org/"})

    assert response["Location"] == "http://testserver/doctors/?q=Ines"
    assert elsewhere["Location"] == reverse("scheduling:practitioner_list")


def test_hold_extend_keeps_the_time_once(patient_client, clock, press):
    """H3"""
    press(patient_client)

    first = patient_client.post(EXTEND, headers=HTMX)
    second = patient_client.post(EXTEND, headers=HTMX)

    [hold] = live_holds(clock.now)
    assert hold.released_at == clock.now + dt.timedelta(minutes=10)
    assert (first.status_code, second.status_code) == (200, 409)
    assert b"A time can be kept longer once." in second.content


def test_hold_extend_of_nothing_says_so(client, clock, db):
    response = client.post(EXTEND, headers=HTMX)
    plain = client.post(EXTEND)

    assert response.status_code == 409
    assert b"no longer held" in response.content
    assert plain.status_code == 302


def test_hold_ended_offers_the_same_time_again(patient_client, clock, press):
    """H3"""
    press(patient_client)
    clock.advance(minutes=5, seconds=1)

    html = patient_client.get(ENDED, headers=HTMX).content.decode()

    assert "We kept 09:00 for 5 minutes" in html
    assert "It is free again" in html and "Hold 09:00 again" in html
    assert '<section class="hold" id="hold" hidden></section>' in html
    assert patient_client.get(ENDED)["Location"] == "/book/"


def test_hold_ended_offers_others_when_somebody_was_faster(
    patient_client, outsider_client, clock, press
):
    press(patient_client)
    clock.advance(minutes=5, seconds=1)
    press(outsider_client)

    html = patient_client.get(ENDED, headers=HTMX).content.decode()

    assert "Somebody else has it now" in html
    assert f'value="{seconds(at(20))}"' in html


def test_hold_ended_has_nothing_to_say_before_or_after_letting_go(patient_client, clock, press):
    press(patient_client)
    before = patient_client.get(ENDED)
    clock.advance(minutes=1)
    patient_client.post(RELEASE)
    after = patient_client.get(ENDED)

    assert (before.status_code, after.status_code) == (204, 204)


def test_signing_in_keeps_the_time_of_the_visitor(client, clock, press, patient):
    """H4"""
    press(client)
    request = RequestFactory().post("/accounts/login/")
    request.COOKIES = {visitors.COOKIE: client.cookies[visitors.COOKIE].value}

    user_logged_in.send(sender=type(patient.user), user=patient.user, request=request)

    [hold] = live_holds(clock.now)
    assert (hold.patient_id, hold.hold_token) == (patient.pk, None)


def test_signing_in_lets_a_time_go_over_a_visit_of_ones_own(
    client, clock, press, patient, other_practitioner, visit_type
):
    AppointmentFactory(practitioner=other_practitioner, visit_type=visit_type, patient=patient)
    press(client)
    request = RequestFactory().post("/accounts/login/")
    request.COOKIES = {visitors.COOKIE: client.cookies[visitors.COOKIE].value}

    user_logged_in.send(sender=type(patient.user), user=patient.user, request=request)

    assert not live_holds(clock.now).exists()


def test_a_visitor_sees_the_own_hold_on_every_page(client, clock, press):
    press(client)

    html = client.get(reverse("scheduling:practitioner_list")).content.decode()

    assert "Time held for you" in html
