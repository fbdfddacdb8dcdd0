"""The file of real bookings: read it, put it in order, count what is wrong with it."""

from __future__ import annotations

import csv
import datetime as dt
import io
import lzma
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

OLDEST = 110
NAMESPACE = uuid.UUID("6d0b5f0e-2c1b-5f1e-9a38-0c6f3f2a9d11")


@dataclass(frozen=True, slots=True)
class Booking:
    """One line: who booked at which moment a visit on which day, and where."""

    patient: uuid.UUID
    booked_at: dt.datetime
    date: dt.date
    place: str


@dataclass(frozen=True, slots=True)
class History:
    """All bookings in the order they were made, and what was odd about lines, by kind."""

    bookings: Sequence[Booking]
    odd: Counter[str]


def read(path: Path) -> History:
    """Read the file; a line that cannot be understood is counted and left out."""
    odd: Counter[str] = Counter()
    bookings: list[Booking] = []
    for line in _lines(path):
        try:
            bookings.append(_booking(line, odd))
        except (KeyError, ValueError, InvalidOperation):
            odd["not understood, left out"] += 1
    days = Counter((booking.patient, booking.date) for booking in bookings)
    odd["same patient, same day again"] = sum(count - 1 for count in days.values())
    return History(sorted(bookings, key=lambda booking: booking.booked_at), odd)


def _lines(path: Path) -> Iterator[dict[str, str]]:
    packed = path.suffix == ".xz"
    with lzma.open(path) if packed else path.open("rb") as opened:
        yield from csv.DictReader(io.TextIOWrapper(opened, encoding="utf-8"))


def _booking(line: dict[str, str], odd: Counter[str]) -> Booking:
    written = line["PatientId"].strip()
    if not written.isdigit():
        odd["patient's number not a whole number"] += 1
    age = int(line["Age"])
    if age < 0:
        odd["age below zero"] += 1
    elif age > OLDEST:
        odd[f"age over {OLDEST}"] += 1
    booked_at = dt.datetime.fromisoformat(line["ScheduledDay"].replace("Z", "+00:00"))
    date = dt.date.fromisoformat(line["AppointmentDay"][:10])
    if date < booked_at.date():
        odd["visit before its booking"] += 1
    # 9377952927E-5 and 93779.52927 are one person.
    number = f"{Decimal(written).normalize():f}"
    return Booking(uuid.uuid5(NAMESPACE, number), booked_at, date, line["Neighbourhood"])
