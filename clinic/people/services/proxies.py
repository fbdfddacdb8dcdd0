"""Who acts for a patient: the patient invites a carer, the desk checks a parent's papers.

A grant that ends is over at once: every request of a carer asks for it again, and their open
pages close.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from clinic.audit import services as audit
from clinic.lib import times
from clinic.lib.announce import announce
from clinic.lib.clinic_time import clinic_zone
from clinic.people import permissions, rules
from clinic.people.choices import ProxyBasis, ProxyScope
from clinic.people.models import Patient, ProxyGrant, User
from clinic.people.secrets import hashed, new_secret
from clinic.people.signals import access_changed
from clinic.people.viewer import Viewer


class NotTheCarer(Exception):
    """Someone else is signed in than the person whom the patient invited."""


class NoSuchAccount(Exception):
    """Nobody signs in with this address yet."""


class ActsAlready(Exception):
    """Nobody is a carer of themself, and nobody at the desk makes themself one."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Whom a grant is for, how far it goes and its last day."""

    email: str
    relationship: str
    scopes: frozenset[str]
    last_day: dt.date


@dataclass(frozen=True, slots=True)
class IssuedGrant:
    """A new invitation with its secret, which exists only here and in the mail."""

    grant: ProxyGrant
    secret: str


def invite_carer(*, patient_id: uuid.UUID, wish: Wish, by: Viewer, now: dt.datetime) -> IssuedGrant:
    """Invite an address to act for the patient who asks. Raises NotAllowed, GrantTooLong,
    ActsAlready.

    Earlier invitations of the same address are taken back: only the newest mail works.
    """
    permissions.check_is_own_patient(by=by, patient_id=patient_id)
    secret = new_secret()
    with transaction.atomic(durable=True):
        patient = _locked_patient(patient_id)
        if _is_account_of(patient, wish.email):
            raise ActsAlready
        grant = _new_grant(patient, wish, ProxyBasis.CONSENT, by=by, now=now)
        grant.secret_hash = hashed(secret=secret)
        grant.invitation_ends_at = min(now + rules.INVITATION_LIFETIME, grant.ends_at)
        _end_others(Q(patient=patient, email=wish.email, user=None), by=by, now=now)
        grant.save(force_insert=True)
        _note("proxy.invited", grant, by=by, now=now, scopes=grant.scopes)
    return IssuedGrant(grant=grant, secret=secret)


def accept_grant(*, secret: str, by: Viewer, now: dt.datetime) -> ProxyGrant:
    """Take up an invitation with the account that is signed in. Raises GrantOver, NotTheCarer."""
    with transaction.atomic(durable=True):
        grant = (
            ProxyGrant.objects.select_for_update(no_key=True, of=("self",))
            .filter(secret_hash=hashed(secret=secret))
            .first()
        )
        if grant is None or not grant.waits(now):
            raise rules.GrantOver
        user = _account(by)
        if user is None or user.email.lower() != grant.email:
            raise NotTheCarer
        _end_others(Q(patient_id=grant.patient_id, user=user), by=by, now=now)
        grant.user = user
        grant.starts_at = now
        grant.secret_hash = None
        grant.save(update_fields=["user", "starts_at", "secret_hash"])
        _note("proxy.accepted", grant, by=by, now=now)
    return grant


def grant_custody(*, patient_id: uuid.UUID, wish: Wish, by: Viewer, now: dt.datetime) -> ProxyGrant:
    """Let a parent act for a child after somebody at the desk has seen the papers.

    Raises NotAllowed, NotAChild, GrantTooLong, NoSuchAccount, ActsAlready. Nobody gives this to
    the own account.
    """
    permissions.check_can_grant_custody(by=by)
    with transaction.atomic(durable=True):
        patient = _locked_patient(patient_id)
        grant = _new_grant(patient, wish, ProxyBasis.CUSTODY, by=by, now=now)
        user = User.objects.filter(email__iexact=wish.email, is_active=True).first()
        if user is None:
            raise NoSuchAccount
        if user.pk in (by.user_id, patient.user_id):
            raise ActsAlready
        grant.user = user
        grant.starts_at = now
        _end_others(Q(patient=patient, user=user), by=by, now=now)
        grant.save(force_insert=True)
        _note("proxy.granted", grant, by=by, now=now, scopes=grant.scopes)
    return grant


