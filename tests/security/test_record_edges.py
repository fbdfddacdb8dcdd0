"""The edges of the record: numbers and codes no browser sends, the name of a file in a session,
the clinic's midnight, rows that are not the patient's to rewrite.
"""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile

from clinic.lib.clinic_time import clinic_today
from clinic.records.choices import MedicationStatus, ProposalAction, ProposalKind, Source
from clinic.records.permissions import check_may_open
from clinic.records.selectors.documents import visits_to_attach
from tests.factories import files
from tests.factories.people import ProxyGrantFactory, acting_for
from tests.factories.records import (
    DocumentFactory,
    LifestyleFactory,
    MedicationFactory,
    ProposalFactory,
)
from tests.factories.scheduling import AppointmentFactory, SiteFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

MANY_DIGITS = "9" * 5_000


@pytest.fixture
def base(patient):
    return f"/records/{patient.pk}/"


@pytest.fixture
def doctor_client(patient, practitioner, practitioner_client):
    AppointmentFactory(patient=patient, practitioner=practitioner)
    return practitioner_client


def test_a_page_number_of_5000_digits_is_answered(patient_client, administrator, sign_in, base):
    assert patient_client.get(f"{base}medicines/", {"past": MANY_DIGITS}).status_code == 200
    page = sign_in(administrator).get("/emergency-access/", {"page": MANY_DIGITS})
    assert page.status_code == 200


@pytest.mark.parametrize("due", ["253402300799", "-62135596800", MANY_DIGITS])
def test_a_dose_at_the_end_of_time_is_told_in_words(patient_client, patient, base, due):
    SiteFactory()
    row = MedicationFactory(patient=patient)

    answer = patient_client.post(
        f"{base}medicines/{row.pk}/dose/",
        {"act": "taken", "due": due},
        headers={"HX-Request": "true"},
    )

    assert answer.status_code == 409


@pytest.mark.parametrize("forged", ["a\x00b", "a" * 50_000, "\u202e"])
def test_a_forged_code_is_free_text(doctor_client, base, forged):
    answers = {"what": "Asthma", "what_system": forged, "what_code": forged}

    answer = doctor_client.post(
        f"{base}history/conditions/add/", answers | {"clinical_status": "active"}
    )

    assert answer.status_code == 302


def test_a_proposal_about_a_medicine_that_was_stopped_meanwhile_is_answered(
    doctor_client, patient, base
):
    row = MedicationFactory(patient=patient, status=MedicationStatus.STOPPED)
    proposal = ProposalFactory(
        patient=patient,
        kind=ProposalKind.MEDICATION,
        action=ProposalAction.STOP,
        target_id=row.pk,
        target_version=row.version,
        said={"status": "stopped", "status_reason": "", "ends_on": "2026-03-02"},
        on_file={"status": "active"},
    )
    to = f"{base}history/proposals/"

    one = doctor_client.post(f"{to}{proposal.pk}/accept/", {"version": row.version, "note": ""})
    every = doctor_client.post(f"{to}accept-all/", {"proposal": [str(proposal.pk)]})

    proposal.refresh_from_db()
    assert (one.status_code, every.status_code) == (409, 302)
    assert proposal.status == "proposed"


def test_no_session_holds_the_name_of_a_file(patient_client, base):
    sent = SimpleUploadedFile("canary-hepatitis.pdf", files.pdf())
    patient_client.post(
        f"{base}documents/new/", {"file": [sent], "category": "letter", "title": "", "note": ""}
    )

    held = [str(session.get_decoded()) for session in Session.objects.all()]

    assert not [text for text in held if "canary" in text]


def test_a_patient_does_not_rename_what_the_doctor_added(
    patient_client, doctor_client, patient, base
):
    row = DocumentFactory(patient=patient, source=Source.PRACTITIONER)
    answers = {"title": "Mine now", "category": "letter", "note": ""}

    answer = patient_client.post(f"{base}documents/{row.pk}/edit/", answers)

    row.refresh_from_db()
    assert answer.status_code == 404
    assert row.title != "Mine now"


def test_an_answer_about_life_is_no_measurement_to_withdraw(patient_client, patient, base):
    row = LifestyleFactory(patient=patient, source=Source.PATIENT)

    answer = patient_client.post(f"{base}measurements/value/{row.pk}/mistake/", {"version": "1"})

    row.refresh_from_db()
    assert answer.status_code == 404
    assert row.verification != "entered-in-error"


@pytest.mark.parametrize(("scopes", "shown"), [(["visits"], 2), ([], 1)])
def test_a_carer_without_visits_is_told_of_none_to_come(patient, now, scopes, shown):
    grant = ProxyGrantFactory(patient=patient, scopes=["record-read", "record-write", *scopes])
    for days in (-3, 3):
        AppointmentFactory(patient=patient, starts_at=now + dt.timedelta(days=days))
    access = check_may_open(viewer=acting_for(grant, now=now), patient_id=patient.pk, now=now)

    assert len(visits_to_attach(access=access, now=now)) == shown


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        # Clocks in Berlin go forward on 29 March 2026 and back on 25 October.
        (dt.datetime(2026, 3, 28, 23, 30, tzinfo=dt.UTC), dt.date(2026, 3, 29)),
        (dt.datetime(2026, 3, 29, 21, 59, tzinfo=dt.UTC), dt.date(2026, 3, 29)),
        (dt.datetime(2026, 3, 29, 22, 0, tzinfo=dt.UTC), dt.date(2026, 3, 30)),
        (dt.datetime(2026, 10, 25, 22, 59, tzinfo=dt.UTC), dt.date(2026, 10, 25)),
        (dt.datetime(2026, 10, 25, 23, 0, tzinfo=dt.UTC), dt.date(2026, 10, 26)),
    ],
)
def test_days_are_counted_by_the_clinics_clock(instant, day):
    SiteFactory()

    assert clinic_today(instant) == day
