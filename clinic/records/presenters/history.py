"""Display-ready history: sections with what is current, what is past and what was taken out."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from clinic.people.models import User
from clinic.records.choices import HistorySection, Source, Verification
from clinic.records.models.base import CodedEntry
from clinic.records.permissions import RecordAccess
from clinic.records.presenters import history_words as words
from clinic.records.rules import history as rules
from clinic.records.selectors.history import HAS_STATUS, Entries
from clinic.records.services.history_rows import entry_state

# So many stand open on the page; then a fold; what is beyond has its own page.
VISIBLE = {HistorySection.PROCEDURES: 5, HistorySection.VACCINATIONS: 5}
VISIBLE_ELSE = 30
FOLDED = 20
A_PAGE = 100

# What a doctor decided last. Lazy: a page holds hundreds of entries and each says one of these.
DECIDED = {
    Verification.CONFIRMED: gettext_lazy("Confirmed by %(doctor)s on %(date)s."),
    Verification.REFUTED: gettext_lazy("Ruled out by %(doctor)s on %(date)s."),
    Verification.ENTERED_IN_ERROR: gettext_lazy("Taken out by %(doctor)s on %(date)s."),
    Verification.UNCONFIRMED: gettext_lazy(
        "Changed since %(doctor)s had looked at it on %(date)s."
    ),
}
# What may be done with an entry: last part of the address, rule, label, icon, variant.
OFFERED = (
    ("confirm", rules.can_confirm, gettext_lazy("Confirm"), "check", "soft"),
    ("resolve", rules.can_resolve, pgettext_lazy("condition", "It is over"), "circle-check", ""),
    ("reopen", rules.can_reopen, gettext_lazy("It is there again"), "repeat", ""),
    ("rule-out", rules.can_rule_out, gettext_lazy("Rule out"), "x", ""),
    ("take-out", rules.can_mark_mistaken, gettext_lazy("Entered by mistake"), "trash-2", "plain"),
    ("put-back", rules.can_restore, gettext_lazy("Put back"), "undo-2", ""),
)


@dataclass(frozen=True, slots=True)
class Chip:
    label: str
    tone: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """One press: where it posts and what it is called."""

    url: str
    label: str
    icon: str = ""
    variant: str = ""


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One entry: closed it says what and since when, open it says everything and what to do."""

    id: uuid.UUID
    dom_id: str
    version: int
    title: str
    sub: str
    chips: Sequence[Chip]
    facts: Sequence[tuple[str, str]]
    note: str
    told: str
    edit_url: str
    edit_label: str
    confirm: Act | None
    acts: Sequence[Act]
    is_taken_out: bool
    wrong_url: str = ""


@dataclass(frozen=True, slots=True)
class SectionView:
    """One section of the page."""

    key: str
    dom_id: str
    title: str
    icon: str
    count: int
    lines: Sequence[EntryLine]
    folded: Sequence[EntryLine]
    folded_label: str
    taken_out: Sequence[EntryLine]
    taken_out_number: int
    empty: str
    add_url: str
    add_label: str
    all_url: str
    left_out: int
    confirm_all_url: str = ""
    none_url: str = ""
    none_label: str = ""
    waiting: Sequence[EntryLine] = field(default_factory=tuple)


def present_section(*, entries: Entries, access: RecordAccess) -> SectionView:
    """Turn one section into what the history page shows of it."""
    section = entries.section
    args = [access.patient_id, section.value]
    visible = visible_of(section)
    current, past, taken_out = entries.numbers
    # What is past has a fold of its own; elsewhere everything counts.
    number = current if section in HAS_STATUS else current + past
    rest = [*entries.current[visible:], *entries.past][:FOLDED]
    beyond = current + past - min(current, visible)

    def lines(rows: Sequence[CodedEntry]) -> list[EntryLine]:
        return [present_entry(row=row, section=section, access=access) for row in rows]

    shown = lines(entries.current[:visible])
    waiting = [line for line in shown if line.confirm]
    return SectionView(
        key=section.value,
        dom_id=f"history-{section}",
        title=str(section.label),
        icon=words.ICONS[section],
        count=number,
        lines=shown,
        folded=lines(rest),
        folded_label=_folded_label(section, beyond),
        taken_out=lines(entries.taken_out[:FOLDED]),
        taken_out_number=taken_out,
        empty=words.empty(section, is_own=access.is_patient_side),
        add_url=reverse("records:history_add", args=args) if access.may_write else "",
        add_label=words.add_label(section),
        all_url=reverse("records:history_section", args=args),
        left_out=beyond - len(rest),
        confirm_all_url=reverse("records:history_confirm", args=args) if len(waiting) > 1 else "",
        waiting=waiting,
        none_url=_none_url(entries, access),
        none_label=_none_label(entries, access),
    )


def visible_of(section: HistorySection) -> int:
    """Return how many entries of a section stand open."""
    return VISIBLE.get(section, VISIBLE_ELSE)


