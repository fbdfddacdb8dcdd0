"""What a medicine contains, and what reacts likewise."""

from __future__ import annotations

import pytest

from clinic.terminology import drugs, selectors
from clinic.terminology.choices import System
from clinic.terminology.shipped import medicines
from tests.clinic.terminology.conftest import Load, Write


@pytest.mark.parametrize(
    ("text", "ingredients"),
    [
        ("Lisinopril 10 MG Oral Tablet", ("lisinopril",)),
        ("Panadol", ("acetaminophen",)),
        ("losartan potassium 50 mg", ("losartan",)),
        ("Potassium chloride 20 mEq", ("potassium chloride",)),
        ("Amoxicillin 250 MG / Clavulanate 125 MG Oral Tablet", ("amoxicillin", "clavulanate")),
        ("co-amoxiclav", ("amoxicillin", "clavulanate")),
        ("St John's wort", ("st. johns wort",)),
        ("calcium and vitamin D", ("calcium carbonate", "cholecalciferol")),
        ("Insulin glargine pen", ("insulin glargine",)),
        ("blue pills", ()),
    ],
)
def test_ingredients_are_found_in_a_text(text: str, ingredients: tuple[str, ...]) -> None:
    assert drugs.named_in(text) == ingredients


def test_classes_come_with_the_ingredients(db: None) -> None:
    contents = selectors.ingredients_of(text="Advil")

    assert contents == drugs.Contents(("ibuprofen",), ("NSAID",))


def test_a_code_counts_before_the_text(shipped: None) -> None:
    contents = selectors.ingredients_of(
        text="my heart pill", system=System.BETONY, code="medicine-lisinopril"
    )

    assert contents.ingredients == ("lisinopril",)


def test_the_name_of_a_code_tells_where_its_ingredients_are_not_known(shipped: None) -> None:
    contents = selectors.ingredients_of(system=System.CVX, code="187", text="")

    assert contents == drugs.Contents()


def test_a_medicine_of_a_loaded_release_is_known_by_its_trade_name(
    shipped: None, load: Load, write: Write
) -> None:
    table = (
        "ingredient\tform\troute\tstrength\ttype\ttrade_names\n"
        "DELAFLOXACIN MEGLUMINE\tTABLET\tORAL\t450MG\tRX\tBAXDELA\n"
    )
    load("orange-book", write("products.tsv", table))

    assert selectors.ingredients_of(text="Baxdela 450").ingredients == ("delafloxacin meglumine",)
    assert selectors.ingredients_of(text="tablet of something").ingredients == ()
    assert selectors.ingredients_of(text="xy 5").ingredients == ()


@pytest.mark.parametrize(
    ("name", "classes"),
    [
        ("amoxicillin", ("penicillin", "cephalosporin", "carbapenem")),
        ("penicillins", ("penicillin", "cephalosporin", "carbapenem")),
        ("NSAIDs", ("NSAID", "salicylate")),
        ("ibuprofen", ("NSAID", "salicylate")),
        ("metformin", ()),
        ("something else", ()),
    ],
)
def test_what_reacts_likewise_is_known(name: str, classes: tuple[str, ...]) -> None:
    assert selectors.cross_reactive(ingredient_or_class=name) == classes


def test_why_it_reacts_likewise_is_one_sentence() -> None:
    assert drugs.why_cross_reactive("penicillin").endswith(".")
    assert drugs.why_cross_reactive("metformin") == ""


def test_two_medicines_of_a_class_are_the_same_treatment_twice() -> None:
    found = drugs.doubled(["ibuprofen", "naproxen", "lisinopril"])

    assert found == [drugs.Doubled("NSAID", ("ibuprofen", "naproxen"))]


def test_what_is_taken_together_on_purpose_is_not_doubled() -> None:
    assert drugs.doubled(["insulin glargine", "insulin lispro"]) == []
    assert drugs.doubled(["ibuprofen", "ibuprofen"]) == []


def test_every_ingredient_of_the_list_has_a_class() -> None:
    unknown = {
        ingredient
        for medicine in medicines.medicines()
        for ingredient in medicine.ingredients
        if not selectors.class_of(ingredient=ingredient)
    }

    assert unknown == set()


def test_every_class_that_reacts_likewise_is_a_class() -> None:
    # Contrast media are no medicines of the list, only an allergen.
    known = {name for names in medicines.classes().values() for name in names}
    known.add("iodinated contrast")

    named = {
        name
        for of_class, (others, _why) in medicines.cross_reactions().items()
        for name in (of_class, *others)
    }

    assert named - known == set()
