"""Reads of measurements and laboratory values.

A series is found by the token of its code: the database cannot tell one kind from another.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from decimal import Decimal

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from clinic.records import tokens
from clinic.records.choices import ObservationCategory
from clinic.records.models import Observation
from clinic.records.permissions import NotAllowed, RecordAccess
from clinic.records.rules import observations as rules
from clinic.records.rules.values import numbers_of
from clinic.records.selectors.frame import HIDDEN as HIDDEN

# As many points as a sparkline shows.
RECENT = 12


def latest(*, access: RecordAccess) -> dict[str, Observation]:
    """Return the newest measurement of each stored kind, by the kind's slug. One query."""
    return {kind: rows[-1] for kind, rows in recent(access=access, limit=1).items()}


def recent(*, access: RecordAccess, limit: int = RECENT) -> dict[str, list[Observation]]:
    """Return the newest measurements of each stored kind, the oldest first. One query.

    `limit` counts for each code: a kind that others send under several codes may have more.
    """
    slugs = _tokens_of(access, rules.KINDS)
    found: dict[str, list[Observation]] = defaultdict(list)
    for row in _newest(access, limit).filter(code_token__in=slugs).order_by("effective_at", "pk"):
        found[slugs[bytes(row.code_token)]].append(row)
    return {kind: found[kind] for kind in rules.KINDS if kind in found}


def series(
    *,
    access: RecordAccess,
    kind: str,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
) -> list[Observation]:
    """Return all measurements of one kind in `[since, until)`, the oldest first. One query.

    Of the derived kind (BMI) these are the rows others sent; `all_of` has what it follows from.
    """
    return _between(access, _tokens_of(access, [kind]), since, until)


def all_of(*, access: RecordAccess, kinds: Collection[str]) -> dict[str, list[Observation]]:
    """Return all measurements of some kinds by their slugs, the oldest first. One query."""
    slugs = _tokens_of(access, kinds)
    found: dict[str, list[Observation]] = {kind: [] for kind in kinds}
    for row in _between(access, slugs, None, None):
        found[slugs[bytes(row.code_token)]].append(row)
    return found


def series_like(*, access: RecordAccess, row: Observation) -> list[Observation]:
    """Return all values of the code that `row` has, the oldest first. One query."""
    return _between(access, [bytes(row.code_token)], None, None)


def observation(*, access: RecordAccess, observation_id: uuid.UUID) -> Observation:
    """Return one value of this record; raises NotAllowed where there is none."""
    row = _visible(access).filter(pk=observation_id).first()
    if row is None:
        raise NotAllowed("measurement of another record")
    return row


def other_values(*, access: RecordAccess) -> list[Observation]:
    """Return the newest value of everything that is no kind of measurement: laboratory and the
    rest, lifestyle left out. One query.
    """
    return list(
        _newest(access, 1)
        .exclude(code_token__in=_tokens_of(access, rules.KINDS))
        .exclude(category=ObservationCategory.SOCIAL_HISTORY)
        .order_by("category", "-effective_at")
    )


def last_before(
    *,
    access: RecordAccess,
    kind: str,
    before: dt.datetime,
    besides: uuid.UUID | None = None,
) -> tuple[Decimal, ...] | None:
    """Return the numbers of the last measurement of a kind before an instant."""
    rows = _visible(access).filter(
        code_token__in=list(_tokens_of(access, [kind])), effective_at__lt=before
    )
    if besides is not None:
        rows = rows.exclude(pk=besides)
    row = rows.order_by("-effective_at", "-pk").first()
    return None if row is None else numbers_of(value=row.value, kind=rules.KINDS[kind])


def _visible(access: RecordAccess) -> QuerySet[Observation]:
    rows = Observation.objects.filter(patient_id=access.patient_id)
    return rows.exclude(verification__in=HIDDEN)


def _newest(access: RecordAccess, limit: int) -> QuerySet[Observation]:
    """Return the newest `limit` values of each code."""
    place = Window(
        RowNumber(), partition_by=[F("code_token")], order_by=[F("effective_at").desc(), F("pk")]
    )
    return _visible(access).annotate(place=place).filter(place__lte=limit)


def _between(
    access: RecordAccess,
    wanted: Iterable[bytes],
    since: dt.datetime | None,
    until: dt.datetime | None,
) -> list[Observation]:
    rows = _visible(access).filter(code_token__in=list(wanted))
    if since is not None:
        rows = rows.filter(effective_at__gte=since)
    if until is not None:
        rows = rows.filter(effective_at__lt=until)
    return list(rows.order_by("effective_at", "pk"))


def _tokens_of(access: RecordAccess, kinds: Iterable[str]) -> dict[bytes, str]:
    """Return the kind's slug by the token of each code under which it may be stored."""
    return {
        tokens.observation_token(patient_id=access.patient_id, code=code): slug
        for slug in kinds
        for code in rules.KINDS[slug].codes
    }
