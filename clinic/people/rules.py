"""Rules of the people domain over plain values: no database, no clock, no request."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from functools import cache

from clinic.people.choices import ApprovalStatus, ProxyBasis, ProxyScope, Role

INVITATION_LIFETIME = dt.timedelta(days=7)
OLDEST_AGE_YEARS = 130
# UN Convention on the Rights of the Child (1989), Article 1.
ADULT_AT = 18
# A grant is looked at again every two years: relations and wishes change.
LONGEST_GRANT_YEARS = 2
# Who runs the system reads no charts (SECURITY 4.1), so these two never meet in one account.
EXCLUSIVE_ROLES = frozenset({Role.ADMINISTRATOR, Role.PRACTITIONER})


class RolesDoNotMix(Exception):
    """One account cannot be administrator and doctor at the same time."""


class AlreadyDecided(Exception):
    """This registration was already approved or declined."""


class InvitationOver(Exception):
    """The invitation was used, withdrawn or has run out."""


class LastAdministrator(Exception):
    """Nobody would be left to run the clinic's accounts."""


class GrantOver(Exception):
    """The invitation to act for somebody was taken up, taken back or has run out."""


class GrantTooLong(Exception):
    """A grant ends after today and not later than `latest`."""

    def __init__(self, latest: dt.date) -> None:
        super().__init__(latest)
        self.latest = latest


class NotAChild(Exception):
    """Custody is for a minor whose birth date is known; an adult invites a carer."""


def check_roles_mix(*, held: frozenset[str], added: str) -> None:
    if EXCLUSIVE_ROLES.issubset(held | {added}):
        raise RolesDoNotMix


def check_undecided(*, approval: str) -> None:
    if approval != ApprovalStatus.PENDING:
        raise AlreadyDecided


def check_invitation_open(
    *,
    now: dt.datetime,
    expires_at: dt.datetime,
    accepted_at: dt.datetime | None,
    withdrawn_at: dt.datetime | None,
) -> None:
    if accepted_at is not None or withdrawn_at is not None or now >= expires_at:
        raise InvitationOver


def birthday(*, birth_date: dt.date, age: int) -> dt.date:
    """Return the day on which somebody reaches an age; a leap-day child in other years on 1 March.

    Until midnight of 28 February nobody born on the 29th is a year older (BGB section 188).
    """
    try:
        return birth_date.replace(year=birth_date.year + age)
    except ValueError:
        return dt.date(birth_date.year + age, 3, 1)


def is_minor(*, birth_date: dt.date | None, today: dt.date) -> bool:
    """Say whether somebody is a child as far as we know; an unknown birth date is no child's."""
    return birth_date is not None and today < birthday(birth_date=birth_date, age=ADULT_AT)


def scopes_at_age(
    *,
    scopes: frozenset[str],
    birth_date: dt.date | None,
    today: dt.date,
    confirmed: frozenset[str],
    narrows_at: int,
) -> frozenset[str]:
    """Return what a parent's grant over a child still allows today.

    From the birthday at `narrows_at` years on only visits, and what the young person `confirmed`.
    Nothing once the child is an adult. An unknown birth date counts as old enough to ask.
    """
    visits = frozenset[str]({ProxyScope.VISITS})
    if birth_date is None:
        return scopes & visits
    if today < birthday(birth_date=birth_date, age=narrows_at):
        return scopes
    if not is_minor(birth_date=birth_date, today=today):
        return frozenset()
    return scopes & (visits | confirmed)


def complete_scopes(*, scopes: frozenset[str]) -> frozenset[str]:
    """Return the scopes with what they need: nobody writes into a record they may not read."""
    if ProxyScope.RECORD_WRITE in scopes:
        return scopes | {ProxyScope.RECORD_READ}
    return scopes


def latest_grant_day(*, basis: str, birth_date: dt.date | None, today: dt.date) -> dt.date:
    """Return the last day that a new grant may include. Raises NotAChild."""
    if basis == ProxyBasis.CUSTODY:
        if birth_date is None or not is_minor(birth_date=birth_date, today=today):
            raise NotAChild
        return birthday(birth_date=birth_date, age=ADULT_AT) - dt.timedelta(days=1)
    return birthday(birth_date=today, age=LONGEST_GRANT_YEARS)


def check_grant_day(*, last_day: dt.date, today: dt.date, latest: dt.date) -> None:
    if not today <= last_day <= latest:
        raise GrantTooLong(latest)


def is_plausible_birth_date(*, birth_date: dt.date, today: dt.date) -> bool:
    """Say whether someone born that day can be alive and born."""
    return today.year - birth_date.year <= OLDEST_AGE_YEARS and birth_date <= today


@cache
def time_zones() -> tuple[str, ...]:
    """Return the time zones a person can choose: places, without the historical aliases."""
    areas = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
    return tuple(
        sorted(name for name in zoneinfo.available_timezones() if name.partition("/")[0] in areas)
    )


def is_time_zone(*, name: str) -> bool:
    """Say whether the name is in the time-zone database (any name, aliases too)."""
    return name in zoneinfo.available_timezones()


def record_number(*, position: int) -> str:
    """Return the record number for the n-th record, easy to read out: "BT 204 118".

    Neighbours in time get numbers far apart, so that a slip of one digit on the phone finds nobody
    instead of the next patient. The multiplier has no factor in common with a million, so a
    million records pass before a number could return; from there a further group is put in front.
    """
    block, offset = divmod(position, 1_000_000)
    digits = f"{offset * 618_033 % 1_000_000:06d}"
    return " ".join(filter(None, ("BT", str(block) if block else "", digits[:3], digits[3:])))
