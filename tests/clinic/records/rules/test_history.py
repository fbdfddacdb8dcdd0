"""What may be done with an entry of the history, by each side and in each state."""

from __future__ import annotations

import dataclasses

import pytest

from clinic.records.choices import ClinicalStatus, HistorySection, Source, Verification
from clinic.records.rules import history as rules

OWN = rules.EntryState(
    section=HistorySection.CONDITIONS,
    verification=Verification.UNCONFIRMED,
    source=Source.PATIENT,
    was_decided=False,
    clinical_status=ClinicalStatus.ACTIVE,
    by_doctor=False,
)
ACTS = {
    "edit": rules.can_edit,
    "confirm": rules.can_confirm,
    "rule out": rules.can_rule_out,
    "take out": rules.can_mark_mistaken,
    "put back": rules.can_restore,
    "resolve": rules.can_resolve,
    "reopen": rules.can_reopen,
}
CASES = [
    ("the patient's own words", {}, {"edit", "take out"}),
    ("decided on by a doctor", {"was_decided": True}, {"edit"}),
    ("written by a doctor", {"source": Source.PRACTITIONER}, {"edit"}),
    ("by a carer", {"source": Source.PROXY}, {"edit", "take out"}),
    ("an allergy of the patient's", {"section": HistorySection.ALLERGIES}, set()),
    ("taken out by the patient", {"verification": Verification.ENTERED_IN_ERROR}, {"put back"}),
    ("ruled out", {"verification": Verification.REFUTED, "was_decided": True}, set()),
    ("a doctor looks", {"by_doctor": True}, {"edit", "confirm", "rule out", "take out", "resolve"}),
    (
        "a doctor looks at a past one",
        {
            "by_doctor": True,
            "verification": Verification.CONFIRMED,
            "clinical_status": ClinicalStatus.RESOLVED,
        },
        {"edit", "rule out", "take out", "reopen"},
    ),
    (
        "a doctor looks at a vaccination",
        {"by_doctor": True, "section": HistorySection.VACCINATIONS, "clinical_status": ""},
        {"edit", "confirm", "take out"},
    ),
    (
        "a doctor looks at what is out",
        {"by_doctor": True, "verification": Verification.REFUTED, "was_decided": True},
        {"put back"},
    ),
    (
        "a doctor looks at the statement",
        {"by_doctor": True, "section": HistorySection.ALLERGIES, "is_statement": True},
        {"confirm", "take out"},
    ),
]


@pytest.mark.parametrize(
    ("change", "allowed"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_each_state_allows_what_it_should(change, allowed):
    state = dataclasses.replace(OWN, **change)

    assert {name for name, may in ACTS.items() if may(state=state)} == allowed


def test_check_refuses_a_no():
    with pytest.raises(rules.NotPossible):
        rules.check(False)


def test_check_lets_a_yes_pass():
    rules.check(True)
