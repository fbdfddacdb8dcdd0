"""The front desk: today's doctors, finding a patient, booking for somebody on the phone."""

import datetime as dt
import uuid

import pytest
from django.urls import reverse

from clinic.scheduling.models import Appointment
from tests.factories.people import PatientFactory
from tests.factories.scheduling import AppointmentFactory, open_practice

TUESDAY_NINE = dt.datetime(2026, 3, 3, 8, 0, tzinfo=dt.UTC)


@pytest.fixture
def visit_type(practitioner, clock):
    return open_practice(practitioner)


@pytest.fixture
def desk(receptionist, sign_in):
    return sign_in(receptionist)


def page(practitioner):
    return reverse("scheduling:book_for_caller", args=[practitioner.pk])


def answers(patient, visit_type, /, **changes):
    values = {
        "patient": patient.pk,
        "idempotency_key": uuid.uuid4(),
        "visit_type": visit_type.pk,
        "modality": "in-person",
        "date": "2026-03-03",
        "time": "09:00",
        "notes": "Called twice.",
    }
    return values | changes


def test_the_desk_sees_every_doctor_with_the_figures_of_today(
    desk, practitioner, visit_type, patient, django_assert_num_queries
):
    AppointmentFactory(
        practitioner=practitioner,
        patient=patient,
        starts_at=dt.datetime(2026, 3, 2, 9, 20, tzinfo=dt.UTC),
        claimed_at=dt.datetime(2026, 3, 1, 9, 0, tzinfo=dt.UTC),
    )
    with django_assert_num_queries(6):
        html = desk.get(reverse("scheduling:desk")).content.decode()

    assert "Dr Ines Llorente" in html
    assert "0 of 1 seen" in html


@pytest.mark.parametrize(
    "query", ["amara fen", "Fenwick", "fenwick amara", "  AMARA  ", "number", "numberless"]
)
def test_patients_are_found_by_any_beginning(desk, patient, other_patient, query):
    asked = {
        "number": patient.record_number,
        "numberless": patient.record_number.replace(" ", ""),
    }.get(query, query)

    html = desk.get(reverse("scheduling:patient_search"), {"q": asked}).content.decode()

    assert "Amara Fenwick" in html
    assert "Jonas Okoye" not in html


@pytest.mark.parametrize("query", ["", "\x00", "%", "' OR 1=1--", "x" * 9000, "\u202efen"])
def test_a_hostile_search_finds_nobody(desk, patient, query):
    answer = desk.get(reverse("scheduling:patient_search"), {"q": query})

    assert answer.status_code == 200
    assert "Amara Fenwick" not in answer.content.decode()


def test_searching_while_typing_brings_the_results_only(desk, patient):
    url = reverse("scheduling:patient_search")
    html = desk.get(url, {"q": "am"}, headers={"HX-Request": "true"}).content.decode()

    assert html.lstrip().startswith('<section class="card card--flush" id="patient-results"')


def test_the_desk_books_for_a_caller(desk, practitioner, visit_type, patient):
    answer = desk.post(page(practitioner), answers(patient, visit_type))

    visit = Appointment.objects.get()
    assert answer.status_code == 302
    assert str(visit.pk) in answer.url
    assert (visit.starts_at, visit.patient_id) == (TUESDAY_NINE, patient.pk)


def test_the_same_form_twice_books_once(desk, practitioner, visit_type, patient):
    """C4."""
    sent = answers(patient, visit_type)
    for _ in range(2):
        assert desk.post(page(practitioner), sent).status_code == 302

    assert Appointment.objects.count() == 1


def test_a_taken_time_is_refused_beside_the_field_with_the_nearest(
    desk, practitioner, visit_type, patient, other_patient
):
    """C3: what was typed stays."""
    AppointmentFactory(practitioner=practitioner, patient=other_patient, visit_type=visit_type)

    answer = desk.post(page(practitioner), answers(patient, visit_type))
    html = answer.content.decode()

    assert answer.status_code == 409
    assert "just been given to somebody else" in html
    assert html.count("data-fill-date") == 3
    assert "Called twice." in html


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"time": "09:07"}, 409),
        ({"date": "2026-03-07"}, 409),
        ({"modality": "phone"}, 409),
        ({"date": "9999-12-31"}, 422),
        ({"date": "2026-02-30"}, 422),
        ({"time": "25:00"}, 422),
        ({"visit_type": uuid.uuid4()}, 422),
        ({"visit_type": "\x00"}, 422),
        ({"notes": "a\x00b"}, 422),
        ({"idempotency_key": "1" * 4000}, 422),
    ],
)
def test_bad_answers_are_told_and_kept(desk, practitioner, visit_type, patient, changes, status):
    answer = desk.post(page(practitioner), answers(patient, visit_type, **changes))

    assert answer.status_code == status
    assert not Appointment.objects.exists()


@pytest.mark.parametrize("asked", ["x", "\x00", str(uuid.uuid4())])
def test_a_patient_who_does_not_exist_is_not_found(desk, practitioner, visit_type, asked):
    assert desk.get(page(practitioner), {"patient": asked}).status_code == 404


def test_a_doctor_finds_only_own_patients(
    practitioner, visit_type, patient, other_patient, sign_in
):
    AppointmentFactory(practitioner=practitioner, patient=patient, visit_type=visit_type)
    browser = sign_in(practitioner)

    html = browser.get(page(practitioner), {"q": "a"}).content.decode()
    stranger = browser.get(page(practitioner), {"patient": other_patient.pk})

    assert "Amara Fenwick" in html
    assert "Okoye" not in browser.get(page(practitioner), {"q": "okoye"}).content.decode()
    assert stranger.status_code == 404


@pytest.mark.parametrize("who", ["patient", "outsider", "other_practitioner"])
def test_nobody_else_books_at_the_desk(practitioner, visit_type, sign_in, request, who):
    assert sign_in(request.getfixturevalue(who)).get(page(practitioner)).status_code == 404


@pytest.mark.parametrize("who", ["patient", "practitioner"])
def test_the_desks_pages_are_the_desks(patient, practitioner, sign_in, request, who):
    browser = sign_in(request.getfixturevalue(who))
    for url in (
        reverse("scheduling:desk"),
        reverse("scheduling:patient_search"),
        reverse("scheduling:patient_detail", args=[patient.pk]),
    ):
        assert browser.get(url).status_code == 404


def test_a_patients_page_shows_visits_and_never_why(desk, practitioner, visit_type, patient):
    AppointmentFactory(
        practitioner=practitioner, patient=patient, visit_type=visit_type, reason="Sleepless"
    )

    html = desk.get(reverse("scheduling:patient_detail", args=[patient.pk])).content.decode()

    assert "Dr Ines Llorente" in html
    assert "Sleepless" not in html


def test_twenty_patients_are_enough(desk):
    for _ in range(25):
        PatientFactory(user=None, family_name="Zielonka")

    html = desk.get(reverse("scheduling:patient_search"), {"q": "ziel"}).content.decode()

    assert html.count("Zielonka") == 20
