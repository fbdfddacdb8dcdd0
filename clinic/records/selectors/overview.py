"""What the overview of a record and the doctor's side panel need, read in one go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clinic.records.models import (
    ClinicalNote,
    Condition,
    Encounter,
    FollowUp,
    MedicationStatement,
    Observation,
)
from clinic.records.permissions import RecordAccess
from clinic.records.selectors import history, medications, notes, observations, proposals, timeline
from clinic.records.selectors.timeline import Kind, Moment

MOST_MOMENTS = 6
MOST_DOCUMENTS = 3


@dataclass(frozen=True, slots=True)
class Glance:
    """A record at a glance; a part that the page does not show is empty."""

    recent: Mapping[str, Sequence[Observation]]
    conditions: Sequence[Condition]
    medicines: Sequence[MedicationStatement]
    follow_ups: Sequence[FollowUp]
    proposals: int
    documents: Sequence[Moment]
    notes: Sequence[ClinicalNote] = ()
    story: Sequence[Moment] = ()
    changed: Sequence[Moment] = ()
    changed_since: dt.datetime | None = None


def overview_glance(*, access: RecordAccess, tz: str) -> Glance:
    """Return what the overview page shows."""
    return Glance(
        **_common(access, tz),
        story=timeline.latest_moments(access=access, tz=tz, limit=MOST_MOMENTS),
    )


def summary_glance(*, access: RecordAccess, tz: str, now: dt.datetime) -> Glance:
    """Return what a doctor reads before a visit: notes, and what changed since the last one."""
    since = last_visit(access=access, now=now)
    changed: Sequence[Moment] = ()
    if since is not None:
        changed = timeline.changed_since(access=access, tz=tz, since=since, limit=MOST_MOMENTS)
    return Glance(
        **_common(access, tz),
        notes=notes.recent_notes(access=access),
        changed=changed,
        changed_since=since,
    )


def last_visit(*, access: RecordAccess, now: dt.datetime) -> dt.datetime | None:
    """Return when the patient was last seen here, None where never: a visit of today is not past,
    the doctor prepares for it.
    """
    rows = Encounter.objects.filter(
        patient_id=access.patient_id,
        status__in=notes.TOOK_PLACE,
        starts_at__lt=now - dt.timedelta(hours=12),
    )
    return rows.order_by("-starts_at").values_list("starts_at", flat=True).first()


def _common(access: RecordAccess, tz: str) -> dict[str, Any]:
    return {
        "recent": observations.recent(access=access),
        "conditions": history.active_conditions(access=access),
        "medicines": medications.current_medications(access=access),
        "follow_ups": notes.active_follow_ups(access=access),
        "proposals": len(proposals.open_proposals(access=access)),
        "documents": timeline.newest_of(
            access=access, kind=Kind.DOCUMENT, tz=tz, limit=MOST_DOCUMENTS
        ),
    }
