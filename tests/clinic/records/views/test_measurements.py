"""The pages of measurements: who opens them, what they show, what they keep when refused."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from clinic.audit.models import AuditEvent
from clinic.people.models import User
from clinic.records.choices import ObservationCategory, Source, Verification
from clinic.records.models import Observation
from tests.factories.records import ObservationFactory, blood_pressure
from tests.factories.scheduling import AppointmentFactory, SiteFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

DAY = dt.timedelta(days=1)


@pytest.fixture
def site():
    return SiteFactory()  # in Berlin


@pytest.fixture
def row(patient):
    return ObservationFactory(patient=patient, said=True)


def pages(patient, row):
    base = f"/records/{patient.pk}/measurements/"
    return [
        base,
        f"{base}weight/",
        f"{base}weight/add/",
        f"{base}value/{row.pk}/",
        f"{base}value/{row.pk}/edit/",
        f"{base}value/{row.pk}/mistake/",
    ]


def test_patient_and_treating_doctor_open_every_page(
    patient, patient_client, practitioner, practitioner_client, row
):
    AppointmentFactory(patient=patient, practitioner=practitioner)

    for path in pages(patient, row):
        assert patient_client.get(path).status_code == 200, path
        assert practitioner_client.get(path).status_code == 200, path


@pytest.mark.parametrize(
    "stranger",
    [
        *("other_patient", "outsider", "practitioner", "other_practitioner"),
        *("receptionist", "administrator"),
    ],
)
def test_nobody_else_finds_one(request, stranger, patient, row):
    browser = request.getfixturevalue(f"{stranger}_client")

    for path in pages(patient, row):
        assert browser.get(path).status_code == 404, path
        assert browser.post(path, {"number": "70"}).status_code in (404, 405), path


def test_a_value_of_another_record_is_not_under_this_one(patient, patient_client, other_patient):
    row = ObservationFactory(patient=other_patient, said=True)

    for path in pages(patient, row)[3:]:
        assert patient_client.get(path).status_code == 404, path


def test_the_list_asks_this_often_whatever_it_holds(
    patient, patient_client, now, django_assert_max_num_queries
):
    for days in range(30):
        ObservationFactory(patient=patient, effective_at=now - DAY * days)
        blood_pressure(patient, 128, 82, effective_at=now - DAY * days)
    path = f"/records/{patient.pk}/measurements/"
    patient_client.get(path)

    # Twelve statements and the savepoint that stands for the transaction in a test.
    for page in ("", "weight/", "bmi/"):
        with django_assert_max_num_queries(14):
            patient_client.get(f"{path}{page}")


def test_a_look_is_in_the_trail(patient, patient_client, row):
    patient_client.get(f"/records/{patient.pk}/measurements/weight/")

    [event] = AuditEvent.objects.filter(action="record.read")
    assert event.patient == patient.pk
    assert "71.4" not in str(vars(event))


def test_tiles_say_value_unit_and_trend(patient, patient_client, now):
    for days, number in ((90, "74.6"), (45, "73"), (0, "71.4")):
        ObservationFactory(
            patient=patient,
            effective_at=now - DAY * days,
            value={"number": number, "unit": "kg"},
            said=True,
        )

    html = patient_client.get(f"/records/{patient.pk}/measurements/").content.decode()

    assert "<b>71.4 <small>kg</small></b>" in html
    assert "Down 3.2 kg since December 2025" in html
    assert 'aria-label="Falling"' in html
    assert "Measured at home" in html


def test_bmi_is_shown_without_ever_being_stored(patient, patient_client):
    ObservationFactory(patient=patient)
    ObservationFactory(
        patient=patient,
        code="8302-2",
        text="Body height",
        value={"number": "175", "unit": "cm"},
    )

    html = patient_client.get(f"/records/{patient.pk}/measurements/bmi/").content.decode()

    assert "<b>23.3 <small>kg/m²</small></b>" in html
    assert "In the range" in html
    assert "WHO 2000" in html
    assert Observation.objects.count() == 2


def test_a_chart_is_a_picture_with_a_sentence_and_a_table(patient, patient_client, now):
    for days, upper in ((30, 148), (0, 128)):
        blood_pressure(patient, upper, 82, effective_at=now - DAY * days)

    html = patient_client.get(f"/records/{patient.pk}/measurements/blood-pressure/").content
    html = html.decode()

    sentence = (
        "Blood pressure from 148/82 mmHg on 31 Jan 2026 to 128/82 mmHg on 2 Mar 2026."
        " Lowest 128, highest 148."
    )
    assert html.count(f'role="img" aria-label="{sentence}"') == 2
    assert '<th scope="row">2 Mar 2026</th><td class="num">128</td><td class="num">82</td>' in html
    assert "style=" not in html


def test_years_of_readings_become_monthly_means(patient, patient_client, now):
    for days in range(0, 730, 7):
        blood_pressure(patient, 130, 80, effective_at=now - DAY * days)
    path = f"/records/{patient.pk}/measurements/blood-pressure/"

    html = patient_client.get(f"{path}?show=all").content.decode()

    assert "Average of each month" in html
    assert "Page 1 of 7" in html


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("?show=month", "2"),
        ("?show=all", "4"),
        ("?since=2025-06-01&until=2026-02-15", "2"),
        ("?until=2025-12-31", "1"),
        ("?show=nonsense", "3"),
    ],
)
def test_the_period_narrows_the_series(patient, patient_client, now, query, shown):
    for days in (0, 20, 60, 500):
        ObservationFactory(patient=patient, effective_at=now - DAY * days)

    response = patient_client.get(f"/records/{patient.pk}/measurements/weight/{query}")

    assert str(response.context["total"]) == shown


@pytest.mark.parametrize(
    "query", ["?since=9999-12-31", "?since=x", "?since=2026-02-02&until=2026-01-01"]
)
def test_an_impossible_period_is_said_beside_its_field(patient, patient_client, row, query):
    response = patient_client.get(f"/records/{patient.pk}/measurements/weight/{query}")

    assert response.status_code == 422
    assert response.context["period"].errors


def test_a_laboratory_value_has_its_chart_under_the_id_of_a_row(patient, patient_client, now):
    rows = [
        ObservationFactory(
            patient=patient,
            code="4548-4",
            text="HbA1c",
            category=ObservationCategory.LABORATORY,
            value={"number": number, "unit": "mmol/mol"},
            effective_at=now - DAY * days,
            source=Source.IMPORT,
        )
        for days, number in ((90, "38"), (1, "42"))
    ]
    base = f"/records/{patient.pk}/measurements/"

    listed = patient_client.get(base).content.decode()
    chart = patient_client.get(f"{base}value/{rows[1].pk}/").content.decode()

    assert f"{base}value/{rows[1].pk}/" in listed
    assert "4548-4" not in listed + chart
    assert "HbA1c from 38 mmol/mol on 2 Dec 2025 to 42 mmol/mol" in chart


def test_one_tap_opens_a_sheet_on_the_first_number_at_the_clinics_time(
    patient, patient_client, site
):
    path = f"/records/{patient.pk}/measurements/blood-pressure/add/"

    html = patient_client.get(path, headers={"HX-Request": "true"}).content.decode()

    assert "<html" not in html
    assert html.index('name="upper"') < html.index("autofocus") < html.index('name="lower"')
    assert 'inputmode="numeric"' in html
    assert 'value="2026-03-02"' in html
    assert 'value="10:00"' in html  # 09:00 UTC


def sent(**more):
    return {"date": "2026-03-02", "time": "08:30", "note": "", **more}


def test_a_reading_is_kept_at_the_instant_of_the_clinics_clock(patient, patient_client, site):
    path = f"/records/{patient.pk}/measurements/weight/add/"

    response = patient_client.post(path, sent(number="71,4", note="After breakfast"))

    row = Observation.objects.get()
    assert response["Location"] == f"/records/{patient.pk}/measurements/weight/"
    assert row.effective_at == dt.datetime(2026, 3, 2, 7, 30, tzinfo=dt.UTC)
    assert (row.value["number"], row.note) == ("71.4", "After breakfast")


def test_htmx_is_sent_to_the_series(patient, patient_client, site):
    path = f"/records/{patient.pk}/measurements/weight/add/"

    response = patient_client.post(path, sent(number="71.4"), headers={"HX-Request": "true"})

    assert response["HX-Redirect"] == f"/records/{patient.pk}/measurements/weight/"


@pytest.mark.parametrize(
    ("measure", "values", "field"),
    [
        ("weight", {"number": "seventy"}, "number"),
        ("weight", {"number": ""}, "number"),
        ("weight", {"number": "71.45"}, "number"),
        ("weight", {"number": "1500"}, "number"),
        ("blood-pressure", {"upper": "120", "lower": "130"}, "lower"),
        ("blood-pressure", {"upper": "128.5", "lower": "80"}, "upper"),
        ("weight", {"number": "70", "time": "11:30"}, "time"),
        ("weight", {"number": "70", "date": "2026-02-31"}, "date"),
        ("weight", {"number": "70", "date": "1980-01-01"}, "date"),
        ("weight", {"number": "70", "date": "9999-12-31"}, "date"),
    ],
)
def test_a_refused_reading_keeps_what_was_typed(
    patient, patient_client, site, measure, values, field
):
    path = f"/records/{patient.pk}/measurements/{measure}/add/"

    response = patient_client.post(path, sent(note="Lying down", **values))

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert "Lying down" in response.content.decode()
    assert not Observation.objects.exists()


def test_limits_are_said_in_the_readers_units(patient, patient_client, site):
    User.objects.filter(pk=patient.user_id).update(units="us")
    path = f"/records/{patient.pk}/measurements/weight/add/"

    html = patient_client.post(path, sent(number="3000")).content.decode()

    assert "between 0.7 lb and 1433 lb" in html


def test_a_rare_reading_is_asked_about_and_then_kept(patient, patient_client, site):
    path = f"/records/{patient.pk}/measurements/blood-pressure/add/"
    values = sent(upper="215", lower="110")

    asked = patient_client.post(path, values)
    meant = patient_client.post(path, values | {"sure": "on"})

    assert asked.status_code == 422
    assert "Is this number right?" in asked.content.decode()
    assert 'name="sure"' in asked.content.decode()
    assert meant.status_code == 302


def test_units_are_chosen_once_and_for_all(patient, patient_client, row):
    base = f"/records/{patient.pk}/measurements/"

    patient_client.post(f"{base}units/", {"units": "us"})
    html = patient_client.get(base).content.decode()

    assert "<b>157.4 <small>lb</small></b>" in html
    assert patient_client.post(f"{base}units/", {"units": "stones"}).status_code == 404


def test_feet_and_inches_come_back_as_typed(patient, patient_client, site):
    User.objects.filter(pk=patient.user_id).update(units="us")
    base = f"/records/{patient.pk}/measurements/"

    patient_client.post(f"{base}height/add/", sent(feet="5", inches="9.5"))
    row = Observation.objects.get()

    assert Decimal(row.value["number"]) == Decimal("176.53")
    assert "5 ft 9.5 in" in patient_client.get(base).content.decode()
    html = patient_client.get(f"{base}value/{row.pk}/edit/").content.decode()
    assert 'name="feet" value="5"' in html
    assert 'name="inches" value="9.5"' in html


def test_a_correction_made_meanwhile_is_a_conflict(patient, patient_client, site, row):
    path = f"/records/{patient.pk}/measurements/value/{row.pk}/edit/"
    values = sent(number="72", version="1")

    first = patient_client.post(path, values)
    second = patient_client.post(path, values | {"number": "73"})

    assert (first.status_code, second.status_code) == (302, 409)
    assert 'value="73"' in second.content.decode()
    assert Observation.objects.get().value["number"] == "72"


def test_a_mistake_is_asked_about_and_then_taken_out(patient, patient_client, row):
    path = f"/records/{patient.pk}/measurements/value/{row.pk}/mistake/"

    asked = patient_client.get(path).content.decode()
    patient_client.post(path, {"version": "1"})

    assert "71.4 kg" in asked
    assert Observation.objects.get().verification == Verification.ENTERED_IN_ERROR
    assert "71.4" not in patient_client.get(f"/records/{patient.pk}/measurements/").content.decode()


def test_a_mistake_that_was_corrected_meanwhile_stays(patient, patient_client, row):
    path = f"/records/{patient.pk}/measurements/value/{row.pk}/mistake/"

    patient_client.post(path, {"version": "9"})

    assert Observation.objects.get().verification == Verification.UNCONFIRMED


@pytest.mark.parametrize("measure", ["bmi", "nothing"])
def test_what_nobody_measures_has_no_form(patient, patient_client, measure):
    path = f"/records/{patient.pk}/measurements/{measure}/add/"

    assert patient_client.get(path).status_code == 404


def test_the_first_page_offers_every_kind(patient, patient_client):
    html = patient_client.get(f"/records/{patient.pk}/measurements/").content.decode()

    assert "No readings yet" in html
    assert html.count('class="pill"') == 8
