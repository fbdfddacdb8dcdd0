"""Reads of who acts for whom. The grant itself is asked for again on every request of a carer."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.db.models import F, Q, QuerySet

from clinic.lib.clinic_time import clinic_today
from clinic.people import rules
from clinic.people.choices import ProxyBasis, Role
from clinic.people.models import Patient, ProxyGrant
from clinic.people.permissions import check_can_grant_custody, check_is_own_patient
from clinic.people.secrets import hashed
from clinic.people.viewer import Proxy, Viewer

MOST_EARLIER = 5


def scopes_now(*, grant: ProxyGrant, now: dt.datetime) -> frozenset[str]:
    """Return how far a grant goes today: a parent's narrows as the child grows up."""
    if grant.basis != ProxyBasis.CUSTODY:
        return frozenset(grant.scopes)
    return rules.scopes_at_age(
        scopes=frozenset(grant.scopes),
        birth_date=grant.patient.birth_date,
        today=clinic_today(now),
        confirmed=frozenset(grant.confirmed_scopes),
        narrows_at=settings.RECORD_LIMITS["PROXY_NARROWS_AT_AGE"],
    )


def acting_viewer(*, viewer: Viewer, grant_id: uuid.UUID, now: dt.datetime) -> Viewer | None:
    """Return the viewer that a carer is while acting by this grant, None if it is over.

    Whatever the carer is besides is left behind: a doctor who acts for a child is no doctor then.
    """
    if viewer.user_id is None:
        return None
    grant = _live(now).filter(pk=grant_id, user_id=viewer.user_id).first()
    scopes = scopes_now(grant=grant, now=now) if grant is not None else frozenset()
    if grant is None or not scopes:
        return None
    return Viewer(
        user_id=viewer.user_id,
        roles=frozenset({Role.PATIENT}),
        patient_id=grant.patient_id,
        proxy=Proxy(grant.pk, grant.patient_id, scopes, grant.patient.full_name),
    )


def people_acted_for(*, viewer: Viewer, now: dt.datetime) -> list[ProxyGrant]:
    """Return the grants by which this account acts for others now."""
    if viewer.user_id is None:
        return []
    grants = _live(now).filter(user_id=viewer.user_id)
    return list(grants.order_by("patient__given_name", "pk"))


def carers_of_viewer(*, viewer: Viewer, now: dt.datetime) -> list[ProxyGrant]:
    """Return who acts for the patient that the viewer is, open invitations among them."""
    patient_id = viewer.patient_id
    if patient_id is None:
        return []
    check_is_own_patient(by=viewer, patient_id=patient_id)
    return standing_grants(patient_id=patient_id, now=now)


def earlier_carers_of_viewer(*, viewer: Viewer, now: dt.datetime) -> list[ProxyGrant]:
    """Return who acted for the patient that the viewer is, the latest first; at most five."""
    patient_id = viewer.patient_id
    if patient_id is None:
        return []
    check_is_own_patient(by=viewer, patient_id=patient_id)
    over = Q(revoked_at__isnull=False) | Q(ends_at__lte=now)
    rows = _rows().filter(over, patient_id=patient_id, user__isnull=False)
    return list(rows.order_by("-starts_at")[:MOST_EARLIER])


def carers_for_desk(
    *, patient_id: uuid.UUID, viewer: Viewer, now: dt.datetime
) -> tuple[Patient | None, list[ProxyGrant]]:
    """Return a patient and who acts for them, for those who check papers. Raises NotAllowed."""
    check_can_grant_custody(by=viewer)
    patient = Patient.objects.filter(pk=patient_id).first()
    if patient is None:
        return None, []
    return patient, standing_grants(patient_id=patient_id, now=now)


def standing_grants(*, patient_id: uuid.UUID, now: dt.datetime) -> list[ProxyGrant]:
    """Return the grants and open invitations of one patient; the caller has asked who may know."""
    open_invitation = Q(user__isnull=True, invitation_ends_at__gt=now)
    rows = _rows().filter(
        Q(user__isnull=False) | open_invitation,
        patient_id=patient_id,
        revoked_at__isnull=True,
        ends_at__gt=now,
    )
    return list(rows.order_by(F("starts_at").asc(nulls_last=True), "granted_at"))


def invitation_behind(*, secret: str, now: dt.datetime) -> ProxyGrant | None:
    """Return the open invitation whose secret this is. The secret itself is the permission."""
    grant = _rows().filter(secret_hash=hashed(secret=secret)).first()
    return grant if grant is not None and grant.waits(now) else None


def _live(now: dt.datetime) -> QuerySet[ProxyGrant]:
    return ProxyGrant.objects.select_related("patient").filter(
        revoked_at__isnull=True, starts_at__lte=now, ends_at__gt=now
    )


def _rows() -> QuerySet[ProxyGrant]:
    return ProxyGrant.objects.select_related("patient", "user__patient", "user__practitioner")
