"""`manage.py load_codes`: official formats in, rows out, any number of times."""

from __future__ import annotations

import lzma
import sys
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management.base import CommandError

from clinic.terminology import selectors
from clinic.terminology.choices import Kind, System
from clinic.terminology.loading.progress import Progress
from clinic.terminology.loading.rows import Row
from clinic.terminology.loading.sources import SOURCES
from clinic.terminology.management.commands import load_codes
from clinic.terminology.models import Concept, Word
from tests.clinic.terminology.conftest import CODES, Load, Write, order_file

ORANGE_BOOK = (
    "Ingredient~DF;Route~Trade_Name~Applicant~Strength~Appl_Type~Appl_No~Product_No~TE_Code~"
    "Approval_Date~RLD~RS~Type~Applicant_Full_Name\n"
    "LISINOPRIL~TABLET;ORAL~ZESTRIL~ALMATICA~10MG~N~019777~002~AB~May 19, 1988~Yes~No~RX~ALMATICA\n"
    "LOSARTAN POTASSIUM; HYDROCHLOROTHIAZIDE~TABLET;ORAL~HYZAAR~ORGANON~50MG;12.5MG **Federal"
    " Register**~N~020387~001~AB~Apr 28, 1995~Yes~No~DISCN~ORGANON\n"
    "~TABLET;ORAL~NAMELESS~X~1MG~N~000001~001~~~No~No~RX~X\n"
    "TOO~FEW\n"
)
NDC_HEADER = (
    "PRODUCTID PRODUCTNDC PRODUCTTYPENAME PROPRIETARYNAME PROPRIETARYNAMESUFFIX"
    " NONPROPRIETARYNAME DOSAGEFORMNAME ROUTENAME SUBSTANCENAME ACTIVE_NUMERATOR_STRENGTH"
    " ACTIVE_INGRED_UNIT NDC_EXCLUDE_FLAG"
).replace(" ", "\t")
NDC = [
    "1|0006-0952|HUMAN PRESCRIPTION DRUG|COZAAR||losartan potassium|TABLET, FILM COATED|ORAL"
    "|LOSARTAN POTASSIUM|50|mg/1|N",
    "2|0573-0164|HUMAN OTC DRUG|Advil|PM|ibuprofen|TABLET|ORAL||200|mg/1|N",
    "3|1111-0001|BULK INGREDIENT|X||ibuprofen|POWDER|||1|kg/kg|N",
    "4|1111-0002|HUMAN OTC DRUG|X||ibuprofen|TABLET|ORAL||1|mg/1|E",
    "5|1111-0003|HUMAN OTC DRUG|X|||TABLET|ORAL||1|mg/1|N",
]
CVX = (
    "141|Influenza, seasonal, injectable|Influenza, seasonal, injectable||Active|False|2020/01/01\n"
    "8|Hep B, adolescent|hepatitis B vaccine, pediatric dosage||Active|False|2020/01/01\n"
    "23|plague|plague vaccine||Inactive|False|2020/01/01\n"
    "\n"
    "not a line\n"
)
LOINC = (
    '"LOINC_NUM","COMPONENT","STATUS","SHORTNAME","CONSUMER_NAME","EXAMPLE_UCUM_UNITS",'
    '"LONG_COMMON_NAME","COMMON_TEST_RANK"\n'
    '"2345-7","Glucose","ACTIVE","Glucose SerPl-mCnc","Glucose, Blood","mg/dL",'
    '"Glucose [Mass/volume] in Serum or Plasma","5"\n'
    '"1-8","Acyclovir","TRIAL","Acyclovir","","ug/mL","Acyclovir [Susceptibility]","0"\n'
    '"2-6","Old","DEPRECATED","Old","","","Old test","0"\n'
    '"3-4","Nameless","ACTIVE","","","","","0"\n'
)


def rxnorm_concept(code: str, kind: str, name: str, *, source: str = "RXNORM") -> str:
    return f"{code}|ENG||||||A1||||{source}|{kind}|{code}|{name}||N||\n"


