"""Entries in words: what stands on the line, what opens below, who said it."""

from __future__ import annotations

import datetime as dt

import pytest

from clinic.records.choices import HistorySection, LifestyleTopic, Source, Verification
from clinic.records.presenters import history as presenters
from clinic.records.presenters import history_words as words
from clinic.records.presenters.lifestyle import answer_text
from tests.factories.records import (
    AllergyFactory,
    ConditionFactory,
    FamilyHistoryFactory,
    ImmunizationFactory,
    LifestyleFactory,
    ProcedureFactory,
)

pytestmark = pytest.mark.django_db
MAY = {"onset_date": dt.date(2019, 5, 1), "onset_precision": "month"}
ENDED = {"abatement_date": dt.date(2020, 1, 1), "abatement_precision": "year"}


@pytest.mark.parametrize(
    ("factory", "fields", "summary"),
    [
        (ConditionFactory, {}, ""),
        (ConditionFactory, MAY, "Since May 2019"),
        (ConditionFactory, MAY | {"clinical_status": "resolved"}, "May 2019"),
        (ConditionFactory, MAY | ENDED, "May 2019 to 2020"),
        (ConditionFactory, ENDED, "Until 2020"),
        (ConditionFactory, {"clinical_status": "remission"}, "In remission"),
        (AllergyFactory, {"reaction": "rash"}, "Rash"),
        (AllergyFactory, MAY | {"reaction": "rash"}, "Rash, since May 2019"),
        (AllergyFactory, MAY, "Since May 2019"),
        (ProcedureFactory, {"performed_date": dt.date(2011, 5, 3)}, "3 May 2011"),
        (
            ImmunizationFactory,
            {"occurrence_date": dt.date(2020, 5, 12), "dose_number": "2"},
            "12 May 2020, dose 2",
        ),
        (FamilyHistoryFactory, {"onset_age": "52", "deceased": True}, "Mother, at 52, has died"),
        (FamilyHistoryFactory, {"onset_age": "in her forties"}, "Mother, in her forties"),
        (FamilyHistoryFactory, {"relationship": "twin"}, "Twin"),
        (LifestyleFactory, {"note": "since 1999"}, "Carpenter, since 1999"),
    ],
)
def test_the_line_under_the_title(factory, fields, summary):
    assert words.summary(factory(**fields)) == summary


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"coded": {"text": "Ex-smoker", "code": "8517006"}}, "Used to smoke"),
        ({"coded": {"text": "Pipe on Sundays", "code": "1"}}, "Pipe on Sundays"),
        ({"number": "3", "unit": "/wk"}, "3 /wk"),
        ({"text": "None"}, "None"),
        ({}, ""),
    ],
)
def test_an_answer_reads_as_it_was_said(value, said):
    assert answer_text(LifestyleFactory(value=value)) == said


def test_titles_say_what_it_is():
    assert words.title(ConditionFactory(concept={})) == "Without a name"
    assert words.title(AllergyFactory(none=True)) == "No known allergies"
    assert words.title(LifestyleFactory(text="foreign", code=LifestyleTopic.DIET)) == (
        "Food and diet"
    )
    assert words.title(LifestyleFactory(text="Housing", code="71802-3")) == "Housing"


def test_what_must_be_seen_at_a_glance():
    high = AllergyFactory(criticality="high", reaction_severity="severe")
    severe = AllergyFactory(reaction_severity="severe")

    assert [chip[0] for chip in words.chips(high)] == ["High risk"]
    assert [chip[0] for chip in words.chips(severe)] == ["Severe reaction"]
    assert [chip[0] for chip in words.chips(ConditionFactory(severity="severe"))] == ["Severe"]
    assert not list(words.chips(AllergyFactory()))


def test_an_open_entry_names_its_code():
    concept = {"text": "Gout", "system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "M10.9"}

    assert words.facts(ConditionFactory(concept=concept)) == [("Code", "ICD-10-CM M10.9")]
    assert words.facts(LifestyleFactory()) == []
    assert words.facts(ImmunizationFactory(lot_number="A1")) == [("Lot number", "A1")]
    assert words.facts(AllergyFactory(kind="allergy", category="food")) == [
        ("Kind", "Allergy"),
        ("What kind of thing", "Food"),
    ]


@pytest.mark.parametrize(
    ("fields", "is_own", "told"),
    [
        ({}, True, "Confirmed by Dr Llorente on 12 Jan 2026."),
        ({"said": True}, True, "You said this on 12 Jan 2026."),
        ({"said": True}, False, "Said by the patient on 12 Jan 2026."),
        ({"said": True, "source": Source.PROXY}, True, "Said by a carer on 12 Jan 2026."),
        (
            {"said": True, "source": Source.IMPORT},
            True,
            "Taken over from another record on 12 Jan 2026.",
        ),
        (
            {"said": True, "verification": Verification.ENTERED_IN_ERROR},
            True,
            "You said this on 12 Jan 2026. Taken out on 12 Jan 2026.",
        ),
        (
            {"verification": Verification.ENTERED_IN_ERROR},
            False,
            "Taken out by Dr Llorente on 12 Jan 2026.",
        ),
        (
            {"verification": Verification.REFUTED},
            False,
            "Ruled out by Dr Llorente on 12 Jan 2026.",
        ),
        (
            {"verification": Verification.UNCONFIRMED},
            False,
            "Changed since Dr Llorente had looked at it on 12 Jan 2026.",
        ),
    ],
)
def test_who_said_it_and_who_decided(practitioner, fields, is_own, told):
    row = ConditionFactory(confirmed_by=practitioner.user, **fields)

    assert presenters.told(row, is_own=is_own) == told


def test_every_section_has_words():
    for section in HistorySection:
        assert words.add_label(section)
        assert words.empty(section, is_own=True)
        assert words.empty(section, is_own=False)
        assert section in words.ICONS
