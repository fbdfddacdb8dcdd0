"""Every topic there is: its key, who may watch it, how it is read. No other is served.

The fragments that are read here are those the pages render (`clinic.scheduling.fragments`), so what
is pushed equals what stands in the page. A fragment is the same for everyone who may watch its
topic.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Collection, Mapping
from typing import Any

from django.utils import timezone

from clinic.lib.fragments import Fragment
from clinic.people.viewer import Viewer
from clinic.records import fragments as records
from clinic.records.permissions import access_to
from clinic.records.selectors.versions import record_versions
from clinic.scheduling import permissions
from clinic.scheduling.fragments import board, mine, next_free, slots
from clinic.scheduling.selectors import board as board_selectors
from clinic.scheduling.selectors.availability import NotOffered
from clinic.scheduling.selectors.versions import span_versions
from realtime.registry import Gone, Kind, register
from realtime.topic_keys import DayKey, NextKey, SlotsKey, StripKey, WeekKey


def _identifier(text: str) -> uuid.UUID:
    return uuid.UUID(hex=text)


def _anyone(viewer: Viewer, key: Any) -> bool:
    return True


def _that_doctor(viewer: Viewer, key: DayKey) -> bool:
    return viewer.practitioner_id == key.practitioner_id


def _staff_of(viewer: Viewer, key: DayKey | SlotsKey) -> bool:
    return permissions.can_view_board(viewer, key.practitioner_id)


def _doctor_of_visit(viewer: Viewer, appointment_id: uuid.UUID) -> bool:
    try:
        visit = board_selectors.visit_for_staff(appointment_id=appointment_id, viewer=viewer)
    except permissions.NotAllowed:
        return False
    return viewer.practitioner_id == visit.practitioner_id


def _staff_of_visit(viewer: Viewer, appointment_id: uuid.UUID) -> bool:
    try:
        board_selectors.visit_for_staff(appointment_id=appointment_id, viewer=viewer)
    except permissions.NotAllowed:
        return False
    return True


def _that_person(viewer: Viewer, user_id: uuid.UUID) -> bool:
    return viewer.user_id == user_id


def _versions(keys: Collection[Any]) -> Mapping[Any, int]:
    """One source for every kind that shows doctor-days: one query for all of them."""
    spans = {key: key.span() for key in keys}
    found = span_versions(set(spans.values()))
    return {key: found[span] for key, span in spans.items()}


def _slots(for_patient: bool) -> Callable[[SlotsKey, dt.datetime], Fragment]:
    def load(key: SlotsKey, now: dt.datetime) -> Fragment:
        try:
            return slots.slot_grid(
                practitioner_id=key.practitioner_id,
                date=key.date,
                visit_type_id=key.visit_type_id,
                modality=key.modality,
                now=now,
                for_patient=for_patient,
            )
        except NotOffered as error:
            raise Gone from error

    return load


def _strip(key: StripKey, now: dt.datetime) -> Fragment:
    try:
        return slots.day_strip(
            practitioner_id=key.practitioner_id,
            visit_type_id=key.visit_type_id,
            modality=key.modality,
            first=key.first,
            now=now,
        )
    except NotOffered as error:
        raise Gone from error


def _next(key: NextKey, now: dt.datetime) -> Fragment:
    try:
        return next_free.next_chips(
            practitioner_id=key.practitioner_id,
            visit_type_id=key.visit_type_id,
            modality=key.modality,
            now=now,
        )
    except NotOffered as error:
        raise Gone from error


def _day(with_reason: bool) -> Callable[[DayKey, dt.datetime], Fragment]:
    def load(key: DayKey, now: dt.datetime) -> Fragment:
        try:
            return board.day_board(key.practitioner_id, key.date, now=now, with_reason=with_reason)
        except permissions.NotAllowed as error:
            raise Gone from error

    return load


def _week(with_reason: bool) -> Callable[[WeekKey, dt.datetime], Fragment]:
    def load(key: WeekKey, now: dt.datetime) -> Fragment:
        try:
            return board.week_board(key.practitioner_id, key.date, now=now, with_reason=with_reason)
        except permissions.NotAllowed as error:
            raise Gone from error

    return load


def _visit(with_reason: bool) -> Callable[[uuid.UUID, dt.datetime], Fragment]:
    def load(appointment_id: uuid.UUID, now: dt.datetime) -> Fragment:
        try:
            return board.visit_panel(appointment_id, now=now, with_reason=with_reason)
        except permissions.NotAllowed as error:
            raise Gone from error

    return load


def _may_open_record(viewer: Viewer, patient_id: uuid.UUID) -> bool:
    return access_to(viewer=viewer, patient_id=patient_id, now=timezone.now()) is not None


def _record(patient_id: uuid.UUID, now: dt.datetime) -> Fragment:
    return records.record_state(patient_id)


def _user(user_id: uuid.UUID, now: dt.datetime) -> Fragment:
    return mine.holder_state(now=now, user_id=user_id)


def _hold(token: uuid.UUID, now: dt.datetime) -> Fragment:
    return mine.holder_state(now=now, hold_token=token)


register(Kind("slots", SlotsKey.parse, _anyone, _slots(for_patient=True), _versions))
register(Kind("deskslots", SlotsKey.parse, _staff_of, _slots(for_patient=False), _versions))
register(Kind("strip", StripKey.parse, _anyone, _strip, _versions))
register(Kind("next", NextKey.parse, _anyone, _next, _versions))
register(Kind("board", DayKey.parse, _that_doctor, _day(with_reason=True), _versions))
register(Kind("deskboard", DayKey.parse, _staff_of, _day(with_reason=False), _versions))
register(Kind("week", WeekKey.parse, _that_doctor, _week(with_reason=True), _versions))
register(Kind("deskweek", WeekKey.parse, _staff_of, _week(with_reason=False), _versions))
register(Kind("visit", _identifier, _doctor_of_visit, _visit(with_reason=True)))
register(Kind("deskvisit", _identifier, _staff_of_visit, _visit(with_reason=False)))
register(Kind("record", _identifier, _may_open_record, _record, record_versions))
register(Kind("user", _identifier, _that_person, _user))
# Whoever has the token from the signed cookie is the visitor who holds; the page signs no other.
register(Kind("hold", _identifier, _anyone, _hold))


def of_day(practitioner_id: uuid.UUID, date: dt.date, version: int) -> list[tuple[str, int | None]]:
    """Return the topics that a change of a doctor-day makes dirty; `*` is all that follow."""
    doctor, monday = practitioner_id.hex, date - dt.timedelta(days=date.weekday())
    return [
        (f"slots.{doctor}.{date}.*", version),
        (f"deskslots.{doctor}.{date}.*", version),
        (f"board.{doctor}.{date}", version),
        (f"deskboard.{doctor}.{date}", version),
        (f"strip.{doctor}.*", None),
        (f"next.{doctor}.*", None),
        (f"week.{doctor}.{monday}", None),
        (f"deskweek.{doctor}.{monday}", None),
    ]


OF_A_DOCTOR = ("slots", "deskslots", "board", "deskboard", "strip", "next", "week", "deskweek")


def of_rules(practitioner_id: uuid.UUID) -> list[tuple[str, int | None]]:
    """Return the topics that a change of a doctor's rules makes dirty."""
    return [(f"{kind}.{practitioner_id.hex}.*", None) for kind in OF_A_DOCTOR]


def of_visit(appointment_id: uuid.UUID) -> list[tuple[str, int | None]]:
    """Return the topics that show one visit."""
    return [(f"visit.{appointment_id.hex}", None), (f"deskvisit.{appointment_id.hex}", None)]


def of_record(patient_id: uuid.UUID, version: int) -> list[tuple[str, int | None]]:
    """Return the topics that tell of a change of one record."""
    return [(records.record_topic(patient_id), version)]


def of_holder(
    *, user_id: uuid.UUID | None, hold_token: uuid.UUID | None
) -> list[tuple[str, int | None]]:
    """Return the topics of one person's own holds and visits."""
    topics: list[tuple[str, int | None]] = []
    if user_id is not None:
        topics.append((f"user.{user_id.hex}", None))
    if hold_token is not None:
        topics.append((f"hold.{hold_token.hex}", None))
    return topics