RXNCONSO = (
    rxnorm_concept("29046", "IN", "lisinopril")
    + rxnorm_concept("196472", "BN", "Zestril")
    + rxnorm_concept("314076", "SCD", "lisinopril 10 MG Oral Tablet")
    + rxnorm_concept("563611", "SCDC", "lisinopril 10 MG")
    + rxnorm_concept("999", "SCD", "from elsewhere", source="MMSL")
    + "not|a|line\n"
)
RXNREL = (
    "29046||CUI|RN|196472||CUI|tradename_of|1|||RXNORM||||4096|\n"
    "29046||CUI|RO|563611||CUI|has_ingredient|2|||RXNORM||||4096|\n"
    "563611||CUI|RO|314076||CUI|consists_of|3|||RXNORM||||4096|\n"
    "563611||CUI|RO|314076||CUI|inverse_of_nothing|4|||RXNORM||||4096|\n"
)


def found(system: System, code: str) -> Concept:
    concept = selectors.concept(system=system, code=code)
    assert concept is not None
    return concept


def test_order_file_becomes_conditions_with_dotted_codes(conditions: None) -> None:
    concept = found(System.ICD10CM, "E11.65")

    assert concept.kind == Kind.CONDITION
    assert concept.display == "Type 2 diabetes mellitus with hyperglycemia"
    assert concept.details["billable"] is True
    assert found(System.ICD10CM, "E11").details["billable"] is False
    assert str(concept) == "ICD-10-CM E11.65"


def test_the_same_file_again_changes_nothing(conditions: None, load: Load, write: Write) -> None:
    said = load("icd10cm", write("again.txt", order_file(CODES)))

    assert said == (f"ICD-10-CM: 0 added, 0 changed, 0 retired, {len(CODES)} as before\n")


def test_a_new_release_adds_changes_and_retires(conditions: None, load: Load, write: Write) -> None:
    codes = [*CODES[:-1], ("U071", 1, "COVID-19")]
    codes[4] = ("I10", 1, "Essential hypertension")

    said = load("icd10cm", write("next.txt", order_file(codes)))

    assert said.startswith("ICD-10-CM: 1 added, 1 changed, 1 retired, ")
    assert found(System.ICD10CM, "I10").display == "Essential hypertension"
    assert found(System.ICD10CM, "W55.81XA").active is False


def test_a_code_that_comes_back_is_offered_again(
    conditions: None, load: Load, write: Write
) -> None:
    load("icd10cm", write("less.txt", order_file(CODES[:4])))

    load("icd10cm", write("more.txt", order_file(CODES)))

    assert found(System.ICD10CM, "I10").active is True
    assert Word.objects.filter(kind=Kind.CONDITION, text="hypertension").exists()


def test_odd_lines_are_counted_and_named_by_number(db: None, load: Load, write: Write) -> None:
    text = "what is this\n" + order_file(CODES[:2]) + "\n\nand this\n"

    said = load("icd10cm", write("odd.txt", text))

    assert "2 added" in said
    assert "2 lines were left out:" in said
    assert "2 x not a line of the order file (line 1, 6, ...)" in said
    assert "what is this" not in said


def test_a_table_may_be_packed(db: None, load: Load, tmp_path: Path) -> None:
    path = tmp_path / "codes.tsv.xz"
    table = (
        "code\tdescription\tbillable\tparent\tinclusion_terms\n"
        "R07.9\tChest pain, unspecified\t1\tR07\tPain in breastbone; Sternal pain\n"
        "R08\t\t1\t\t\n"
    )
    path.write_bytes(lzma.compress(table.encode()))

    said = load("icd10cm", path)

    assert "1 x no code or no description (line 3, ...)" in said
    assert found(System.ICD10CM, "R07.9").details["terms"] == ["Pain in breastbone", "Sternal pain"]


