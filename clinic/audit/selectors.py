"""Read the audit trail, newest first: of one patient, of one account, or what a search asks for.

Who may read it is asked by the pages' own package; this one knows no people.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from clinic.audit.models import AuditEvent

PAGE = 50
EXPORT_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Question:
    """What a search asks for; what is None is not asked. No actors at all finds nothing.

    An action that ends with a dot ("note.") stands for all that begin so.
    """

    actors: frozenset[uuid.UUID] | None = None
    patients: frozenset[uuid.UUID] | None = None
    action: str | None = None
    object_id: uuid.UUID | None = None
    since: dt.datetime | None = None
    before: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last event of a page; the next page begins after it, whatever was written meanwhile."""

    at: dt.datetime
    event: uuid.UUID

    def __str__(self) -> str:
        return f"{self.at.astimezone(dt.UTC):%Y%m%dT%H%M%S%f}-{self.event.hex}"


@dataclass(frozen=True, slots=True)
class Page:
    """Some events and where the next ones begin, if there are any."""

    events: list[AuditEvent]
    next: Cursor | None


def trail_of_patient(
    *, patient_id: uuid.UUID, since: dt.datetime | None = None
) -> QuerySet[AuditEvent]:
    """Return what was done or read about one patient."""
    return search(question=Question(patients=frozenset([patient_id]), since=since))


def trail_of_actor(
    *, actor_id: uuid.UUID, since: dt.datetime | None = None
) -> QuerySet[AuditEvent]:
    """Return what one account did or read."""
    return search(question=Question(actors=frozenset([actor_id]), since=since))


def search(*, question: Question) -> QuerySet[AuditEvent]:
    """Return the events that a search asks for."""
    condition = Q()
    if question.actors is not None:
        condition &= Q(actor__in=question.actors)
    if question.patients is not None:
        condition &= Q(patient__in=question.patients)
    if question.action is not None:
        exact = not question.action.endswith(".")
        condition &= Q(**{"action" if exact else "action__startswith": question.action})
    if question.object_id is not None:
        condition &= Q(object_id=question.object_id)
    if question.since is not None:
        condition &= Q(at__gte=question.since)
    if question.before is not None:
        condition &= Q(at__lt=question.before)
    return AuditEvent.objects.filter(condition).order_by("-at", "-pk")


def page_of(*, events: QuerySet[AuditEvent], after: Cursor | None = None, most: int = PAGE) -> Page:
    """Return one page of a trail: one query, however far back it lies."""
    if after is not None:
        # The first condition is what an index on `at` can use.
        older = Q(at__lt=after.at) | Q(pk__lt=after.event)
        events = events.filter(Q(at__lte=after.at) & older)
    found = list(events[: most + 1])
    last = found[most - 1] if len(found) > most else None
    return Page(found[:most], Cursor(last.at, last.pk) if last else None)


def pages_of(*, events: QuerySet[AuditEvent], most: int = EXPORT_PAGE) -> Iterator[Page]:
    """Yield the whole trail page by page, for an export: it never stands in memory as a whole."""
    page = page_of(events=events, most=most)
    yield page
    while page.next is not None:
        page = page_of(events=events, after=page.next, most=most)
        yield page


def cursor_from(text: str) -> Cursor | None:
    """Return the cursor written in an address; None when it is none."""
    moment, _, event = text.partition("-")
    try:
        at = dt.datetime.strptime(moment, "%Y%m%dT%H%M%S%f").replace(tzinfo=dt.UTC)
        return Cursor(at, uuid.UUID(hex=event))
    except ValueError:
        return None
