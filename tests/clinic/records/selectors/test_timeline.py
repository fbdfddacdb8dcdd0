"""Everything of one record in order of time: pages, what changed, the search."""

from __future__ import annotations

import datetime as dt

import pytest

from clinic.records.choices import DatePrecision, Verification
from clinic.records.models import DocumentReference, ImportedResource
from clinic.records.selectors import timeline
from clinic.records.selectors.timeline import Kind
from tests.factories.people import PatientFactory
from tests.factories.records import (
    AllergyFactory,
    ConditionFactory,
    EncounterFactory,
    FamilyHistoryFactory,
    ImmunizationFactory,
    MedicationFactory,
    NoteFactory,
    ObservationFactory,
    ProcedureFactory,
    blood_pressure,
)

pytestmark = pytest.mark.django_db
BERLIN = "Europe/Berlin"


def at(day: int, hour: int = 9, month: int = 2) -> dt.datetime:
    return dt.datetime(2026, month, day, hour, tzinfo=dt.UTC)


def kinds(moments) -> list[Kind]:
    return [moment.place.kind for moment in moments]


def one_of_each(patient):
    EncounterFactory(patient=patient, starts_at=at(10))
    ConditionFactory(patient=patient, onset_date=dt.date(2026, 2, 9))
    AllergyFactory(patient=patient, onset_date=dt.date(2026, 2, 8))
    MedicationFactory(patient=patient, starts_on=dt.date(2026, 2, 7))
    ObservationFactory(patient=patient, effective_at=at(6))
    ProcedureFactory(patient=patient, performed_date=dt.date(2026, 2, 5))
    ImmunizationFactory(patient=patient, occurrence_date=dt.date(2026, 2, 4))
    FamilyHistoryFactory(patient=patient, recorded_at=at(3))
    DocumentReference.objects.create(
        patient=patient,
        title="Letter of the hospital",
        status="current",
        content_type="application/pdf",
        size_bytes=1,
        source="patient",
        uploaded_at=at(2),
    )
    ImportedResource.objects.create(
        patient=patient,
        resource_type="CarePlan",
        label="Diet",
        content={"activity": "walking"},
        occurred_at=at(1),
        recorded_at=at(1),
        changed_at=at(1),
    )


def test_every_kind_stands_in_order_of_time(opened, patient):
    one_of_each(patient)

    page = timeline.timeline_page(access=opened, tz=BERLIN)

    assert kinds(page.moments) == [
        *(Kind.VISIT, Kind.CONDITION, Kind.ALLERGY, Kind.MEDICINE, Kind.MEASUREMENT),
        *(Kind.PROCEDURE, Kind.VACCINATION, Kind.FAMILY, Kind.DOCUMENT, Kind.OTHER),
    ]
    assert not page.has_more


@pytest.mark.parametrize("kind", list(Kind))
def test_filter_shows_one_kind(opened, patient, kind):
    one_of_each(patient)

    page = timeline.timeline_page(access=opened, tz=BERLIN, kind=kind)

    assert kinds(page.moments) == [kind]


def test_other_patients_stay_out(opened):
    one_of_each(PatientFactory())

    assert timeline.timeline_page(access=opened, tz=BERLIN).moments == []
    assert timeline.search(access=opened, tz=BERLIN, words="a") == []


def test_entry_without_a_date_stands_where_it_was_written(opened, patient):
    ConditionFactory(patient=patient, onset_date=None, recorded_at=at(20))

    [moment] = timeline.timeline_page(access=opened, tz=BERLIN).moments

    assert moment.place.at == at(20)


def test_what_was_taken_out_is_left_out(opened, patient):
    for verification in (Verification.ENTERED_IN_ERROR, Verification.REFUTED):
        ConditionFactory(patient=patient, verification=verification)

    assert timeline.timeline_page(access=opened, tz=BERLIN).moments == []


def test_measurements_of_one_day_are_one_moment(opened, patient):
    blood_pressure(patient, 128, 82, effective_at=at(6, 8))
    ObservationFactory(patient=patient, effective_at=at(6, 19))
    ObservationFactory(patient=patient, effective_at=at(7, 8))

    moments = timeline.timeline_page(access=opened, tz=BERLIN).moments

    assert [len(moment.rows) for moment in moments] == [1, 2]


