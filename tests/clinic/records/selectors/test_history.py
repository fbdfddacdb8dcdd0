"""Reads of the history that other pages build on."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from clinic.records.choices import (
    ClinicalStatus,
    HistorySection,
    ObservationCategory,
    ProposalKind,
    ProposalStatus,
    Verification,
)
from clinic.records.permissions import NotAllowed
from clinic.records.selectors import frame, history, proposals
from clinic.records.services.allergy_proposals import as_said
from clinic.records.services.history_entries import no_known_allergies
from tests.factories.records import (
    RECORDED_AT,
    AllergyFactory,
    ConditionFactory,
    FamilyHistoryFactory,
    ImmunizationFactory,
    LifestyleFactory,
    ProcedureFactory,
    ProposalFactory,
)

pytestmark = pytest.mark.django_db


def labels(rows):
    return [row.label for row in rows]


def test_active_conditions_are_current_and_not_hidden(opened, patient, other_patient):
    ConditionFactory(patient=patient, text="Gout")
    ConditionFactory(patient=patient, text="Flu", clinical_status=ClinicalStatus.RESOLVED)
    ConditionFactory(patient=patient, text="Lupus", verification=Verification.REFUTED)
    ConditionFactory(patient=other_patient)
    ConditionFactory(patient=patient, text="Asthma", onset_date=dt.date(2020, 1, 1))

    assert labels(history.active_conditions(access=opened)) == ["Asthma", "Gout"]


def test_allergies_begin_with_the_most_dangerous(opened, patient):
    AllergyFactory(patient=patient, text="Cats")
    AllergyFactory(patient=patient, text="Apple", reaction_severity="mild")
    AllergyFactory(patient=patient, text="Wasps", reaction_severity="severe")
    AllergyFactory(patient=patient, text="Zinc", criticality="high")
    AllergyFactory(patient=patient, none=True)

    assert labels(history.allergies(access=opened)) == ["Zinc", "Wasps", "Apple", "Cats"]


def test_lifestyle_is_the_newest_answer_to_each_question(opened, patient):
    day = dt.timedelta(days=1)
    LifestyleFactory(patient=patient, value={"text": "Baker"}, effective_at=RECORDED_AT - day)
    LifestyleFactory(patient=patient)
    LifestyleFactory(patient=patient, text="Diet", code="61144-2", value={"text": "Vegan"})
    LifestyleFactory(patient=patient, category=ObservationCategory.VITAL_SIGNS, code="29463-7")

    values = {row.label: row.value["text"] for row in history.lifestyle(access=opened)}

    assert values == {"Work": "Carpenter", "Diet": "Vegan"}


def test_the_other_lists_leave_out_what_was_taken_out(opened, patient):
    for factory in (ProcedureFactory, ImmunizationFactory, FamilyHistoryFactory):
        factory(patient=patient)
        factory(patient=patient, verification=Verification.ENTERED_IN_ERROR)

    assert len(history.procedures(access=opened)) == 1
    assert len(history.immunizations(access=opened)) == 1
    assert len(history.family_history(access=opened)) == 1


def test_an_entry_of_another_patient_is_not_found(opened, other_patient):
    row = ConditionFactory(patient=other_patient)

    with pytest.raises(NotAllowed):
        history.entry(access=opened, section=HistorySection.CONDITIONS, entry_id=row.pk)


def test_proposals_stand_beside_what_is_on_file(opened, patient):
    row = AllergyFactory(patient=patient)
    about = {"patient": patient, "action": "stop", "target_version": 1, "said": {}}
    fresh = ProposalFactory(target_id=row.pk, **about)
    stale = ProposalFactory(target_id=row.pk, **(about | {"target_version": 2}))
    lost = ProposalFactory(target_id=uuid.uuid4(), **about)
    new = ProposalFactory(patient=patient)

    found = proposals.beside_what_is_on_file(
        access=opened, proposals=proposals.open_proposals(access=opened)
    )

    state = {one.proposal.pk: (one.is_stale, one.is_gone, one.version) for one in found}
    assert state == {
        fresh.pk: (False, False, 1),
        stale.pk: (True, False, 1),
        lost.pk: (False, True, None),
        new.pk: (False, False, None),
    }


def test_open_proposals_leave_out_what_is_decided(opened, patient):
    waiting = ProposalFactory(patient=patient)
    ProposalFactory(patient=patient, status=ProposalStatus.DECLINED, decided_at=RECORDED_AT)

    assert proposals.open_proposals(access=opened) == [waiting]
    assert len(proposals.decided_proposals(access=opened)) == 1


def test_the_banner_names_what_the_patient_says(opened, patient):
    AllergyFactory(patient=patient, none=True)
    said = ProposalFactory(patient=patient)
    ProposalFactory(patient=patient, said=as_said(no_known_allergies()))
    ProposalFactory(patient=patient, kind=ProposalKind.MEDICATION)

    head = frame.head_of(access=opened)

    assert head.said == (said,)
    assert not head.states_none
