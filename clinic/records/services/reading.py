"""Open a record for reading: ask the policy, write the look into the audit trail, then read."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from django.db import transaction

from clinic.audit import services as audit
from clinic.crypto import datakeys
from clinic.people.viewer import Viewer
from clinic.records.permissions import RecordAccess, check_may_open
from clinic.records.selectors.versions import record_versions


@contextmanager
def opened_record(
    *, viewer: Viewer, patient_id: uuid.UUID, what: str, now: dt.datetime
) -> Iterator[RecordAccess]:
    """Yield the access under which the record is read; raise NotAllowed where there is none.

    `what` is a code ("summary", "medications" ...). The decision, the audit event
    (`record.read`) and the reads inside the block are one transaction: evaluate querysets within.
    """
    with transaction.atomic():
        access = check_may_open(viewer=viewer, patient_id=patient_id, now=now)
        # Before the rows: a page's label is never ahead of its content.
        access = replace(access, version=record_versions([patient_id])[patient_id])
        record_look(access=access, what=what, now=now)
        datakeys.preload([patient_id])
        yield access


def record_look(
    *,
    access: RecordAccess,
    what: str,
    now: dt.datetime,
    object_type: str = "record",
    object_id: uuid.UUID | None = None,
    action: str = "record.read",
    ids: Iterable[uuid.UUID] = (),
) -> None:
    """Write that somebody looked at `what`; `object_*` names one entry, `ids` several."""
    detail: dict[str, str | list[uuid.UUID]] = {"what": what, "ground": access.ground}
    if ids := list(ids):
        detail["ids"] = ids
    audit.record(
        actor_id=access.viewer.user_id,
        actor_roles=["system"] if access.viewer.is_system else access.viewer.roles,
        action=action,
        object_type=object_type,
        object_id=object_id or access.patient_id,
        patient_id=access.patient_id,
        now=now,
        detail=detail,
    )
