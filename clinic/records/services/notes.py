"""Write a visit note: start it, save it while it is typed, keep what two tabs typed, set it aside.

Nothing typed is lost here. A save on an older version never overwrites: its text is kept as a
revision of its own until the author has chosen. Signing stands in `note_signing`.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from clinic.people.viewer import Viewer
from clinic.records.choices import NoteStatus
from clinic.records.models import ClinicalNote, Encounter, NoteRevision
from clinic.records.note_templates import template_for
from clinic.records.permissions import NotAllowed, check_is_clinical
from clinic.records.rules.notes import SECTIONS, TEXTS, merged
from clinic.records.services.encounters import encounter_for_writing
from clinic.records.services.writing import RecordChange, check_version, record_change


@dataclass(frozen=True, slots=True)
class Draft:
    """What one tab holds: the texts by section, the version it began from, which tab it is."""

    texts: Mapping[str, str]
    base_version: int
    tab: uuid.UUID
    template_slug: str = ""


@dataclass(frozen=True, slots=True)
class Saved:
    """The note's version after a save. `apart` says that the text was kept beside the note."""

    version: int
    at: dt.datetime
    apart: bool = False


def start_note(
    *, by: Viewer, patient_id: uuid.UUID, encounter_id: uuid.UUID, now: dt.datetime
) -> ClinicalNote:
    """Return the visit's note, made at the first call with the reason that the patient gave.

    Raises NotAllowed where another doctor has begun it.
    """
    with record_change(by=by, patient_id=patient_id, what="note.started", now=now) as change:
        encounter = encounter_for_writing(change=change, encounter_id=encounter_id)
        note = ClinicalNote.objects.filter(encounter_id=encounter.pk).first()
        if note is None:
            note = _begin(change, encounter)
        elif note.author_id != by.practitioner_id:
            raise NotAllowed("note of another doctor")
    return note


def save_note(
    *, by: Viewer, patient_id: uuid.UUID, note_id: uuid.UUID, draft: Draft, now: dt.datetime
) -> Saved:
    """Save what a tab holds, or keep it apart where the note has gone on without that tab.

    A tab whose last save arrived while the answer was lost comes with an older version, but it is
    still the tab that saved last: that is no conflict.
    """
    with record_change(by=by, patient_id=patient_id, what="note.saved", now=now) as change:
        note = own_note(change=change, note_id=note_id)
        if texts_of(note) == _texts(draft) and note.template_slug == draft.template_slug:
            return Saved(note.version, note.saved_at)
        if not _may_overwrite(note, draft):
            return _keep_apart(change, note, draft)
        fields = _fill(note, _texts(draft), template_slug=draft.template_slug)
        _store(change, note, tab=draft.tab, fields=fields)
    return Saved(note.version, note.saved_at)


def settle_revision(
    *,
    by: Viewer,
    patient_id: uuid.UUID,
    revision_id: uuid.UUID,
    choices: Mapping[str, str],
    version: int,
    now: dt.datetime,
) -> ClinicalNote:
    """Put together what is saved and what the other tab had, as its author chose.

    A section nobody decided on keeps both texts. Raises ChangedMeanwhile when the note has changed
    since the two were shown.
    """
    with record_change(by=by, patient_id=patient_id, what="note.merged", now=now) as change:
        revision = open_revision(change=change, revision_id=revision_id)
        note = own_note(change=change, note_id=revision.note_id)
        check_is_draft(note)
        check_version(note, version)
        _keep_what_gives_way(change, note, revision)
        texts = merged(saved=texts_of(note), other=revision.sections, choices=choices)
        fields = _fill(note, texts, template_slug=note.template_slug)
        # No tab that is open now has this text: each is told at its next save.
        _store(change, note, tab=None, fields=fields)
        settle(change=change, revision=revision)
    return note


def discard_note(
    *, by: Viewer, patient_id: uuid.UUID, note_id: uuid.UUID, now: dt.datetime
) -> ClinicalNote:
    """Mark an own note as entered by mistake: it is kept, and shown to its author only."""
    with record_change(by=by, patient_id=patient_id, what="note.discarded", now=now) as change:
        note = own_note(change=change, note_id=note_id)
        note.status = NoteStatus.ENTERED_IN_ERROR
        note.save(update_fields=("status",))
        change.wrote(note, "note.discarded")
    return note


def restore_note(
    *, by: Viewer, patient_id: uuid.UUID, note_id: uuid.UUID, now: dt.datetime
) -> ClinicalNote:
    """Take a draft up again that was set aside. What had been signed stays withdrawn."""
    with record_change(by=by, patient_id=patient_id, what="note.restored", now=now) as change:
        note = own_note(change=change, note_id=note_id)
        if note.status != NoteStatus.ENTERED_IN_ERROR or note.signed_at is not None:
            raise NotAllowed("note that was not set aside")
        note.status = NoteStatus.PRELIMINARY
        note.save(update_fields=("status",))
        change.wrote(note, "note.restored")
    return note


