"""A patient's own visits: seeing, confirming, being late, cancelling; nobody else's exist."""

import datetime as dt

import pytest
from django.urls import reverse

from clinic.scheduling.choices import AppointmentStatus, CancellationReason
from clinic.scheduling.models import Appointment
from tests.clinic.scheduling.views.conftest import NINE
from tests.factories.scheduling import AppointmentFactory

WAYS = ("detail", "cancel", "confirm", "late", "calendar", "move")


@pytest.fixture
def visit(practitioner, patient, visit_type):
    return AppointmentFactory(
        practitioner=practitioner,
        patient=patient,
        visit_type=visit_type,
        starts_at=NINE + dt.timedelta(days=2),
        claimed_at=NINE - dt.timedelta(days=5),
        reason="Cough for two weeks",
    )


def address(visit, way="detail"):
    return reverse(f"scheduling:appointment_{way}", args=[visit.pk])


def test_detail_shows_everything_needed_to_come(patient_client, clock, visit, visit_type):
    visit_type.preparation = "Bring your medicines\n\nOr a photo of the boxes"
    visit_type.save()
    visit.site.directions = "Second floor, lift on the left"
    visit.site.save()

    html = patient_client.get(address(visit)).content.decode()

    assert "Thursday, 09:00 to 09:20" in html and "in 3 days" in html
    assert "Cough for two weeks" in html and "14 Harbour Street" in html
    assert "Second floor, lift on the left" in html
    assert html.count("<li><div>") == 2 and "Or a photo of the boxes" in html
    assert "until Wednesday 4 March, 09:00" in html


def test_detail_costs_six_queries(patient_client, clock, visit, django_assert_num_queries):
    with django_assert_num_queries(6):
        assert patient_client.get(address(visit)).status_code == 200


def test_detail_shows_a_remote_visit_on_both_clocks(patient_client, clock, visit, patient):
    """T8, D18"""
    patient.time_zone = "Pacific/Auckland"
    patient.save()
    visit.modality = "video"
    visit.save()

    html = patient_client.get(address(visit)).content.decode()

    assert "Berlin time" in html
    assert "Thursday 5 March, 21:00 to 21:20, Auckland time" in html


@pytest.mark.parametrize("way", WAYS)
def test_a_visit_of_somebody_else_does_not_exist(outsider_client, clock, visit, way):
    look = outsider_client.get if way in ("detail", "calendar", "cancel", "move") else None

    if look is not None:
        assert look(address(visit, way)).status_code == 404
    if way not in ("detail", "calendar", "move"):
        assert outsider_client.post(address(visit, way), {"reason": "pat"}).status_code == 404
    visit.refresh_from_db()
    assert visit.status == AppointmentStatus.BOOKED


@pytest.mark.parametrize("way", WAYS)
def test_a_visit_is_not_shown_to_staff_as_their_own(practitioner_client, clock, visit, way):
    assert practitioner_client.get(address(visit, way)).status_code == 404


def test_a_hold_is_no_visit_yet(patient_client, clock, practitioner, patient, visit_type):
    hold = AppointmentFactory(
        practitioner=practitioner, patient=patient, visit_type=visit_type, hold=True
    )

    assert patient_client.get(address(hold)).status_code == 404


def test_cancel_asks_why_and_frees_the_time(patient_client, clock, visit):
    """P2"""
    page = patient_client.get(address(visit, "cancel")).content.decode()
    response = patient_client.post(address(visit, "cancel"), {"reason": "pat-fb"})

    visit.refresh_from_db()
    assert "The time becomes free for somebody else at once." in page
    assert response.status_code == 302
    assert visit.status == AppointmentStatus.CANCELLED
    assert visit.cancellation_reason == CancellationReason.FEELING_BETTER
    assert not visit.cancelled_late and visit.released_at == clock.now


@pytest.mark.parametrize("reason", ["", "prov", "x\x00"])
def test_cancel_takes_a_reason_from_the_list_only(patient_client, clock, visit, reason):
    response = patient_client.post(address(visit, "cancel"), {"reason": reason})

    assert response.status_code == 422
    visit.refresh_from_db()
    assert visit.status == AppointmentStatus.BOOKED


def test_cancel_after_the_cutoff_asks_to_tell_the_clinic(patient_client, clock, visit):
    """P1: the phone number, and a way to say it that frees the slot."""
    clock.move_to(visit.starts_at - dt.timedelta(hours=3))

    page = patient_client.get(address(visit, "cancel")).content.decode()
    plain = patient_client.post(address(visit, "cancel"), {"reason": "pat"})
    late = patient_client.post(address(visit, "cancel"), {"reason": "pat", "late": "1"})

    assert "Tell the clinic I cannot come" in page and "call us on" in page
    assert plain.status_code == 409
    assert late.status_code == 302
    visit.refresh_from_db()
    assert visit.status == AppointmentStatus.CANCELLED and visit.cancelled_late


def test_cancel_of_what_has_begun_shows_how_it_stands(patient_client, clock, visit):
    visit.status = AppointmentStatus.ARRIVED
    visit.save()

    page = patient_client.get(address(visit, "cancel"))
    response = patient_client.post(address(visit, "cancel"), {"reason": "pat"})

    assert (page.status_code, response.status_code) == (409, 409)
    assert b"You are here" in response.content