def test_the_day_of_a_measurement_is_the_clinics(opened, patient):
    """Half past midnight in Berlin on the night the clocks go forward is still the 28th in UTC."""
    ObservationFactory(
        patient=patient, effective_at=dt.datetime(2026, 3, 28, 23, 30, tzinfo=dt.UTC)
    )
    ObservationFactory(patient=patient, effective_at=dt.datetime(2026, 3, 29, 1, 30, tzinfo=dt.UTC))

    berlin = timeline.timeline_page(access=opened, tz=BERLIN).moments
    london = timeline.timeline_page(access=opened, tz="America/New_York").moments

    assert [len(moment.rows) for moment in berlin] == [2]
    assert [len(moment.rows) for moment in london] == [2]
    hour_before = dt.datetime(2026, 3, 28, 22, 30, tzinfo=dt.UTC)
    ObservationFactory(patient=patient, effective_at=hour_before)
    again = timeline.timeline_page(access=opened, tz=BERLIN).moments
    assert [len(moment.rows) for moment in again] == [2, 1]


def test_pages_follow_each_other_without_a_gap(opened, patient, monkeypatch):
    monkeypatch.setattr(timeline, "PAGE_SIZE", 2)
    rows = [
        ProcedureFactory(patient=patient, performed_date=dt.date(2020, 1, n)) for n in range(1, 6)
    ]

    pages = [timeline.timeline_page(access=opened, tz=BERLIN, number=n) for n in (1, 2, 3)]

    shown = [moment.place.row_id for page in pages for moment in page.moments]
    assert shown == [row.pk for row in reversed(rows)]
    assert [page.has_more for page in pages] == [True, True, False]


def test_page_takes_one_query_and_one_for_each_kind_on_it(
    opened, patient, django_assert_num_queries
):
    for month in range(1, 9):
        ConditionFactory(patient=patient, onset_date=dt.date(2019, month, 1))
        MedicationFactory(patient=patient, starts_on=dt.date(2019, month, 1))

    with django_assert_num_queries(3):
        timeline.timeline_page(access=opened, tz=BERLIN)


def test_what_changed_since_a_moment(opened, patient):
    ConditionFactory(patient=patient, onset_date=dt.date(2001, 1, 1), changed_at=at(20))
    ConditionFactory(patient=patient, onset_date=dt.date(2026, 2, 25), changed_at=at(10))

    moments = timeline.changed_since(access=opened, tz=BERLIN, since=at(10), limit=5)

    assert [moment.place.at for moment in moments] == [at(20)]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("hyperten", 1),
        ("HYPERTENSION", 1),
        ("ess hyper", 1),
        ("hypertension missing", 0),
        ("pertension", 0),  # the middle of a word is no beginning
        ("cafe", 1),
        ("café", 1),
        ("   ", 0),
        ("%", 0),
        ("i10", 1),
        ("icd-10", 0),  # the name of a code system is no word of the record
    ],
)
def test_search_finds_the_beginning_of_every_word(opened, patient, words, found):
    ConditionFactory(
        patient=patient,
        concept={"text": "Essential hypertension", "system": "urn:icd-10", "code": "I10"},
        note="Told at the Café",
    )

    assert len(timeline.search(access=opened, tz=BERLIN, words=words)) == found


def test_search_reads_notes_that_the_reader_may_read(opened, own, patient, now):
    from clinic.records.permissions import check_may_open

    NoteFactory(patient=patient, signed=True, sections={"plan": "Physiotherapy twice a week"})
    NoteFactory(patient=patient, held_back=True, sections={"plan": "Physiotherapy later"})
    patients = check_may_open(viewer=own, patient_id=patient.pk, now=now)

    assert len(timeline.search(access=opened, tz=BERLIN, words="physio")) == 2
    assert len(timeline.search(access=patients, tz=BERLIN, words="physio")) == 1


def test_search_is_cut_at_the_newest(opened, patient, monkeypatch):
    monkeypatch.setattr(timeline, "MOST_FOUND", 2)
    for day in (1, 2, 3):
        ProcedureFactory(
            patient=patient,
            performed_date=dt.date(2020, 1, day),
            performed_precision=DatePrecision.DAY,
        )

    found = timeline.search(access=opened, tz=BERLIN, words="append")

    assert [moment.place.at.day for moment in found] == [3, 2]