def texts_of(note: ClinicalNote) -> dict[str, str]:
    """Return the texts of a note by section, the patient's instructions among them."""
    return {name: note.sections.get(name, "") for name in SECTIONS} | {
        "instructions": note.instructions
    }


def own_note(*, change: RecordChange, note_id: uuid.UUID) -> ClinicalNote:
    """Return a note of this record that the acting doctor wrote, or raise NotAllowed."""
    check_is_clinical(change.access)
    note = ClinicalNote.objects.filter(
        pk=note_id, patient_id=change.patient_id, author_id=change.by.practitioner_id
    ).first()
    if note is None:
        raise NotAllowed("note")
    return note


def check_is_draft(note: ClinicalNote) -> None:
    """Raise NotAllowed for a note that is signed or set aside."""
    if note.status != NoteStatus.PRELIMINARY:
        raise NotAllowed("note that is no draft")


def open_revision(*, change: RecordChange, revision_id: uuid.UUID) -> NoteRevision:
    """Return a text that was kept apart and is not settled, or raise NotAllowed."""
    revision = NoteRevision.objects.filter(
        pk=revision_id, patient_id=change.patient_id, settled_at__isnull=True
    ).first()
    if revision is None:
        raise NotAllowed("revision")
    return revision


def settle(*, change: RecordChange, revision: NoteRevision) -> None:
    """Mark a text that was kept apart as dealt with; it stays on file."""
    revision.settled_at = change.now
    revision.save(update_fields=("settled_at",))
    change.wrote(revision, "noterevision.settled")


def _begin(change: RecordChange, encounter: Encounter) -> ClinicalNote:
    visit = encounter.appointment
    author_id = change.by.practitioner_id
    assert author_id is not None  # whoever acts as a doctor is one
    said = "\n".join(filter(None, (encounter.reason, visit.notes if visit else "")))
    note = ClinicalNote(
        patient_id=change.patient_id,
        encounter=encounter,
        author_id=author_id,
        sections={"subjective": said} if said else {},
        template_slug=template_for(visit.visit_type.slug if visit else "").slug,
        created_at=change.now,
        saved_at=change.now,
    )
    note.save(force_insert=True)
    change.wrote(note, "note.started")
    return note


def _texts(draft: Draft) -> dict[str, str]:
    return {name: draft.texts.get(name, "") for name in TEXTS}


def _may_overwrite(note: ClinicalNote, draft: Draft) -> bool:
    if note.status != NoteStatus.PRELIMINARY:
        return False
    return draft.base_version == note.version or draft.tab == note.saved_tab


def _fill(note: ClinicalNote, texts: Mapping[str, str], *, template_slug: str) -> list[str]:
    """Put the texts into the note; return the names of the sections that changed."""
    before = texts_of(note)
    note.sections = {name: texts[name] for name in SECTIONS if texts[name]}
    note.instructions = texts["instructions"]
    note.template_slug = template_slug
    return [name for name in TEXTS if before[name] != texts[name]]


def _store(
    change: RecordChange, note: ClinicalNote, *, tab: uuid.UUID | None, fields: list[str]
) -> None:
    note.version += 1
    note.saved_at = change.now
    note.saved_tab = tab
    columns = ("sections", "instructions", "template_slug", "version", "saved_at", "saved_tab")
    note.save(update_fields=columns)
    change.wrote(note, "note.saved", fields=fields)


def _keep_what_gives_way(change: RecordChange, note: ClinicalNote, revision: NoteRevision) -> None:
    """Put the saved text on file as well: its author may have chosen the other."""
    NoteRevision.objects.create(
        patient_id=change.patient_id,
        note=note,
        tab=note.saved_tab or revision.tab,
        base_version=note.version,
        sections=texts_of(note),
        saved_at=note.saved_at,
        saved_by_id=change.by.user_id,
        settled_at=change.now,
    )


def _keep_apart(change: RecordChange, note: ClinicalNote, draft: Draft) -> Saved:
    revision = NoteRevision.objects.filter(
        note_id=note.pk, tab=draft.tab, settled_at__isnull=True
    ).first() or NoteRevision(patient_id=change.patient_id, note=note, tab=draft.tab)
    revision.base_version = draft.base_version
    revision.sections = _texts(draft)
    revision.saved_at = change.now
    revision.saved_by_id = change.by.user_id
    revision.save()
    change.wrote(revision, "noterevision.kept")
    return Saved(note.version, change.now, apart=True)
