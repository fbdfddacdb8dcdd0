"""Rules of the people domain over plain values: no database, no clock, no request."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from functools import cache

from clinic.people.choices import ApprovalStatus, Role

INVITATION_LIFETIME = dt.timedelta(days=7)
OLDEST_AGE_YEARS = 130
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