def present_entry(*, row: CodedEntry, section: HistorySection, access: RecordAccess) -> EntryLine:
    """Turn one entry into its line."""
    state = entry_state(section=section, row=row, by_doctor=access.is_clinical)
    acts = _acts(row, state, access)
    return EntryLine(
        id=row.pk,
        dom_id=f"entry-{row.pk.hex}",
        version=row.version,
        title=words.title(row),
        sub=words.summary(row),
        chips=_chips(row, state),
        facts=words.facts(row),
        note="" if section == HistorySection.LIFESTYLE else row.note,
        told=told(row, is_own=access.is_patient_side),
        edit_url=edit_url(row=row, section=section, access=access),
        edit_label=_("Edit") if rules.can_edit(state=state) else _("Propose a change"),
        confirm=acts.pop("confirm", None),
        acts=list(acts.values()),
        is_taken_out=state.is_hidden,
        wrong_url=_wrong_url(row, section, access),
    )


# What a request for a correction calls an entry of each section.
_KINDS = {
    HistorySection.CONDITIONS: "condition",
    HistorySection.ALLERGIES: "allergy",
    HistorySection.PROCEDURES: "procedure",
    HistorySection.VACCINATIONS: "vaccination",
    HistorySection.FAMILY: "family",
    HistorySection.LIFESTYLE: "measurement",
}


def _wrong_url(row: CodedEntry, section: HistorySection, access: RecordAccess) -> str:
    """Return where the patient says that an entry is wrong which only a doctor changes."""
    if not (access.is_patient_side and access.may_write and row.is_confirmed):
        return ""
    return reverse("records:correction_about", args=[access.patient_id, _KINDS[section], row.pk])


def told(row: CodedEntry, *, is_own: bool) -> str:
    """Return who said an entry and which doctor decided on it, with the days."""
    said = _said(row, is_own)
    if row.confirmed_at is None:
        if row.verification == Verification.ENTERED_IN_ERROR:
            return _("%(said)s Taken out on %(date)s.") % {
                "said": said,
                "date": day(row.changed_at),
            }
        return said
    doctor = {"doctor": doctor_name(row.confirmed_by), "date": day(row.confirmed_at)}
    decided = str(DECIDED[Verification(row.verification)]) % doctor
    return f"{said} {decided}".strip()


def doctor_name(user: User | None) -> str:
    """Return the short name of the doctor behind an account."""
    practitioner = getattr(user, "practitioner", None)
    return practitioner.short_name if practitioner else _("a doctor")


def day(instant: dt.datetime) -> str:
    """Return the local day of an instant in words."""
    return formats.date_format(timezone.localtime(instant), "DATE_FORMAT")


def _said(row: CodedEntry, is_own: bool) -> str:
    date = {"date": day(row.recorded_at)}
    if row.source == Source.PATIENT:
        return (
            _("You said this on %(date)s.") if is_own else _("Said by the patient on %(date)s.")
        ) % date
    if row.source == Source.PROXY:
        return _("Said by a carer on %(date)s.") % date
    if row.source == Source.IMPORT:
        return _("Taken over from another record on %(date)s.") % date
    return ""


def _chips(row: CodedEntry, state: rules.EntryState) -> list[Chip]:
    chips = [Chip(*said) for said in words.chips(row)]
    # Beside the button "Confirm" the word would say the same twice.
    if row.verification == Verification.UNCONFIRMED and not state.by_doctor:
        chips.append(Chip(_("Not confirmed yet"), "wait", "hourglass"))
    elif state.is_hidden:
        chips.append(Chip(str(Verification(row.verification).label), "", "x"))
    return chips


def edit_url(*, row: CodedEntry, section: HistorySection, access: RecordAccess) -> str:
    """Return where an entry is edited by whoever looks, nothing where it is not."""
    state = entry_state(section=section, row=row, by_doctor=access.is_clinical)
    if not access.may_write or state.is_hidden or state.is_statement:
        return ""
    if state.section == HistorySection.LIFESTYLE:
        return ""
    return entry_url(row=row, section=section, access=access)


def entry_url(*, row: CodedEntry, section: HistorySection, access: RecordAccess) -> str:
    """Return the address of an entry; those of its acts lie below."""
    return reverse("records:history_edit", args=[access.patient_id, section.value, row.pk])


def _acts(row: CodedEntry, state: rules.EntryState, access: RecordAccess) -> dict[str, Act]:
    """Return what may be done with an entry by whoever looks, by its code."""
    if not access.may_write:
        return {}
    # One look-up for all of them: a page of the history holds hundreds.
    address = entry_url(row=row, section=state.section, access=access)
    return {
        code: Act(f"{address}{code}/", str(label), icon, variant)
        for code, may, label, icon, variant in OFFERED
        if may(state=state)
    }


def _none_url(entries: Entries, access: RecordAccess) -> str:
    """Return where "no known allergies" is stated: only while there is none."""
    if entries.section != HistorySection.ALLERGIES or not access.may_write:
        return ""
    stated = [getattr(row, "states_none", False) for row in entries.current]
    if not all(stated) or (stated and access.is_patient_side):
        return ""
    return reverse("records:allergy_none", args=[access.patient_id])


def _none_label(entries: Entries, access: RecordAccess) -> str:
    if entries.current:
        return _("Asked again today: still none")
    return _("I have no known allergies") if access.is_patient_side else _("No known allergies")


def _folded_label(section: HistorySection, number: int) -> str:
    if section in HAS_STATUS:
        return _("Past: %(number)s") % {"number": number}
    return _("Earlier: %(number)s") % {"number": number}