def revoke_grant(*, grant_id: uuid.UUID, by: Viewer, now: dt.datetime) -> ProxyGrant:
    """End a grant or take an invitation back, at once. Raises NotAllowed, GrantOver."""
    with transaction.atomic(durable=True):
        grant = _locked_grant(grant_id)
        permissions.check_can_revoke_grant(
            by=by, patient_id=grant.patient_id, carer_id=grant.user_id
        )
        if grant.revoked_at is not None:
            raise rules.GrantOver
        _end(grant, by=by, now=now)
    return grant


def confirm_scopes(
    *, grant_id: uuid.UUID, scopes: frozenset[str], by: Viewer, now: dt.datetime
) -> ProxyGrant:
    """Say what a parent may still do, as the young person whose record it is.

    Never more than the clinic had granted. Raises NotAllowed, GrantOver.
    """
    with transaction.atomic(durable=True):
        grant = _locked_grant(grant_id)
        permissions.check_is_own_patient(by=by, patient_id=grant.patient_id)
        if grant.revoked_at is not None or grant.basis != ProxyBasis.CUSTODY:
            raise rules.GrantOver
        allowed = rules.complete_scopes(scopes=scopes) & frozenset(grant.scopes)
        grant.confirmed_scopes = sorted(allowed)
        grant.save(update_fields=["confirmed_scopes"])
        _note("proxy.confirmed", grant, by=by, now=now, scopes=grant.confirmed_scopes)
        _close_pages(grant)
    return grant


def note_acting(*, grant_id: uuid.UUID, started: bool, by: Viewer, now: dt.datetime) -> None:
    """Write that a carer begins or stops acting; what was open while acting closes."""
    with transaction.atomic(durable=True):
        grant = ProxyGrant.objects.get(pk=grant_id)
        _note("proxy.acting_started" if started else "proxy.acting_ended", grant, by=by, now=now)
        if not started:
            _close_pages(grant)


def _new_grant(
    patient: Patient, wish: Wish, basis: ProxyBasis, *, by: Viewer, now: dt.datetime
) -> ProxyGrant:
    zone = clinic_zone()
    today = times.today(zone, now)
    latest = rules.latest_grant_day(basis=basis, birth_date=patient.birth_date, today=today)
    rules.check_grant_day(last_day=wish.last_day, today=today, latest=latest)
    after, _ = times.day_bounds(wish.last_day + dt.timedelta(days=1), zone)
    scopes = rules.complete_scopes(scopes=wish.scopes)
    return ProxyGrant(
        patient=patient,
        email=wish.email.lower(),
        relationship=wish.relationship,
        basis=basis,
        scopes=[scope for scope in ProxyScope.values if scope in scopes],
        granted_by_id=by.user_id,
        granted_at=now,
        ends_at=after,
    )


def _locked_patient(patient_id: uuid.UUID) -> Patient:
    """Lock the patient, so that two grants of the same person cannot cross."""
    return Patient.objects.select_for_update(no_key=True, of=("self",)).get(pk=patient_id)


def _locked_grant(grant_id: uuid.UUID) -> ProxyGrant:
    return ProxyGrant.objects.select_for_update(no_key=True, of=("self",)).get(pk=grant_id)


def _is_account_of(patient: Patient, email: str) -> bool:
    own = User.objects.filter(patient=patient, email__iexact=email)
    return own.exists()


def _account(by: Viewer) -> User | None:
    return User.objects.filter(pk=by.user_id, is_active=True).first() if by.user_id else None


def _end_others(which: Q, *, by: Viewer, now: dt.datetime) -> None:
    """End what the new grant takes the place of."""
    for grant in ProxyGrant.objects.filter(which, revoked_at=None):
        _end(grant, by=by, now=now)


def _end(grant: ProxyGrant, *, by: Viewer, now: dt.datetime) -> None:
    grant.revoked_at = now
    grant.revoked_by_id = by.user_id
    grant.save(update_fields=["revoked_at", "revoked_by"])
    _note("proxy.revoked", grant, by=by, now=now)
    _close_pages(grant)


def _close_pages(grant: ProxyGrant) -> None:
    if grant.user_id is not None:
        announce(access_changed, sender=User, user_id=grant.user_id)


def _note(
    action: str,
    grant: ProxyGrant,
    *,
    by: Viewer,
    now: dt.datetime,
    scopes: list[str] | None = None,
) -> None:
    detail: dict[str, str | list[str]] = {"basis": grant.basis}
    if scopes is not None:
        detail["scopes"] = list(scopes)
    audit.record(
        actor_id=by.user_id,
        actor_roles=["system"] if by.is_system else by.roles,
        action=action,
        object_type="proxygrant",
        object_id=grant.pk,
        patient_id=grant.patient_id,
        now=now,
        detail=detail,
    )
