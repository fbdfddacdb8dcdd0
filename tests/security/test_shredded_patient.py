"""After an erasure the clinic works on: past visits are there, what was sealed is not."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from clinic.crypto import datakeys
from clinic.records.choices import ErasureBasis, ErasureStatus
from clinic.records.models import Erasure, PatientRecord
from tests.conftest import NOW
from tests.factories.people import UserFactory
from tests.factories.scheduling import AppointmentFactory
from tests.security.addresses import addresses
from tests.security.world import CANARY, World

# Readiness asks for a worker, which tests have none of.
ADDRESSES = [one for one in addresses() if one.is_ours and one.name != "readyz"]
OF_RECORD = [
    one
    for one in ADDRESSES
    if one.name.startswith(("records:", "fhir:"))
    and "patient_id" in one.arguments
    and "erasure" not in one.name
]


@pytest.fixture
def erased(world: World) -> World:
    """The world after the erasure of its patient; visits of that day, of the past and to come."""
    for days in (-30, 0, 1):
        AppointmentFactory(
            patient=world.patient,
            practitioner=world.practitioner,
            visit_type=world.visit_type,
            starts_at=NOW + dt.timedelta(days=days, hours=1),
            reason=CANARY,
            notes=CANARY,
        )
    PatientRecord.objects.get_or_create(pk=world.patient.pk)
    Erasure.objects.create(
        patient=world.patient,
        status=ErasureStatus.EXECUTED,
        legal_basis=ErasureBasis.COURT_ORDER,
        requested_at=NOW,
        requested_by=world.administrator,
        decided_at=NOW,
        decided_by=UserFactory(),
    )
    datakeys.shred(datakeys.PATIENT, world.patient.pk, now=NOW)
    return world


@pytest.mark.parametrize("who", ["doctor", "desk", "administrator", "patient"])
def test_no_page_fails_over_what_was_destroyed(erased: World, who: str) -> None:
    """Every address with an id of that patient's, for everyone who may open it."""
    browser = erased.browser(who)

    for address in ADDRESSES:
        response = browser.get(erased.path(address))

        told = f"{address} as {who}: {response.status_code}"
        assert response.status_code < 500, told
        assert response.status_code != 410, told
        if not response.streaming:
            assert b"cannot be opened" not in response.content, told


@pytest.mark.parametrize("who", ["doctor", "desk", "administrator"])
def test_staff_still_finds_the_name(erased: World, who: str) -> None:
    board = reverse("scheduling:day_board", args=[erased.practitioner.pk, NOW.date().isoformat()])

    page = erased.browser(who).get(board).content.decode()

    assert "Quillfeather" in page
    assert CANARY not in page


def test_search_and_the_desk_page_show_no_phone(erased: World) -> None:
    browser = erased.browser("desk")

    found = browser.get(reverse("scheduling:patient_search"), {"q": "Quill"}).content.decode()
    page = browser.get(reverse("scheduling:patient_detail", args=[erased.patient.pk]))

    assert "Quillfeather" in found
    assert "+49305550123" not in page.content.decode()


@pytest.mark.parametrize("who", ["patient", "doctor", "administrator"])
def test_record_does_not_exist_anymore(erased: World, who: str) -> None:
    browser = erased.browser(who)

    for address in OF_RECORD:
        assert browser.get(erased.path(address)).status_code in (404, 405), address.name


@pytest.mark.parametrize(("htmx", "status"), [(False, 410), (True, 409)])
def test_writing_what_can_no_longer_be_sealed_says_so(
    erased: World, htmx: bool, status: int
) -> None:
    """The desk corrects the phone number of somebody whose record was destroyed."""
    browser: Client = erased.browser("desk")
    headers = {"HX-Request": "true"} if htmx else {}
    address = reverse("scheduling:book_for_caller", args=[erased.practitioner.pk])
    typed = {
        "patient": str(erased.patient.pk),
        "idempotency_key": "00000000-0000-4000-8000-000000000001",
        "visit_type": str(erased.visit_type.pk),
        "modality": "in-person",
        "date": "2026-03-05",
        "time": "09:00",
        "notes": "Called again",
    }

    response = browser.post(address, typed, headers=headers)

    assert response.status_code == status
    page = response.content.decode()
    assert "This entry cannot be opened" in page
    assert "Traceback" not in page
    assert response["Cache-Control"] == "no-store"
    assert response.get("HX-Retarget") == ("#sheet" if htmx else None)