def test_the_package_is_read_without_a_file(
    db: None, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = SimpleNamespace(
        get_all_codes=lambda: ["9", "I10-I1A", "I10", "I10"],
        get_description={"I10": "Essential (primary) hypertension"}.get,
        is_leaf=lambda code: True,
        get_inclusion_term=lambda code: [],
        get_includes=lambda code: ["high blood pressure"],
    )
    monkeypatch.setitem(sys.modules, "simple_icd_10_cm", release)

    said = load("icd10cm")

    assert said.startswith("ICD-10-CM: 1 added")
    assert found(System.ICD10CM, "I10").details["terms"] == ["high blood pressure"]


def test_orange_book_products_become_medicines(db: None, load: Load, write: Write) -> None:
    said = load("orange-book", write("products.txt", ORANGE_BOOK))

    assert "2 added" in said
    assert "1 x no Ingredient or DF;Route or Appl_No or Product_No (line 4, ...)" in said
    assert "1 x another number of columns than the header (line 5, ...)" in said
    both = found(System.ORANGE_BOOK, "N020387-001")
    assert both.display == "Losartan and hydrochlorothiazide 50mg;12.5mg tablet"
    assert both.details["ingredients"] == ["losartan", "hydrochlorothiazide"]
    assert both.details["brands"] == ["Hyzaar"]
    assert both.details["route"] == "oral"
    assert both.rank > found(System.ORANGE_BOOK, "N019777-002").rank


def test_ndc_products_for_people_become_medicines(db: None, load: Load, write: Write) -> None:
    lines = [line.replace("|", "\t") for line in NDC]

    said = load("ndc", write("product.txt", "\n".join([NDC_HEADER, *lines]) + "\n"))

    assert "2 added" in said
    assert "1 x not a medicine for people to take (line 4, ...)" in said
    assert "1 x excluded by the FDA (line 5, ...)" in said
    assert "(line 6, ...)" in said
    cozaar = found(System.NDC, "0006-0952")
    assert cozaar.display == "Losartan 50 mg tablet, film coated"
    assert cozaar.details["brands"] == ["Cozaar"]
    assert found(System.NDC, "0573-0164").details["brands"] == ["Advil PM"]


def test_cvx_codes_become_vaccines_with_our_plain_names(
    shipped: None, load: Load, write: Write
) -> None:
    said = load("cvx", write("cvx.txt", CVX))

    assert "1 x not a line of cvx.txt (line 5, ...)" in said
    flu = found(System.CVX, "141")
    assert flu.display == "Influenza, seasonal, injectable"
    assert flu.details["names"] == ["Flu vaccine"]
    assert found(System.CVX, "08").display == "hepatitis B vaccine, pediatric dosage"
    # What ships stays: the file may be a part of the release only.
    assert found(System.CVX, "187").active is True


def test_what_ships_does_not_undo_a_release(shipped: None, load: Load, write: Write) -> None:
    load("cvx", write("cvx.txt", CVX))

    said = load("shipped")

    assert "0 added, 0 changed, 0 retired" in said
    assert found(System.CVX, "141").display == "Influenza, seasonal, injectable"


def test_rxnorm_drugs_know_their_ingredients_by_relations(
    db: None, load: Load, write: Write
) -> None:
    write("RXNREL.RRF", RXNREL)

    said = load("rxnorm", write("RXNCONSO.RRF", RXNCONSO))

    assert "3 added" in said
    assert "1 x not a line of RXNCONSO.RRF (line 6, ...)" in said
    assert found(System.RXNORM, "314076").details["ingredients"] == ["lisinopril"]
    brand = found(System.RXNORM, "196472")
    assert brand.details["ingredients"] == ["lisinopril"]
    assert brand.details["brands"] == ["Zestril"]
    assert brand.details["classes"] == ["ACE inhibitor"]


def test_rxnorm_without_relations_reads_the_names(db: None, load: Load, write: Write) -> None:
    load("rxnorm", write("RXNCONSO.RRF", RXNCONSO))

    assert found(System.RXNORM, "314076").details["ingredients"] == ["lisinopril"]


def test_rxnorm_substances_become_allergens(db: None, load: Load, write: Write) -> None:
    table = "system\tcode\tdisplay\nrxnorm\t723\tAmoxicillin\nrxnorm\t\tNothing\n"

    said = load("rxnorm", write("allergens.tsv", table))

    assert "1 added" in said
    assert "1 x no code or display (line 3, ...)" in said
    assert found(System.RXNORM, "723").details["classes"] == ["penicillin", "antibiotic"]


def test_loinc_tests_are_ranked_as_common_as_they_are(db: None, load: Load, write: Write) -> None:
    said = load("loinc", write("Loinc.csv", LOINC))

    assert "1 x no longer to be used (line 4, ...)" in said
    assert "1 x no LOINC_NUM or LONG_COMMON_NAME (line 5, ...)" in said
    glucose = found(System.LOINC, "2345-7")
    assert glucose.details["unit"] == "mg/dL"
    assert glucose.rank < found(System.LOINC, "1-8").rank


def test_a_short_loinc_table_is_read(db: None, load: Load, write: Write) -> None:
    table = "loinc\tdisplay\tunit\tucum\n8867-4\tHeart Rate\tbeats/min\t/min\n\tNo code\t\t\n"

    said = load("loinc", write("vitals.tsv", table))

    assert "1 x no loinc or display (line 3, ...)" in said
    assert found(System.LOINC, "8867-4").details["unit"] == "/min"


def test_cvx_and_orange_book_tables_tell_their_odd_lines(
    db: None, load: Load, write: Write
) -> None:
    cvx = write("cvx.tsv", "cvx\tdisplay\tfrom\n3\tMMR vaccine\tCDC\n4\t\tCDC\n")
    medicines = write(
        "products.tsv",
        "ingredient\tform\troute\tstrength\ttype\ttrade_names\n"
        "IBUPROFEN\tTABLET\tORAL\t200MG\tDISCN\tADVIL | MOTRIN\n\tTABLET\t\t\t\t\n",
    )

    assert "1 x no cvx or display (line 3, ...)" in load("cvx", cvx)
    assert "1 x no ingredient or form (line 3, ...)" in load("orange-book", medicines)
    assert found(System.CVX, "03").display == "MMR vaccine"
    assert found(System.ORANGE_BOOK, "line-2").details["brands"] == ["Advil", "Motrin"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Name a code system: cvx, icd10cm"),
        (("ndc",), "FDA NDC directory needs the file of its release."),
        (("shipped", "file.txt"), "What ships is loaded without a file."),
        (("ndc", "file.txt"), "This is not a file of FDA NDC directory."),
        (("cvx", "missing.txt"), "No such file"),
        (("icd10cm", "file.txt"), "Nothing in it is of ICD-10-CM; nothing was changed."),
    ],
)
def test_what_cannot_be_loaded_is_said(
    db: None, load: Load, write: Write, arguments: tuple[str, ...], message: str
) -> None:
    folder = write("file.txt", "nothing of any code system\n").parent
    paths = [str(folder / one) if one.endswith(".txt") else one for one in arguments]

    with pytest.raises(CommandError, match=message):
        load(*paths)


