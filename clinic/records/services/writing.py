"""The frame of every change of a record: one lock, one version, its audit events, one
announcement.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Model

from clinic.audit import services as audit
from clinic.lib.announce import announce
from clinic.people.viewer import Viewer
from clinic.records.models import PatientRecord
from clinic.records.permissions import RecordAccess, check_may_write
from clinic.records.signals import record_changed


class ChangedMeanwhile(Exception):
    """The entry was changed by somebody else after the form was rendered: nothing was written."""


@dataclass(frozen=True, slots=True)
class RecordChange:
    """A change in progress: who makes it, on what ground, when."""

    access: RecordAccess
    now: dt.datetime

    @property
    def by(self) -> Viewer:
        return self.access.viewer

    @property
    def patient_id(self) -> uuid.UUID:
        return self.access.patient_id

    def wrote(self, row: Model, action: str, *, fields: Iterable[str] = ()) -> None:
        """Add the audit event of one written row; `fields` are names of changed columns."""
        detail: dict[str, str | list[str]] = {"ground": self.access.ground}
        if names := sorted(fields):
            detail["fields"] = names
        audit.record(
            actor_id=self.by.user_id,
            actor_roles=["system"] if self.by.is_system else self.by.roles,
            action=action,
            object_type=row._meta.model_name or "",
            object_id=row.pk,
            patient_id=self.patient_id,
            now=self.now,
            detail=detail,
        )


@contextmanager
def record_change(
    *, by: Viewer, patient_id: uuid.UUID, what: str, now: dt.datetime
) -> Iterator[RecordChange]:
    """Yield a change of one patient's record inside one durable transaction.

    Changes of one record queue behind each other: its `PatientRecord` row is locked first and its
    version rises. `what` ("condition.added" ...) is announced after commit. Raises NotAllowed.
    """
    with transaction.atomic(durable=True):
        version = _next_version(patient_id, now)
        access = check_may_write(viewer=by, patient_id=patient_id, now=now)
        yield RecordChange(access, now)
        announce(
            record_changed,
            sender=PatientRecord,
            patient_id=patient_id,
            version=version,
            what=what,
            at=now,
        )


def check_version(row: Model, expected: int | None) -> None:
    """Raise ChangedMeanwhile unless the row still has the version that the form was rendered at."""
    if expected is not None and row.version != expected:  # type: ignore[attr-defined]
        raise ChangedMeanwhile


def _next_version(patient_id: uuid.UUID, now: dt.datetime) -> int:
    PatientRecord.objects.bulk_create([PatientRecord(pk=patient_id)], ignore_conflicts=True)
    PatientRecord.objects.filter(pk=patient_id).update(version=F("version") + 1, changed_at=now)
    return PatientRecord.objects.values_list("version", flat=True).get(pk=patient_id)
