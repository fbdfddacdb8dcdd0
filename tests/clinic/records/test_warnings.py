"""What a doctor is warned of: by ingredient and class, and what could not be compared."""

from __future__ import annotations

import pytest

from clinic.records.dosage import Dosage
from clinic.records.warnings import Kind, Level, Medicine, allergy_of, check_order, compare
from clinic.terminology import drugs
from clinic.terminology.coded import Coded
from tests.factories.records import AllergyFactory, MedicationFactory, ProposalFactory

ALLERGY_DEFAULTS = {"criticality": "low", "kind": "allergy"}


def medicine(name: str) -> Medicine:
    return Medicine(name, drugs.contents_of(drugs.named_in(name)))


def allergy(text: str, **more: object):
    about = ALLERGY_DEFAULTS | {"text": text, "patient": None} | more
    return allergy_of(AllergyFactory.build(**about))


def found(ordered: str, taken: list[str] = (), allergies: list = ()):  # type: ignore[assignment]
    warnings = compare(
        ordered=medicine(ordered),
        taken=[medicine(name) for name in taken],
        allergies=[allergy(one) if isinstance(one, str) else one for one in allergies],
    )
    return [(warning.kind, warning.level, warning.about) for warning in warnings]


pytestmark = pytest.mark.django_db


def test_an_allergy_to_the_same_ingredient_is_severe():
    assert found("Amoxicillin 500 mg", allergies=["Amoxicillin"]) == [
        (Kind.ALLERGY, Level.SEVERE, "Amoxicillin")
    ]


@pytest.mark.parametrize("said", ["Penicillin", "penicillins", "Allergy to penicillin"])
def test_an_allergy_to_the_class_is_severe(said):
    assert [(kind, level) for kind, level, _ in found("Amoxicillin 500 mg", allergies=[said])] == [
        (Kind.ALLERGY, Level.SEVERE)
    ]


def test_a_related_class_is_a_caution_and_severe_where_the_allergy_is_dangerous():
    mild = found("Cephalexin 500 mg", allergies=["Penicillin"])
    dangerous = found("Cephalexin 500 mg", allergies=[allergy("Penicillin", criticality="high")])

    assert mild == [(Kind.CROSS_ALLERGY, Level.CAUTION, "Penicillin")]
    assert dangerous == [(Kind.CROSS_ALLERGY, Level.SEVERE, "Penicillin")]


def test_another_medicine_of_the_same_reacting_class_is_severe():
    assert found("Naproxen 250 mg", allergies=["Ibuprofen"]) == [
        (Kind.ALLERGY, Level.SEVERE, "Ibuprofen")
    ]


def test_an_intolerance_without_danger_is_a_caution():
    intolerance = allergy("Ibuprofen", kind="intolerance")

    assert [level for _, level, _ in found("Ibuprofen 400 mg", allergies=[intolerance])] == [
        Level.CAUTION
    ]


def test_a_severe_reaction_makes_an_allergy_dangerous():
    assert allergy("Penicillin", reaction_severity="severe").is_dangerous
    assert not allergy("Penicillin").is_dangerous


def test_what_has_nothing_to_do_with_the_allergy_warns_of_nothing():
    assert found("Amlodipine 5 mg", allergies=["Penicillin"]) == []


def test_the_same_ingredient_taken_already_is_severe():
    assert found("Acetaminophen 500 mg", ["Panadol"]) == [
        (Kind.SAME_INGREDIENT, Level.SEVERE, "Panadol")
    ]


def test_a_second_medicine_of_one_class_is_a_caution():
    kinds = found("Naproxen 250 mg", ["Ibuprofen 400 mg"])

    assert (Kind.SAME_CLASS, Level.CAUTION, "Ibuprofen 400 mg") in kinds


def test_two_of_a_class_in_one_product_are_no_duplicate():
    both = Medicine("Both", drugs.contents_of(["ibuprofen", "naproxen"]))

    assert compare(ordered=both, taken=[medicine("Amlodipine 5 mg")], allergies=[]) == []


