"""Visits and their notes. The patient side sees what was released, a doctor also own drafts."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from clinic.lib import times
from clinic.records.choices import (
    EncounterStatus,
    FollowUpStatus,
    NoteStatus,
    ObservationCategory,
)
from clinic.records.models import (
    ClinicalNote,
    Encounter,
    FollowUp,
    NoteAddendum,
    NoteRevision,
    Observation,
)
from clinic.records.permissions import NotAllowed, RecordAccess
from clinic.records.selectors.frame import HIDDEN

SIGNED = (NoteStatus.FINAL, NoteStatus.AMENDED)
TOOK_PLACE = (EncounterStatus.IN_PROGRESS, EncounterStatus.FINISHED)
PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class NotePage:
    """One page of visits, the newest first; `older` is the instant the next page goes on from."""

    encounters: list[Encounter]
    older: dt.datetime | None


def recent_notes(*, access: RecordAccess, limit: int = 3) -> list[ClinicalNote]:
    """Return the newest signed notes, with their visits and authors."""
    rows = _signed(access).select_related("encounter", "author").order_by("-encounter__starts_at")
    return list(rows[:limit])


def encounters(
    *, access: RecordAccess, limit: int | None = None, before: dt.datetime | None = None
) -> list[Encounter]:
    """Return the visits that took place, newest first; `seen_note` is the note the viewer may read.

    Two queries. A doctor gets visits without a note as well, the patient too: they say that and
    when the visit was.
    """
    rows = (
        Encounter.objects.filter(patient_id=access.patient_id)
        .filter(
            Q(status__in=TOOK_PLACE) | Exists(_visible(access).filter(encounter=OuterRef("pk")))
        )
        .exclude(status=EncounterStatus.ENTERED_IN_ERROR)
        .select_related("practitioner")
        .prefetch_related(_notes_of(access))
        .order_by("-starts_at", "-pk")
    )
    if before is not None:
        rows = rows.filter(starts_at__lt=before)
    return list(rows[:limit] if limit else rows)


def page_of_encounters(*, access: RecordAccess, before: dt.datetime | None = None) -> NotePage:
    """Return one page of the visits that took place."""
    rows = encounters(access=access, limit=PAGE_SIZE + 1, before=before)
    older = rows[PAGE_SIZE - 1].starts_at if len(rows) > PAGE_SIZE else None
    return NotePage(rows[:PAGE_SIZE], older)


def encounters_with_notes(*, access: RecordAccess, ids: Sequence[uuid.UUID]) -> list[Encounter]:
    """Return the named visits with `seen_note`, in no order."""
    rows = Encounter.objects.filter(patient_id=access.patient_id, pk__in=ids)
    return list(rows.select_related("practitioner").prefetch_related(_notes_of(access)))


def encounter_of_visit(*, access: RecordAccess, appointment_id: uuid.UUID) -> Encounter | None:
    """Return the record's visit of an appointment with `seen_note`, None before it is opened."""
    rows = Encounter.objects.filter(patient_id=access.patient_id, appointment_id=appointment_id)
    return rows.select_related("practitioner").prefetch_related(_notes_of(access)).first()


def note_for(*, access: RecordAccess, note_id: uuid.UUID) -> ClinicalNote:
    """Return one note with visit, author and additions; raise NotAllowed for one not to be seen."""
    note = (
        _visible(access)
        .select_related(
            "encounter__appointment__visit_type",
            "encounter__appointment__site",
            "encounter__practitioner",
            "author",
        )
        .prefetch_related(
            Prefetch("addenda", NoteAddendum.objects.select_related("author").order_by("signed_at"))
        )
        .filter(pk=note_id)
        .first()
    )
    if note is None:
        raise NotAllowed("note")
    return note


def note_of_encounter(*, access: RecordAccess, encounter_id: uuid.UUID) -> ClinicalNote | None:
    """Return the note of a visit as far as the viewer may see it."""
    return _visible(access).filter(encounter_id=encounter_id).first()


def draft_for(*, access: RecordAccess, note_id: uuid.UUID) -> ClinicalNote:
    """Return the own draft to go on writing; raise NotAllowed for anything else."""
    note = own_note_for(access=access, note_id=note_id)
    if note.status != NoteStatus.PRELIMINARY:
        raise NotAllowed("draft")
    return note


def own_note_for(*, access: RecordAccess, note_id: uuid.UUID) -> ClinicalNote:
    """Return a note that the looking doctor wrote; raise NotAllowed for anything else."""
    note = note_for(access=access, note_id=note_id)
    if not access.is_clinical or note.author_id != access.viewer.practitioner_id:
        raise NotAllowed("note of somebody else")
    return note


def last_note_before(*, access: RecordAccess, note: ClinicalNote) -> ClinicalNote | None:
    """Return the signed note of the visit before this one."""
    earlier = _signed(access).filter(encounter__starts_at__lt=note.encounter.starts_at)
    rows = earlier.select_related("encounter", "author")
    return rows.order_by("-encounter__starts_at").first()


def open_revisions(*, access: RecordAccess, note: ClinicalNote) -> list[NoteRevision]:
    """Return what other tabs had typed and nobody has settled, the oldest first."""
    rows = NoteRevision.objects.filter(
        note_id=note.pk, patient_id=access.patient_id, settled_at__isnull=True
    )
    return list(rows.order_by("saved_at", "pk"))


def measured_at(*, access: RecordAccess, encounter: Encounter, tz: str) -> list[Observation]:
    """Return the measurements of a visit and of its day, the first taken first. One query."""
    starts_at, ends_at = times.day_bounds(times.local_date(encounter.starts_at, tz), tz)
    that_day = Q(effective_at__gte=starts_at, effective_at__lt=ends_at)
    rows = Observation.objects.filter(
        Q(encounter_id=encounter.pk) | that_day,
        patient_id=access.patient_id,
        category=ObservationCategory.VITAL_SIGNS,
    )
    return list(rows.exclude(verification__in=HIDDEN).order_by("effective_at", "pk"))


def follow_ups_of(*, access: RecordAccess, encounter_id: uuid.UUID) -> list[FollowUp]:
    """Return what was asked for at a visit and is not withdrawn."""
    rows = FollowUp.objects.filter(patient_id=access.patient_id, encounter_id=encounter_id)
    rows = rows.exclude(status=FollowUpStatus.REVOKED).select_related(
        "visit_type", "practitioner", "appointment"
    )
    return list(rows.order_by("due_from", "pk"))


def active_follow_ups(*, access: RecordAccess) -> list[FollowUp]:
    """Return the visits that the patient has still to book, the first due first."""
    rows = FollowUp.objects.filter(patient_id=access.patient_id, status=FollowUpStatus.ACTIVE)
    rows = rows.select_related("visit_type", "practitioner")
    return list(rows.order_by("due_from", "pk"))


def _visible(access: RecordAccess) -> QuerySet[ClinicalNote]:
    rows = ClinicalNote.objects.filter(patient_id=access.patient_id)
    if access.is_patient_side:
        return rows.filter(status__in=SIGNED, released_at__isnull=False)
    if access.is_clinical:
        return rows.filter(Q(status__in=SIGNED) | Q(author_id=access.viewer.practitioner_id))
    return rows


def _signed(access: RecordAccess) -> QuerySet[ClinicalNote]:
    return _visible(access).filter(status__in=SIGNED)


def _notes_of(access: RecordAccess) -> Prefetch[str]:
    return Prefetch("note", _visible(access).select_related("author"), to_attr="seen_note")