def test_a_start_loads_what_is_missing_and_then_says_nothing(
    db: None, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = [
        Row(
            kind=Kind.CONDITION,
            system=System.ICD10CM,
            code="I10",
            display="Essential (primary) hypertension",
            rank=0,
        )
    ]
    monkeypatch.setitem(
        SOURCES,
        "icd10cm",
        SOURCES["icd10cm"].__class__(
            title="ICD-10-CM", retires=(System.ICD10CM,), without_file=lambda: iter(release)
        ),
    )

    first, second = load(start=True), load(start=True)

    assert "What ships: " in first
    assert "ICD-10-CM: 1 added" in first
    assert second == ""


def test_many_rows_go_in_several_batches(
    db: None, load: Load, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load_codes, "BATCH", 3)

    said = load("icd10cm", write("order.txt", order_file([*CODES, CODES[0]])))

    assert said.startswith(f"ICD-10-CM: {len(CODES)} added, 0 changed, 0 retired, ")
    assert Concept.objects.count() == len(CODES)


def test_progress_is_drawn_on_a_terminal_only() -> None:
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

        def write(self, text: str, ending: str = "\n") -> int:
            return super().write(text + ending)

    screen, log = Terminal(), StringIO()
    for out in (screen, log):
        progress = Progress(out, title="CVX")
        progress.show(1_500)
        progress.show(1_600)
        progress.done()

    assert screen.getvalue() == "\r\x1b[KCVX: 1,500 codes\r\x1b[K"
    assert log.getvalue() == ""


def test_words_know_what_they_are(conditions: None) -> None:
    word = Word.objects.get(kind=Kind.CONDITION, text="hypertension")

    assert str(word) == "hypertension"
    assert word.uses == 1
