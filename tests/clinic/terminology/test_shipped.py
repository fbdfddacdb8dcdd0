"""The lists that ship hold what they promise."""

from __future__ import annotations

from collections import Counter

import pytest

from clinic.terminology import selectors
from clinic.terminology.choices import Kind, System
from clinic.terminology.loading import icd10cm, own
from clinic.terminology.models import CODE_LENGTH


def test_every_code_ships_once_and_fits() -> None:
    codes = Counter((row.system, row.code) for row in own.read_shipped())

    assert [code for code, count in codes.items() if count > 1] == []
    assert max(len(code) for _system, code in codes) <= CODE_LENGTH


def test_no_snomed_content_ships() -> None:
    assert {row.system for row in own.read_shipped()} == {
        System.BETONY,
        System.CVX,
        System.LOINC,
        System.UCUM,
    }


@pytest.mark.parametrize(
    ("kind", "least"),
    [
        (Kind.MEDICINE, 250),
        (Kind.VACCINE, 60),
        (Kind.ALLERGEN, 80),
        (Kind.PROCEDURE, 40),
        (Kind.OBSERVATION, 40),
        (Kind.UNIT, 25),
    ],
)
def test_the_lists_are_long_enough_to_begin_with(kind: Kind, least: int) -> None:
    assert sum(row.kind == kind for row in own.read_shipped()) >= least


def test_a_medicine_says_how_it_is_taken(shipped: None) -> None:
    eye = selectors.concept(system=System.BETONY, code="medicine-latanoprost-0.005%-eye-drops")

    assert eye is not None
    assert eye.details["route"] == "in the eye"
    assert eye.details["strength"] == "0.005%"
    assert eye.details["form"] == "eye drops"


def test_a_medicine_stands_before_its_strengths(shipped: None) -> None:
    lines = selectors.search_concepts(kind=Kind.MEDICINE, query="lisin")

    assert lines[0].text == "Lisinopril"
    assert lines[2].text == "Lisinopril 2.5 mg tablet"


@pytest.mark.parametrize(
    ("allergen", "classes"),
    [
        ("allergen-penicillins", ["penicillin"]),
        ("allergen-ibuprofen", ["NSAID"]),
        ("allergen-contrast", ["iodinated contrast"]),
    ],
)
def test_a_drug_allergen_names_its_class(shipped: None, allergen: str, classes: list[str]) -> None:
    concept = selectors.concept(system=System.BETONY, code=allergen)

    assert concept is not None
    assert concept.details["classes"] == classes
    assert concept.details["category"] == "medication"


def test_common_conditions_stand_before_all_others() -> None:
    common = icd10cm.rank_of(code="I10", display="Essential (primary) hypertension", billable=True)
    short = icd10cm.rank_of(code="A00", display="Cholera", billable=True)

    assert common < short


def test_a_category_stands_behind_its_codes() -> None:
    billable = icd10cm.rank_of(code="E13", display="Other diabetes", billable=True)
    category = icd10cm.rank_of(code="E13", display="Other diabetes", billable=False)

    assert billable < category