def test_cancelled_visit_offers_a_new_one(patient_client, clock, visit):
    patient_client.post(address(visit, "cancel"), {"reason": "pat"})

    html = patient_client.get(address(visit)).content.decode()

    assert "Cancelled" in html and "Book a visit" in html
    assert address(visit, "move") not in html and address(visit, "calendar") not in html


def test_confirm_says_it_to_the_clinic(patient_client, clock, visit):
    asked = patient_client.get(address(visit)).content
    response = patient_client.post(address(visit, "confirm"), follow=True)

    visit.refresh_from_db()
    assert b"Yes, I will come" in asked
    assert visit.confirmed_at == clock.now
    assert b"Yes, I will come" not in response.content and b"Confirmed" in response.content


def test_confirm_is_not_asked_of_who_has_just_booked(patient_client, clock, visit):
    visit.created_at = clock.now - dt.timedelta(hours=1)
    visit.save()

    assert b"Yes, I will come" not in patient_client.get(address(visit)).content


def test_confirm_of_a_cancelled_visit_is_refused_in_place(patient_client, clock, visit):
    patient_client.post(address(visit, "cancel"), {"reason": "pat"})

    response = patient_client.post(address(visit, "confirm"))

    assert response.status_code == 409
    assert b"There is nothing to confirm any more." in response.content


def test_late_is_told_on_the_day(patient_client, clock, visit):
    before = patient_client.get(address(visit)).content
    clock.move_to(visit.starts_at - dt.timedelta(minutes=30))

    shown = patient_client.get(address(visit)).content
    response = patient_client.post(address(visit, "late"), {"minutes": "15"}, follow=True)

    visit.refresh_from_db()
    assert b"Running late?" not in before and b"Running late?" in shown
    assert visit.running_late_minutes == 15
    assert b"you will be 15 minutes late" in response.content


@pytest.mark.parametrize("minutes", ["", "7", "-5", "9" * 4000, "\x00"])
def test_late_takes_minutes_from_the_list_only(patient_client, clock, visit, minutes):
    response = patient_client.post(address(visit, "late"), {"minutes": minutes})

    assert response.status_code == 422


def test_late_for_a_cancelled_visit_is_refused_in_place(patient_client, clock, visit):
    patient_client.post(address(visit, "cancel"), {"reason": "pat"})

    assert patient_client.post(address(visit, "late"), {"minutes": "5"}).status_code == 409


def test_calendar_says_no_reason(patient_client, clock, visit):
    """N5"""
    response = patient_client.get(address(visit, "calendar"))

    assert response["Content-Type"].startswith("text/calendar")
    assert b"BEGIN:VEVENT" in response.content and b"Cough" not in response.content


def test_get_never_changes_a_visit(patient_client, clock, visit):
    for way in ("confirm", "late"):
        assert patient_client.get(address(visit, way)).status_code == 405


def test_list_has_coming_past_and_cancelled_visits(patient_client, clock, visit, patient):
    when = {"practitioner": visit.practitioner, "patient": patient, "visit_type": visit.visit_type}
    seen = AppointmentFactory(
        **when, starts_at=NINE - dt.timedelta(days=30), status=AppointmentStatus.FULFILLED
    )
    gone = AppointmentFactory(**when, starts_at=NINE, cancelled=True)
    expired = AppointmentFactory(
        **when,
        starts_at=NINE + dt.timedelta(days=7),
        status=AppointmentStatus.PENDING,
        claimed_at=clock.now - dt.timedelta(days=3),
        released_at=clock.now - dt.timedelta(days=1),
    )

    tabs = {
        tab: patient_client.get("/visits/", {"tab": tab}).content.decode()
        for tab in ("upcoming", "past", "cancelled")
    }

    assert address(visit) in tabs["upcoming"] and address(seen) not in tabs["upcoming"]
    assert address(seen) in tabs["past"] and address(visit) not in tabs["past"]
    assert address(gone) in tabs["cancelled"] and address(expired) in tabs["cancelled"]
    assert "Not confirmed by the clinic" in tabs["cancelled"]


def test_list_turns_pages(patient_client, clock, practitioner, patient, visit_type):
    for day in range(21):
        AppointmentFactory(
            practitioner=practitioner,
            patient=patient,
            visit_type=visit_type,
            starts_at=NINE - dt.timedelta(days=40 + day),
            status=AppointmentStatus.FULFILLED,
        )

    first = patient_client.get("/visits/", {"tab": "past"}).content.decode()
    last = patient_client.get("/visits/", {"tab": "past", "page": "2"}).content.decode()

    assert first.count('class="row" href="/visits/') == 20 and "page=2" in first
    assert last.count('class="row" href="/visits/') == 1


@pytest.mark.parametrize(
    "query", [{"tab": "all"}, {"page": "x"}, {"page": "-1"}, {"page": "9" * 99}, {"page": "²"}]
)
def test_list_knows_no_made_up_address(patient_client, clock, query):
    assert patient_client.get("/visits/", query).status_code == 404


def test_list_shows_nothing_of_others(outsider_client, clock, visit):
    for tab in ("upcoming", "past", "cancelled"):
        html = outsider_client.get("/visits/", {"tab": tab}).content.decode()
        assert str(visit.pk) not in html
    assert Appointment.objects.count() == 1