@pytest.mark.parametrize(
    ("ordered", "taken", "level"),
    [
        ("Ibuprofen 400 mg", "Warfarin 5 mg", Level.SEVERE),
        ("Warfarin 5 mg", "Ibuprofen 400 mg", Level.SEVERE),
        ("Sertraline 50 mg", "Warfarin 5 mg", Level.CAUTION),
    ],
)
def test_interactions_weigh_as_the_table_says(ordered, taken, level):
    assert found(ordered, [taken]) == [(Kind.INTERACTION, level, taken)]


def test_an_interaction_within_one_product_is_not_told():
    both = Medicine("Both", drugs.contents_of(["warfarin", "ibuprofen"]))

    assert compare(ordered=both, taken=[medicine("Levothyroxine 50 mcg")], allergies=[]) != []
    assert compare(ordered=both, taken=[], allergies=[]) == []


def test_an_unknown_order_says_that_nothing_was_compared():
    assert found("Grandmother's drops", ["Warfarin 5 mg"], ["Penicillin"]) == [
        (Kind.NOT_COMPARED, Level.NOTE, "Grandmother's drops")
    ]


def test_unknown_things_on_file_are_named():
    assert found("Amlodipine 5 mg", ["Grandmother's drops"], ["Pollen of a rare tree"]) == [
        (Kind.NOT_COMPARED, Level.NOTE, "Grandmother's drops, Pollen of a rare tree")
    ]


def test_food_and_pollen_are_no_unknown_medicines():
    others = [allergy("Peanuts", category="food"), allergy("Birch", category="environment")]

    assert found("Amlodipine 5 mg", allergies=others) == []


def test_why_it_is_the_same_is_said():
    says = [
        compare(ordered=medicine("Amoxicillin"), taken=[], allergies=[allergy(text)])[0].says
        for text in ("Amoxicillin", "Penicillin")
    ]

    assert says == ["Amoxicillin holds amoxicillin.", "Amoxicillin is a penicillin."]


def test_the_worst_comes_first():
    levels = [
        level
        for _, level, _ in found(
            "Ibuprofen 400 mg", ["Naproxen 250 mg", "Drops"], ["Aspirin", "Ibuprofen"]
        )
    ]

    assert levels == sorted(levels, key=list(Level).index)
    assert levels[0] == Level.SEVERE
    assert levels[-1] == Level.NOTE


def test_what_is_kept_with_a_prescription_names_kind_level_and_about():
    warning = compare(ordered=medicine("Ibuprofen"), taken=[], allergies=[allergy("Ibuprofen")])[0]

    assert warning.is_severe
    assert warning.as_json() == {"kind": "allergy", "level": "severe", "about": "Ibuprofen"}


def test_an_order_is_compared_with_what_is_on_file(opened, patient):
    MedicationFactory(patient=patient, text="Warfarin 5 mg")
    MedicationFactory(patient=patient, text="Naproxen 250 mg", status="on-hold")
    MedicationFactory(patient=patient, text="Ibuprofen 200 mg", status="stopped")
    AllergyFactory(patient=patient, text="Aspirin", reaction="hives", criticality="high")

    warnings = check_order(access=opened, coded=Coded("Ibuprofen 400 mg"), dosage=Dosage())

    about = {(warning.kind, warning.about) for warning in warnings}
    assert {(Kind.INTERACTION, "Warfarin 5 mg"), (Kind.SAME_CLASS, "Naproxen 250 mg")} <= about
    assert not any("200 mg" in text for _, text in about)


def test_what_the_patient_says_counts_before_anybody_confirmed_it(opened, patient):
    ProposalFactory(patient=patient, text="Penicillin")
    ProposalFactory(patient=patient, text="Panadol", kind="medication")

    about = {
        (warning.kind, warning.about)
        for name in ("Amoxicillin 500 mg", "Acetaminophen 500 mg")
        for warning in check_order(access=opened, coded=Coded(name), dosage=Dosage())
    }

    assert about == {(Kind.ALLERGY, "Penicillin"), (Kind.SAME_INGREDIENT, "Panadol")}


def test_a_medicine_is_no_duplicate_of_itself(opened, patient):
    row = MedicationFactory(patient=patient, text="Ibuprofen 400 mg")

    assert (
        check_order(
            access=opened, coded=Coded("Ibuprofen 400 mg"), dosage=Dosage(), replaces=row.pk
        )
        == []
    )
