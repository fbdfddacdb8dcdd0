"""Sign a note, add to it afterwards, let the patient read it."""

from __future__ import annotations

import datetime as dt
import uuid

from clinic.people.viewer import Viewer
from clinic.records.choices import NoteStatus, Release
from clinic.records.models import ClinicalNote, NoteAddendum, NoteRevision
from clinic.records.permissions import NotAllowed, check_is_clinical
from clinic.records.rules.notes import SECTIONS
from clinic.records.selectors.notes import SIGNED
from clinic.records.services.notes import check_is_draft, open_revision, own_note, settle, texts_of
from clinic.records.services.writing import RecordChange, check_version, record_change


class NothingToSign(Exception):
    """The note says nothing yet."""


class UnsettledText(Exception):
    """Another tab holds text that is not part of the note yet."""


class NothingToAdd(Exception):
    """An addition without words."""


def sign_note(
    *,
    by: Viewer,
    patient_id: uuid.UUID,
    note_id: uuid.UUID,
    version: int,
    release: Release,
    now: dt.datetime,
) -> ClinicalNote:
    """Sign an own draft at the version that was read before signing; from then on it is locked.

    Raises NothingToSign, UnsettledText, ChangedMeanwhile, NotAllowed.
    """
    with record_change(by=by, patient_id=patient_id, what="note.signed", now=now) as change:
        note = own_note(change=change, note_id=note_id)
        check_is_draft(note)
        check_version(note, version)
        if not any(texts_of(note)[name].strip() for name in SECTIONS):
            raise NothingToSign
        if NoteRevision.objects.filter(note_id=note.pk, settled_at__isnull=True).exists():
            raise UnsettledText
        note.status = NoteStatus.FINAL
        note.signed_at = now
        note.signed_by_id = by.user_id
        note.release = release
        note.released_at = now if release == Release.AT_ONCE else None
        note.save(update_fields=("status", "signed_at", "signed_by", "release", "released_at"))
        change.wrote(note, "note.signed", fields=["released"] if note.released_at else [])
    return note


def release_note(
    *, by: Viewer, patient_id: uuid.UUID, note_id: uuid.UUID, now: dt.datetime
) -> ClinicalNote:
    """Let the patient read a signed note. Saying it twice is the same as once."""
    with record_change(by=by, patient_id=patient_id, what="note.released", now=now) as change:
        note = _signed(change, note_id)
        if note.released_at is None:
            note.released_at = now
            note.save(update_fields=("released_at",))
            change.wrote(note, "note.released")
    return note


def add_addendum(
    *,
    by: Viewer,
    patient_id: uuid.UUID,
    note_id: uuid.UUID,
    text: str,
    now: dt.datetime,
    revision_id: uuid.UUID | None = None,
) -> NoteAddendum:
    """Add to a signed note, signed at once. `revision_id` names the kept text that it settles.

    Any doctor with access may add; who did stands beside it. Raises NothingToAdd, NotAllowed.
    """
    if by.practitioner_id is None:
        raise NotAllowed("addition")
    with record_change(by=by, patient_id=patient_id, what="note.amended", now=now) as change:
        note = _signed(change, note_id)
        if not text.strip():
            raise NothingToAdd
        addendum = NoteAddendum(
            patient_id=patient_id,
            note=note,
            author_id=by.practitioner_id,
            text=text,
            signed_at=now,
            signed_by_id=by.user_id,
        )
        addendum.save(force_insert=True)
        note.status = NoteStatus.AMENDED
        note.save(update_fields=("status",))
        change.wrote(addendum, "note.amended")
        if revision_id is not None:
            settle(change=change, revision=_revision_of(change, note, revision_id))
    return addendum


def leave_out(
    *,
    by: Viewer,
    patient_id: uuid.UUID,
    note_id: uuid.UUID,
    revision_id: uuid.UUID,
    now: dt.datetime,
) -> None:
    """Leave a text out that was typed in another tab when the note had been signed."""
    with record_change(by=by, patient_id=patient_id, what="note.settled", now=now) as change:
        note = own_note(change=change, note_id=note_id)
        settle(change=change, revision=_revision_of(change, note, revision_id))


def _signed(change: RecordChange, note_id: uuid.UUID) -> ClinicalNote:
    check_is_clinical(change.access)
    note = ClinicalNote.objects.filter(
        pk=note_id, patient_id=change.patient_id, status__in=SIGNED
    ).first()
    if note is None:
        raise NotAllowed("signed note")
    return note


def _revision_of(change: RecordChange, note: ClinicalNote, revision_id: uuid.UUID) -> NoteRevision:
    """Return a kept text of this note that its author typed."""
    revision = open_revision(change=change, revision_id=revision_id)
    if revision.note_id != note.pk or note.author_id != change.by.practitioner_id:
        raise NotAllowed("revision")
    return revision
