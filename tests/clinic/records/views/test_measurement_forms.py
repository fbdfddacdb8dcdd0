"""What a form of one measurement does at its edges."""

from __future__ import annotations

import pytest

from clinic.records.choices import ObservationCategory, Source
from clinic.records.models import Observation
from tests.factories.records import ObservationFactory
from tests.factories.scheduling import AppointmentFactory, SiteFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def base(patient):
    SiteFactory()
    return f"/records/{patient.pk}/measurements/"


def sent(**more):
    return {"date": "2026-03-02", "time": "08:30", "note": "", **more}


def test_a_correction_shows_what_is_stored(patient, base, patient_client):
    row = ObservationFactory(patient=patient, said=True, note="After breakfast")

    html = patient_client.get(f"{base}value/{row.pk}/edit/").content.decode()

    assert 'name="number" value="71.4"' in html
    assert "After breakfast" in html
    assert 'name="version" value="1"' in html


def test_a_value_that_is_no_number_can_be_corrected(patient, base, patient_client):
    row = ObservationFactory(patient=patient, said=True, value={"text": "heavy"})

    html = patient_client.get(f"{base}value/{row.pk}/edit/").content.decode()
    patient_client.post(f"{base}value/{row.pk}/edit/", sent(number="80", version="1"))

    assert 'value="heavy"' not in html
    assert Observation.objects.get().value == {"number": "80", "unit": "kg"}


def test_a_correction_to_something_rare_is_asked_about(patient, base, patient_client):
    row = ObservationFactory(patient=patient, said=True)

    response = patient_client.post(f"{base}value/{row.pk}/edit/", sent(number="300", version="1"))

    assert response.status_code == 422
    assert "Is this number right?" in response.content.decode()
    assert Observation.objects.get().value["number"] == "71.4"


def test_a_version_that_is_no_number_counts_as_none(patient, base, patient_client):
    row = ObservationFactory(patient=patient, said=True)

    response = patient_client.post(
        f"{base}value/{row.pk}/edit/", sent(number="72", version="9" * 30)
    )

    assert response.status_code == 302


def test_what_the_doctor_measured_has_no_form_for_the_patient(patient, base, patient_client):
    row = ObservationFactory(patient=patient)

    assert patient_client.get(f"{base}value/{row.pk}/edit/").status_code == 404
    assert patient_client.get(f"{base}value/{row.pk}/mistake/").status_code == 404
    assert patient_client.get(f"{base}value/{row.pk}/").status_code == 200


def test_a_doctor_withdraws_an_imported_laboratory_value(
    patient, base, practitioner, practitioner_client
):
    AppointmentFactory(patient=patient, practitioner=practitioner)
    row = ObservationFactory(
        patient=patient,
        code="2093-3",
        text="Cholesterol",
        source=Source.IMPORT,
        category=ObservationCategory.LABORATORY,
    )

    asked = practitioner_client.get(
        f"{base}value/{row.pk}/mistake/", headers={"HX-Request": "true"}
    )
    done = practitioner_client.post(f"{base}value/{row.pk}/mistake/", {"version": "1"})

    assert "<html" not in asked.content.decode()
    assert "Cholesterol" in asked.content.decode()
    assert done["Location"] == base


@pytest.mark.parametrize(
    ("values", "field"),
    [({"feet": "5", "inches": "12"}, "inches"), ({"feet": "5.5", "inches": "3"}, "feet")],
)
def test_feet_and_inches_are_checked(patient, base, patient_client, values, field):
    patient_client.post(f"{base}units/", {"units": "us"})

    response = patient_client.post(f"{base}height/add/", sent(**values))

    assert list(response.context["form"].errors) == [field]
