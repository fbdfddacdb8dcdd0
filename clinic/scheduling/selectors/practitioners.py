"""Finding a doctor: by words, specialty, place, kind of visit, and when there is time."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from clinic.lib import times
from clinic.people.choices import ApprovalStatus, Specialty
from clinic.people.models import Practitioner
from clinic.people.viewer import Viewer
from clinic.scheduling.models import Offering, Site, VisitType
from clinic.scheduling.selectors import availability as reads
from clinic.scheduling.selectors.next_free import NextFree, next_free, visit_types

PAGE_SIZE = 20
MOST_WORDS = 6


@dataclass(frozen=True, slots=True)
class Search:
    """What a person looks for. `when` is "any", "today" or "week"; pages count from 1."""

    words: str = ""
    specialty: str = ""
    site_id: uuid.UUID | None = None
    visit_type_id: uuid.UUID | None = None
    modality: str | None = None
    when: str = "any"
    page: int = 1


@dataclass(frozen=True, slots=True)
class FoundPractitioner:
    practitioner: Practitioner
    next: NextFree


@dataclass(frozen=True, slots=True)
class Found:
    """One page of the doctors found, the one with the earliest free time first."""

    listed: tuple[FoundPractitioner, ...]
    total: int
    page: int
    pages: int
    visit_types: tuple[VisitType, ...]
    sites: Mapping[uuid.UUID, Site]


def find_practitioners(*, viewer: Viewer, search: Search, now: dt.datetime) -> Found:
    """Return the doctors who match and can be booked online, sorted by their next free time."""
    sites = reads.sites_by_id()
    kinds = visit_types()
    candidates = {doctor.pk: doctor for doctor in Practitioner.objects.filter(_matching(search))}
    answers = next_free(
        viewer=viewer,
        practitioner_ids=list(candidates),
        visit_type_id=search.visit_type_id,
        modality=search.modality,
        now=now,
        kinds=kinds,
        sites=sites,
    )
    found = [
        FoundPractitioner(candidates[key], answer)
        for key, answer in answers.items()
        if _has_time(answer, search, now)
    ]
    found.sort(key=lambda row: _rank(row, search))
    pages = max(1, -(-len(found) // PAGE_SIZE))
    page = min(max(1, search.page), pages)
    return Found(
        listed=tuple(found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]),
        total=len(found),
        page=page,
        pages=pages,
        visit_types=tuple(kinds),
        sites=sites,
    )


def _matching(search: Search) -> Q:
    wanted = Q(approval=ApprovalStatus.APPROVED)
    if search.specialty:
        wanted &= Q(specialty=search.specialty)
    for word in search.words.split()[:MOST_WORDS]:
        wanted &= (
            Q(given_name__icontains=word)
            | Q(family_name__icontains=word)
            | Q(title__iexact=word.strip("."))
            | Q(specialty__in=_specialties(word))
        )
    return wanted


def _specialties(word: str) -> list[str]:
    """Return the specialties whose name, in the reader's language, holds the word."""
    return [code for code, label in Specialty.choices if word.casefold() in str(label).casefold()]


def _first(answer: NextFree, search: Search) -> dt.datetime | None:
    """Return the first free time that counts: at the wished site if one is wished."""
    if search.site_id is not None:
        time = answer.first_at.get(search.site_id)
    else:
        time = answer.times[0] if answer.times else answer.later
    return time.starts_at if time else None


def _has_time(answer: NextFree, search: Search, now: dt.datetime) -> bool:
    if search.site_id is not None and search.site_id not in answer.sites:
        return False
    if search.when == "any":
        return True
    first = _first(answer, search)
    if first is None:
        return False
    time = next(time for time in (*answer.first_at.values(),) if time.starts_at == first)
    today = times.today(time.time_zone, now)
    last = today if search.when == "today" else today + dt.timedelta(days=7 - today.isoweekday())
    return time.local_date <= last


def _rank(row: FoundPractitioner, search: Search) -> tuple[bool, float, str, str]:
    first = _first(row.next, search)
    name = row.practitioner.family_name
    return first is None, first.timestamp() if first else 0.0, name, row.practitioner.pk.hex


def approved_practitioner(*, viewer: Viewer, practitioner_id: uuid.UUID) -> Practitioner | None:
    """Return a doctor whom everybody may know of, None where there is no such doctor."""
    return Practitioner.objects.filter(pk=practitioner_id, approval=ApprovalStatus.APPROVED).first()


@dataclass(frozen=True, slots=True)
class Bookable:
    """A doctor with the kinds of visit that people can book online, in the order of the clinic."""

    practitioner: Practitioner
    visit_types: Sequence[VisitType]


def bookable_practitioner(*, viewer: Viewer, practitioner_id: uuid.UUID) -> Bookable | None:
    """Return an approved doctor and what can be booked, None where there is no such doctor."""
    offerings = list(
        Offering.objects.filter(
            practitioner_id=practitioner_id,
            practitioner__approval=ApprovalStatus.APPROVED,
            visit_type__active=True,
        )
        .select_related("practitioner", "visit_type")
        .order_by("visit_type__position", "visit_type__name")
    )
    online = [row for row in offerings if _is_online(row)]
    if not offerings:
        return None
    return Bookable(offerings[0].practitioner, [row.visit_type for row in online])


def _is_online(offering: Offering) -> bool:
    """Say whether a patient can book this at some site; a site may still say no for itself."""
    for layer in (offering, offering.visit_type):
        if layer.online is not None:
            return bool(layer.online)
    return True
