"""The table of medicines that do not go well together."""

from __future__ import annotations

import pytest

from clinic.terminology.interactions import Severity, check_pairs, pairs
from clinic.terminology.shipped import medicines


@pytest.mark.parametrize(
    ("first", "second", "severity"),
    [
        ("warfarin", "ibuprofen", Severity.SERIOUS),
        ("lisinopril", "potassium chloride", Severity.SERIOUS),
        ("sertraline", "phenelzine", Severity.AVOID),
        ("simvastatin", "clarithromycin", Severity.AVOID),
        ("isosorbide mononitrate", "sildenafil", Severity.AVOID),
    ],
)
def test_an_important_pair_is_known_in_both_orders(
    first: str, second: str, severity: Severity
) -> None:
    (found,) = check_pairs([first, second])
    (turned,) = check_pairs([second, first])

    assert found.severity == turned.severity == severity
    assert (found.first, found.second) == (first, second)
    assert found.sentence == turned.sentence


def test_the_worst_stands_first_and_every_two_are_told_once() -> None:
    found = check_pairs(["sertraline", "ibuprofen", "Sertraline", "phenelzine"])

    assert [(one.first, one.second) for one in found] == [
        ("sertraline", "phenelzine"),
        ("sertraline", "ibuprofen"),
    ]


def test_classes_may_be_told_by_the_caller() -> None:
    classes = {"something new": ["NSAID"], "warfarin": []}

    (found,) = check_pairs(["warfarin", "something new"], classes)

    assert found.second == "something new"


def test_what_goes_together_is_not_warned_of() -> None:
    assert check_pairs(["metformin", "atorvastatin", "unknown thing"]) == []
    assert check_pairs([]) == []


def test_every_line_names_known_ingredients_or_classes_and_its_source() -> None:
    known = set(medicines.classes())
    known |= {name for names in medicines.classes().values() for name in names}

    assert {name for pair in pairs() for name in (pair.one, pair.other)} - known == set()
    assert all("FDA" in pair.source and pair.sentence.endswith(".") for pair in pairs())
    assert len({frozenset((pair.one, pair.other)) for pair in pairs()}) == len(pairs())
