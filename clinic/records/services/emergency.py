"""Break the glass: a doctor opens a record without a visit, for a short time and not in secret.

The patient is told by mail and on the privacy page, an administrator reviews every use.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable

from django.conf import settings
from django.db import transaction

from clinic.audit import services as audit
from clinic.lib.announce import announce
from clinic.people.models import Patient, User
from clinic.people.signals import access_changed
from clinic.people.viewer import Viewer
from clinic.records import permissions
from clinic.records.choices import EmergencyReason, ReviewOutcome
from clinic.records.models import EmergencyAccess
from clinic.records.permissions import Ground
from clinic.records.rules import emergency as rules
from clinic.records.selectors.emergency import patient_found


class OpenAlready(Exception):
    """The doctor may open this record anyway: nothing needs to be broken."""


class NotOpen(Exception):
    """There is no emergency access that could be ended."""


def look_up(
    *, record_number: str, birth_date: dt.date, by: Viewer, now: dt.datetime
) -> uuid.UUID | None:
    """Return the patient whom both name, None where there is none; every try is on the trail.

    Raises NotAllowed. The doctor's own record is not found this way.
    """
    if by.practitioner_id is None or by.proxy is not None:
        raise permissions.NotAllowed("search for an emergency")
    patient = patient_found(record_number=record_number, birth_date=birth_date)
    if patient is not None and patient.user_id == by.user_id:
        patient = None
    audit.record(
        actor_id=by.user_id,
        actor_roles=by.roles,
        action="emergency.searched",
        object_type="patient",
        object_id=patient.pk if patient else None,
        patient_id=patient.pk if patient else None,
        now=now,
        detail={"found": patient is not None},
    )
    return patient.pk if patient else None


def break_glass(
    *,
    patient_id: uuid.UUID,
    category: EmergencyReason,
    reason: str,
    by: Viewer,
    now: dt.datetime,
) -> EmergencyAccess:
    """Open a record to a doctor for RECORDS["EMERGENCY_ACCESS"].

    Raises NotAllowed, OpenAlready, ReasonTooShort. The caller has asked who sits there (step-up).
    """
    with transaction.atomic(durable=True):
        # The patient's row orders two presses of the same button.
        Patient.objects.select_for_update(no_key=True, of=("self",)).get(pk=patient_id)
        doctor, user_id = permissions.check_may_break_glass(viewer=by, patient_id=patient_id)
        if permissions.access_to(viewer=by, patient_id=patient_id, now=now) is not None:
            raise OpenAlready
        rules.check_reason(reason=reason)
        glass = EmergencyAccess(
            patient_id=patient_id,
            practitioner_id=doctor,
            user_id=user_id,
            category=category,
            reason=reason,
            starts_at=now,
            ends_at=now + settings.RECORDS["EMERGENCY_ACCESS"],
        )
        glass.save(force_insert=True)
        _note("emergency.opened", glass, by=by, now=now, category=category)
    return glass


def end_emergency(*, patient_id: uuid.UUID, by: Viewer, now: dt.datetime) -> None:
    """Give emergency access back before its time; open pages of the record close.

    Raises NotAllowed, NotOpen.
    """
    with transaction.atomic(durable=True):
        if by.practitioner_id is None:
            raise permissions.NotAllowed("emergency access")
        rows = EmergencyAccess.objects.select_for_update(no_key=True, of=("self",)).filter(
            patient_id=patient_id,
            practitioner_id=by.practitioner_id,
            ended_at__isnull=True,
            ends_at__gt=now,
        )
        found = list(rows)
        if not found:
            raise NotOpen
        for glass in found:
            glass.ended_at = now
            glass.save(update_fields=["ended_at"])
            _note("emergency.ended", glass, by=by, now=now)
        announce(access_changed, sender=User, user_id=by.user_id)


def review_emergency(
    *,
    glass_id: uuid.UUID,
    outcome: ReviewOutcome,
    note: str,
    by: Viewer,
    now: dt.datetime,
) -> EmergencyAccess:
    """Judge one use; the patient sees the outcome. Raises NotAllowed, ReviewedAlready."""
    permissions.check_may_review_emergencies(viewer=by)
    with transaction.atomic(durable=True):
        glass = EmergencyAccess.objects.select_for_update(no_key=True, of=("self",)).get(
            pk=glass_id
        )
        if glass.user_id == by.user_id:
            raise permissions.NotAllowed("review of the own emergency access")
        if glass.reviewed_at is not None:
            raise rules.ReviewedAlready
        glass.reviewed_at = now
        glass.reviewed_by_id = by.user_id
        glass.review_outcome = outcome
        glass.review_note = note
        glass.save(update_fields=["reviewed_at", "reviewed_by", "review_outcome", "review_note"])
        _note("emergency.reviewed", glass, by=by, now=now, outcome=outcome)
    return glass


def tell_patient(*, glass_id: uuid.UUID, send: Callable[[Patient], bool], now: dt.datetime) -> bool:
    """Send the mail about one use and remember that it left; say whether it did.

    The row is locked while it is sent, so two workers do not write twice. What the mail server
    does not take stays untold and is tried again.
    """
    with transaction.atomic():
        glass = (
            EmergencyAccess.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
            .filter(pk=glass_id, notified_at__isnull=True)
            .select_related("patient")
            .first()
        )
        if glass is None or not send(glass.patient):
            return False
        glass.notified_at = now
        glass.save(update_fields=["notified_at"])
    return True


def _note(
    action: str, glass: EmergencyAccess, *, by: Viewer, now: dt.datetime, **detail: str
) -> None:
    ground = {"ground": Ground.EMERGENCY} if action != "emergency.reviewed" else {}
    audit.record(
        actor_id=by.user_id,
        actor_roles=by.roles,
        action=action,
        object_type="emergencyaccess",
        object_id=glass.pk,
        patient_id=glass.patient_id,
        now=now,
        detail={**ground, **detail},
    )
