"""Forms of the history: what they read, what they refuse, what they show again."""

from __future__ import annotations

import datetime as dt

import pytest

from clinic.records.choices import (
    ClinicalStatus,
    DatePrecision,
    LifestyleTopic,
    TobaccoStatus,
)
from clinic.records.dates import PartialDate
from clinic.records.forms.history import (
    FORM_OF,
    AllergyForm,
    ConditionForm,
    FamilyForm,
    ImmunizationForm,
    ProcedureForm,
)
from clinic.records.forms.lifestyle import LifestyleForm
from tests.factories.records import (
    AllergyFactory,
    ConditionFactory,
    FamilyHistoryFactory,
    ImmunizationFactory,
    LifestyleFactory,
    ProcedureFactory,
)

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 3, 2)
ACTIVE = {"what": "Migraine", "clinical_status": "active"}


def form(kind, data=None, *, on_file=None, by_doctor=False):
    return kind(data, today=TODAY, by_doctor=by_doctor, on_file=on_file)


@pytest.mark.parametrize(
    ("data", "field", "told"),
    [
        (ACTIVE | {"what": "  "}, "what", "required"),
        (ACTIVE | {"onset": "soon"}, "onset", "Write a year"),
        (ACTIVE | {"onset": "3 March 2026"}, "onset", "yet to come"),
        (ACTIVE | {"onset": "2027"}, "onset", "yet to come"),
        (ACTIVE | {"abatement": "2020"}, "abatement", "has no end"),
        (
            ACTIVE | {"clinical_status": "resolved", "onset": "2020", "abatement": "May 2019"},
            "abatement",
            "before it began",
        ),
        (ACTIVE | {"clinical_status": "remission"}, "clinical_status", "not one of"),
        (ACTIVE | {"note": "a\u202eb"}, "note", "hidden character"),
    ],
)
def test_a_condition_is_refused_beside_the_field(data, field, told):
    refused = form(ConditionForm, data)

    assert not refused.is_valid()
    assert told in " ".join(refused.errors[field])


def test_an_end_within_the_year_it_began_is_no_mistake():
    data = {
        "what": "Flu",
        "clinical_status": "resolved",
        "onset": "May 2019",
        "abatement": "2019",
    }

    assert form(ConditionForm, data).is_valid()


def test_a_condition_says_what_was_typed():
    said = form(ConditionForm, ACTIVE | {"onset": "May 2019", "severity": "mild"})

    assert said.is_valid()
    entry = said.entry()
    assert entry.onset == PartialDate(dt.date(2019, 5, 1), DatePrecision.MONTH)
    assert (entry.coded.text, entry.clinical_status, entry.severity) == (
        "Migraine",
        "active",
        "mild",
    )


@pytest.mark.parametrize(
    ("on_file", "chosen", "stored"),
    [
        (ClinicalStatus.REMISSION, "resolved", ClinicalStatus.REMISSION),
        (ClinicalStatus.RELAPSE, "active", ClinicalStatus.RELAPSE),
        (ClinicalStatus.RELAPSE, "resolved", ClinicalStatus.RESOLVED),
    ],
)
def test_the_patient_keeps_the_finer_status_a_doctor_gave(on_file, chosen, stored):
    row = ConditionFactory(clinical_status=on_file)
    said = form(ConditionForm, ACTIVE | {"clinical_status": chosen}, on_file=row)

    assert said.is_valid()
    assert said.entry().clinical_status == stored


def test_a_doctor_chooses_among_all_statuses():
    row = ConditionFactory(clinical_status=ClinicalStatus.REMISSION)
    shown = form(ConditionForm, on_file=row, by_doctor=True)

    assert shown.initial["clinical_status"] == ClinicalStatus.REMISSION
    assert len(shown.fields["clinical_status"].choices) == 6


def test_what_is_on_file_is_shown_and_read_back_as_it_was(patient):
    rows = {
        ConditionForm: ConditionFactory(
            onset_date=dt.date(2019, 5, 1), onset_precision="month", severity="mild"
        ),
        AllergyForm: AllergyFactory(
            kind="allergy", category="food", reaction="rash", criticality="high"
        ),
        ProcedureForm: ProcedureFactory(performed_date=dt.date(2011, 5, 3)),
        ImmunizationForm: ImmunizationFactory(dose_number="2", lot_number="A1"),
        FamilyForm: FamilyHistoryFactory(onset_age="50", deceased=True),
    }

    for kind, row in rows.items():
        shown = form(kind, on_file=row, by_doctor=True)
        data = {name: shown[name].value() for name in shown.fields}
        data = {name: "" if value is None else str(value) for name, value in data.items()}
        again = form(kind, data, on_file=row, by_doctor=True)
        assert again.is_valid(), again.errors
        columns = again.entry().columns()
        assert {name: getattr(row, name) for name in columns} == columns


def test_the_patient_is_not_asked_for_the_risk():
    assert "criticality" not in form(AllergyForm).fields
    assert "criticality" in form(AllergyForm, by_doctor=True).fields


def test_a_relative_in_other_words_stays():
    row = FamilyHistoryFactory(relationship="twin")
    said = form(FamilyForm, {"what": "Gout", "relationship": "twin"}, on_file=row)

    assert said.is_valid()
    assert said.entry().relationship == "twin"
    assert said.entry().deceased is None


def test_changed_words_take_the_code_away():
    row = ConditionFactory(concept={"text": "Gout", "system": "http://x", "code": "1"})
    said = form(ConditionForm, ACTIVE | {"what": "Gout of the toe"}, on_file=row)

    assert said.is_valid()
    assert (said.entry().coded.text, said.entry().coded.code) == ("Gout of the toe", "")


def test_every_form_belongs_to_its_section():
    assert {section: kind.section for section, kind in FORM_OF.items()} == {
        section: section for section in FORM_OF
    }


def test_lifestyle_yields_only_what_changed():
    work = LifestyleFactory()
    smokes = LifestyleFactory(
        patient=work.patient,
        text="Tobacco",
        code=LifestyleTopic.TOBACCO,
        value={"coded": {"text": "x", "code": TobaccoStatus.FORMER}},
        note="10 a day",
    )
    data = {"tobacco": TobaccoStatus.FORMER, "tobacco_note": "10 a day", "occupation": "Baker"}

    said = LifestyleForm(data, on_file=[work, smokes])

    assert said.is_valid()
    assert [entry.coded.code for entry in said.entries()] == [LifestyleTopic.OCCUPATION]


def test_a_note_alone_about_tobacco_is_a_change():
    smokes = LifestyleFactory(
        text="Tobacco", code=LifestyleTopic.TOBACCO, value={"text": "on Sundays"}
    )
    data = {"tobacco": TobaccoStatus.SOME_DAYS, "tobacco_note": "Sundays"}

    said = LifestyleForm(data, on_file=[smokes])

    assert said.is_valid()
    [entry] = said.entries()
    assert (entry.answer.code, entry.note) == (TobaccoStatus.SOME_DAYS, "Sundays")
