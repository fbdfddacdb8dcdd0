"""Moving an own visit: the present time stays until the new one is confirmed (P1, P3, P4)."""

import datetime as dt

import pytest
from django.urls import reverse

from clinic.scheduling.choices import AppointmentStatus
from clinic.scheduling.models import Appointment
from tests.clinic.scheduling.views.conftest import HTMX, NINE, at, seconds
from tests.factories.scheduling import AppointmentFactory

DAY = dt.timedelta(days=1)


@pytest.fixture
def visit(practitioner, patient, visit_type):
    return AppointmentFactory(
        practitioner=practitioner, patient=patient, visit_type=visit_type, starts_at=at(0) + DAY
    )


def address(visit, name="appointment_move"):
    return reverse(f"scheduling:{name}", args=[visit.pk])


def confirm(browser, visit, starts_at, **data):
    return browser.post(
        address(visit, "move_review"), {"start": seconds(starts_at), "version": 1} | data
    )


def test_move_shows_the_times_with_the_present_one_marked(patient_client, clock, visit):
    html = patient_client.get(address(visit), {"day": "2026-03-04"}).content.decode()

    assert "Moving your visit" in html and "Choose a new time" in html
    assert 'data-state="mine"' in html
    assert "How would you like to meet?" not in html


def test_move_holds_the_new_time_and_goes_on(patient_client, clock, visit):
    new = at(40) + DAY

    response = patient_client.post(
        address(visit, "move_hold"), {"start": seconds(new)}, headers=HTMX
    )

    hold = Appointment.objects.get(status=AppointmentStatus.PROPOSED)
    assert hold.starts_at == new
    assert response["HX-Redirect"] == f"{address(visit, 'move_review')}?start={seconds(new)}"
    page = patient_client.get(response["HX-Redirect"]).content.decode()
    assert "Move to Wednesday, 09:40" in page and "Held for you until" in page


def test_move_keeps_the_old_time_until_it_is_confirmed(patient_client, clock, visit):
    """P3"""
    patient_client.post(address(visit, "move_hold"), {"start": seconds(at(40) + DAY)})
    visit.refresh_from_db()
    held = visit.starts_at

    response = confirm(patient_client, visit, at(40) + DAY)

    visit.refresh_from_db()
    assert held == at(0) + DAY
    assert response.status_code == 302
    assert (visit.starts_at, visit.version, visit.moves) == (at(40) + DAY, 2, 1)


def test_move_to_a_time_over_the_old_one_goes_straight_to_the_review(
    patient_client, clock, visit, visit_type
):
    visit_type.grid_minutes = 10
    visit_type.save()
    new = at(10) + DAY

    response = patient_client.post(address(visit, "move_hold"), {"start": seconds(new)})

    assert response["Location"].endswith(f"?start={seconds(new)}")
    assert confirm(patient_client, visit, new).status_code == 302
    visit.refresh_from_db()
    assert visit.starts_at == new


def test_move_to_a_lost_time_leaves_the_visit_and_offers_others(
    patient_client, clock, visit, practitioner, visit_type
):
    """C3, P3"""
    AppointmentFactory(practitioner=practitioner, visit_type=visit_type, starts_at=at(40) + DAY)

    held = patient_client.post(
        address(visit, "move_hold"), {"start": seconds(at(40) + DAY)}, headers=HTMX
    )
    response = confirm(patient_client, visit, at(40) + DAY)

    visit.refresh_from_db()
    assert (held.status_code, response.status_code) == (409, 409)
    assert b"09:40 was just booked by someone else" in response.content
    for minutes in (20, 60):
        assert f'value="{seconds(at(minutes) + DAY)}"'.encode() in response.content
    assert visit.starts_at == at(0) + DAY


def test_move_into_another_visit_of_ones_own_is_refused(
    patient_client, clock, visit, other_practitioner, visit_type, patient
):
    AppointmentFactory(
        practitioner=other_practitioner, visit_type=visit_type, patient=patient, starts_at=NINE
    )

    response = patient_client.post(
        address(visit, "move_hold"), {"start": seconds(NINE)}, headers=HTMX
    )

    assert response.status_code == 409
    assert b"You already have a visit at that time" in response.content


def test_move_after_the_cutoff_says_until_when(patient_client, clock, visit):
    """P1"""
    clock.move_to(visit.starts_at - dt.timedelta(hours=2))

    page = patient_client.get(address(visit))
    response = confirm(patient_client, visit, at(0) + 2 * DAY)

    assert (page.status_code, response.status_code) == (409, 409)
    assert b"Moving was possible until Tuesday 3 March, 09:00" in page.content


def test_move_stops_after_three_times(patient_client, clock, visit):
    """P4"""
    visit.moves = 3
    visit.save()

    response = patient_client.get(address(visit))

    assert response.status_code == 409
    assert b"as often as is possible here" in response.content


def test_move_of_a_visit_that_changed_meanwhile_shows_how_it_stands(patient_client, clock, visit):
    """F4"""
    visit.version = 2
    visit.save()

    response = confirm(patient_client, visit, at(40) + DAY)

    assert response.status_code == 409
    assert b"This visit has changed meanwhile" in response.content


def test_move_of_a_kind_that_is_no_longer_offered_is_for_the_phone(patient_client, clock, visit):
    visit.practitioner.offerings.all().delete()

    response = patient_client.get(address(visit))

    assert response.status_code == 409
    assert b"cannot be moved online" in response.content


def test_move_of_a_cancelled_visit_is_refused(patient_client, clock, visit):
    visit.status, visit.released_at = AppointmentStatus.CANCELLED, clock.now
    visit.save()

    assert patient_client.get(address(visit)).status_code == 409
    assert confirm(patient_client, visit, at(40) + DAY).status_code == 409


def test_move_of_somebody_elses_visit_does_not_exist(outsider_client, clock, visit):
    assert outsider_client.get(address(visit)).status_code == 404
    data = {"start": seconds(at(40) + DAY)}
    assert outsider_client.post(address(visit, "move_hold"), data).status_code == 404
    assert outsider_client.get(address(visit, "move_review"), data).status_code == 404
    assert confirm(outsider_client, visit, at(40) + DAY).status_code == 404


@pytest.mark.parametrize("start", ["", "x", "\x00", "8" * 5000, "12"])
def test_move_knows_no_made_up_time(patient_client, clock, visit, start):
    assert patient_client.post(address(visit, "move_hold"), {"start": start}).status_code == 404
    assert patient_client.get(address(visit, "move_review"), {"start": start}).status_code == 404
    assert patient_client.get(address(visit), {"day": start or "x"}).status_code == 404
