"""The audit trail as administrators read it: who did or saw what, and when; no clinical content.

Reading it is an act like any other and leaves its own event.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import transaction

from clinic.audit import selectors as audit_trail
from clinic.audit import services as audit
from clinic.audit.models import AuditEvent
from clinic.audit.selectors import Cursor, Page, Question
from clinic.people import selectors as people
from clinic.people.models import Patient, User
from clinic.people.permissions import check_can_administer
from clinic.people.viewer import Viewer
from clinic.scheduling.selectors import desk

# A search for so many people at once tells the trail that it was for many.
MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Names:
    """The names behind the ids of some events. Whoever is gone is missing here."""

    actors: dict[uuid.UUID, str]
    patients: dict[uuid.UUID, str]


def open_trail(
    *, question: Question, after: Cursor | None, by: Viewer, now: dt.datetime
) -> tuple[Page, Names]:
    """Return one page of what was asked for, and write down that it was looked at."""
    check_can_administer(by=by)
    with transaction.atomic(durable=True):
        page = audit_trail.page_of(events=audit_trail.search(question=question), after=after)
        _note("trail.read", question, by=by, now=now)
    return page, names_of(events=page.events)


def export_trail(
    *, question: Question, by: Viewer, now: dt.datetime
) -> Iterator[tuple[Page, Names]]:
    """Return everything that was asked for, page by page, and write down that it was taken."""
    check_can_administer(by=by)
    with transaction.atomic(durable=True):
        _note("trail.exported", question, by=by, now=now)
    pages = audit_trail.pages_of(events=audit_trail.search(question=question))
    return ((page, names_of(events=page.events)) for page in pages)


def accounts_named(*, text: str, by: Viewer) -> frozenset[uuid.UUID]:
    """Return the accounts in whose name or e-mail address every word stands."""
    check_can_administer(by=by)
    found = [
        frozenset(account.pk for account in people.accounts(viewer=by, query=word))
        for word in text.split()[:4]
    ]
    return frozenset.intersection(*found)


def patients_named(*, text: str, by: Viewer) -> frozenset[uuid.UUID]:
    """Return the patients whose name or record number begins with the words."""
    check_can_administer(by=by)
    found = desk.patients_matching(query=text, viewer=by)
    return frozenset(patient.pk for patient in found)


def names_of(*, events: Iterable[AuditEvent]) -> Names:
    """Return the names that a page of events needs, in two queries."""
    events = list(events)
    accounts = User.objects.filter(pk__in={event.actor for event in events if event.actor})
    actors = {
        pk: " ".join(filter(None, (title, given, family))) or " ".join(filter(None, own)) or email
        for pk, email, title, given, family, *own in accounts.values_list(
            "pk",
            "email",
            "practitioner__title",
            "practitioner__given_name",
            "practitioner__family_name",
            "patient__given_name",
            "patient__family_name",
        )
    }
    about = {event.patient for event in events if event.patient}
    patients = {
        pk: f"{given} {family}"
        for pk, given, family in Patient.objects.filter(pk__in=about).values_list(
            "pk", "given_name", "family_name"
        )
    }
    return Names(actors, patients)


def _note(action: str, question: Question, *, by: Viewer, now: dt.datetime) -> None:
    asked: dict[str, str | list[uuid.UUID]] = {}
    for name, ids in (("actors", question.actors), ("patients", question.patients)):
        if ids is not None:
            asked[name] = sorted(ids)[:MOST_NAMED]
    if question.action is not None:
        asked["action"] = question.action
    for name, moment in (("since", question.since), ("before", question.before)):
        if moment is not None:
            asked[name] = moment.isoformat()
    only = question.patients if question.patients and len(question.patients) == 1 else ()
    audit.record(
        actor_id=by.user_id,
        actor_roles=by.roles,
        action=action,
        object_type="auditevent",
        object_id=question.object_id,
        # A search for one patient belongs to that patient's trail.
        patient_id=next(iter(only), None),
        detail=asked,
        now=now,
    )
