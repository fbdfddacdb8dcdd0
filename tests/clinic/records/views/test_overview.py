"""The overview, the time line and the summary: who sees them, and that they say what is there."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from clinic.audit.models import AuditEvent
from tests.factories.records import (
    AllergyFactory,
    ConditionFactory,
    FollowUpFactory,
    MedicationFactory,
    NoteFactory,
    ObservationFactory,
    ProposalFactory,
    blood_pressure,
)
from tests.factories.scheduling import AppointmentFactory

pytestmark = pytest.mark.django_db

PAGES = ("overview", "timeline")
STRANGERS = ("other_patient", "outsider", "receptionist", "administrator", "other_practitioner")


@pytest.fixture
def care(patient, practitioner, clock):
    return AppointmentFactory(patient=patient, practitioner=practitioner)


@pytest.fixture
def record(patient, care):
    AllergyFactory(patient=patient, reaction="Rash", onset_date=dt.date(2014, 1, 1))
    ConditionFactory(patient=patient, onset_date=dt.date(2025, 12, 1))
    MedicationFactory(patient=patient)
    for day in (1, 8, 15):
        blood_pressure(patient, 128, 82, effective_at=dt.datetime(2026, 2, day, 9, tzinfo=dt.UTC))
    NoteFactory(patient=patient, signed=True, sections={"assessment": "Better than last year"})
    return patient


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("stranger", STRANGERS)
def test_strangers_find_no_record(request, sign_in, record, page, stranger):
    client = sign_in(request.getfixturevalue(stranger))

    answer = client.get(reverse(f"records:{page}", args=[record.pk]))

    assert answer.status_code == 404


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("reader", ["patient", "practitioner"])
def test_patient_and_doctor_read_it_and_leave_a_trace(request, sign_in, record, page, reader):
    client = sign_in(request.getfixturevalue(reader))

    answer = client.get(reverse(f"records:{page}", args=[record.pk]))

    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    reads = AuditEvent.objects.filter(action="record.read", patient=record.pk)
    assert [event.object_id for event in reads] == [record.pk]


def test_overview_says_what_matters_first(sign_in, record):
    html = sign_in(record).get(reverse("records:overview", args=[record.pk])).content.decode()

    assert "Penicillin</strong>, Rash, 2014" in html
    assert "128/82" in html
    assert "High blood pressure" in html
    assert "Ramipril 5 mg" in html
    assert html.index("Penicillin") < html.index("128/82")


def test_empty_record_invites_to_begin(sign_in, patient, clock):
    html = sign_in(patient).get(reverse("records:overview", args=[patient.pk])).content.decode()

    assert "Nobody has asked yet" in html
    assert "No measurements yet" in html
    assert "No medicine on file." in html


def test_overview_shows_what_waits(sign_in, record, practitioner):
    ProposalFactory(patient=record)
    follow_up = FollowUpFactory(patient=record, practitioner=practitioner)

    html = sign_in(record).get(reverse("records:overview", args=[record.pk])).content.decode()

    assert "1 change waits for your doctor" in html
    assert reverse("scheduling:slot_list", args=[practitioner.pk]) in html
    assert f"follow-up-{follow_up.pk}" in html


def test_overview_takes_no_more_queries_however_much_there_is(
    sign_in, record, django_assert_num_queries, django_assert_max_num_queries
):
    """One for each part and one for each kind among the latest entries."""
    client = sign_in(record)
    address = reverse("records:overview", args=[record.pk])
    client.get(address)
    with django_assert_num_queries(24):
        client.get(address)
    for number in range(20):
        ConditionFactory(patient=record, text=f"Condition {number}")
        MedicationFactory(patient=record, text=f"Medicine {number}")
        ObservationFactory(patient=record)

    with django_assert_max_num_queries(24):
        client.get(address)


def test_summary_beside_the_board_is_a_piece_without_a_frame(sign_in, record, practitioner, care):
    client = sign_in(practitioner)

    answer = client.get(
        reverse("records:visit_summary", args=[care.pk]), headers={"HX-Request": "true"}
    )

    html = answer.content.decode()
    assert answer.status_code == 200
    assert "<html" not in html
    assert html.index("Penicillin") < html.index("High blood pressure")
    assert "Better than last year" in html
    assert "New since the visit of" in html


def test_summary_is_a_page_to_print(sign_in, record, practitioner):
    html = sign_in(practitioner).get(reverse("records:summary", args=[record.pk])).content.decode()

    assert "<html" in html
    assert html.count("<strong>Penicillin</strong>") == 1


@pytest.mark.parametrize("stranger", ["patient", *STRANGERS])
def test_summary_is_for_the_doctor_of_the_visit(request, sign_in, record, care, stranger):
    client = sign_in(request.getfixturevalue(stranger))

    for address in (
        reverse("records:visit_summary", args=[care.pk]),
        reverse("records:summary", args=[record.pk]),
    ):
        assert client.get(address).status_code == 404


def test_board_asks_for_the_summary_only_for_the_doctor(sign_in, care, practitioner, receptionist):
    board = reverse("scheduling:day_board", args=[practitioner.pk, care.local_date])
    address = reverse("records:visit_summary", args=[care.pk])

    doctors = sign_in(practitioner).get(board, {"visit": care.pk}).content.decode()
    desks = sign_in(receptionist).get(board, {"visit": care.pk}).content.decode()

    assert address in doctors
    assert address not in desks


def test_search_is_posted_and_finds(sign_in, record):
    client = sign_in(record)

    found = client.post(reverse("records:timeline", args=[record.pk]), {"words": "high blood"})
    nothing = client.post(reverse("records:timeline", args=[record.pk]), {"words": "zebra"})

    assert "1 entry found" in found.content.decode()
    assert "Nothing found" in nothing.content.decode()
    last = AuditEvent.objects.filter(action="record.read").latest("at", "pk")
    assert "high" not in last.detail and "search" in last.detail


def test_bad_search_keeps_what_was_typed(sign_in, record):
    answer = sign_in(record).post(
        reverse("records:timeline", args=[record.pk]), {"words": "x" * 101}
    )

    assert answer.status_code == 422
    assert "x" * 101 in answer.content.decode()


@pytest.mark.parametrize("query", ["kind=secrets", "page=0", "page=x", "page=99999", "page=٣"])
def test_made_up_pages_are_not_found(sign_in, record, query):
    answer = sign_in(record).get(f"{reverse('records:timeline', args=[record.pk])}?{query}")

    assert answer.status_code == 404


def test_time_line_says_values_in_the_readers_units(sign_in, record):
    ObservationFactory(patient=record, effective_at=dt.datetime(2026, 2, 20, 9, tzinfo=dt.UTC))
    address = reverse("records:timeline", args=[record.pk])

    metric = sign_in(record).get(address).content.decode()
    record.user.units = "us"
    record.user.save(update_fields=["units"])
    customary = sign_in(record).get(address).content.decode()

    assert "Weight 71.4 kg" in metric
    assert "Weight 157.4 lb" in customary
    assert "Blood pressure 128/82 mmHg" in metric
