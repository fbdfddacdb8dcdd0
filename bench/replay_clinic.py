"""The clinic that `bench.replay` fills: one site a neighborhood, doctors by demand, by order.

Runs as a program of its own, because settings are read once per process.
"""

from __future__ import annotations

import datetime as dt
import multiprocessing
import queue
import random
import sys
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from bench.replay_file import Booking, History, read  # noqa: E402
from clinic.crypto import datakeys  # noqa: E402
from clinic.lib import times  # noqa: E402
from clinic.people.choices import ApprovalStatus, Role, Specialty  # noqa: E402
from clinic.people.models import Patient, Practitioner  # noqa: E402
from clinic.people.viewer import Viewer  # noqa: E402
from clinic.scheduling import availability as engine  # noqa: E402
from clinic.scheduling.choices import Modality  # noqa: E402
from clinic.scheduling.models import (  # noqa: E402
    Offering,
    Schedule,
    Site,
    VisitType,
    WorkingHours,
)
from clinic.scheduling.services import booking as service  # noqa: E402
from clinic.scheduling.services import claims  # noqa: E402
from clinic.scheduling.services.locks import ScheduleBusy  # noqa: E402
from realtime.server import quiet_the_collector  # noqa: E402

ZONE = "America/Sao_Paulo"
OPENS, CLOSES, STEP_MINUTES = 8, 18, 20
STARTS_A_DAY = (CLOSES - OPENS) * 60 // STEP_MINUTES
# A site has room for its busiest day and this much more, so that times run short but not out.
SPARE = 1.15
SEED = 20160429
BATCH = 25
GIVE_UP = "gave up"

# Written without any code of the product: live claims of one doctor, then of one patient.
_OVERLAPS = """
select count(*) from scheduling_appointment one
  join scheduling_appointment other
    on other.{who} = one.{who} and other.id <> one.id
   and other.starts_at >= one.starts_at and other.starts_at < one.ends_at
 where one.released_at is null and other.released_at is null
"""


@dataclass
class Outcome:
    """What one worker, or all of them, saw."""

    booked_ms: list[float] = field(default_factory=list)
    refused_ms: list[float] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)

    def add(self, other: Outcome) -> None:
        self.booked_ms += other.booked_ms
        self.refused_ms += other.refused_ms
        self.refusals += other.refusals
        self.lost += other.lost

    @property
    def done(self) -> int:
        return len(self.booked_ms) + sum(self.lost.values())


@dataclass(frozen=True, slots=True)
class Clinic:
    """The places with their doctors, and the one kind of visit."""

    doctors: dict[str, list[uuid.UUID]]
    visit_type: uuid.UUID


def build(bookings: Sequence[Booking]) -> Clinic:
    """Make sites, doctors with their hours, and everybody who ever books."""
    demand: dict[str, Counter[dt.date]] = defaultdict(Counter)
    for booking in bookings:
        demand[booking.place][booking.date] += 1
    visit_type = VisitType.objects.create(
        name="Visit",
        slug="visit",
        duration_minutes=STEP_MINUTES,
        lead_minutes=0,
        horizon_days=400,
        modalities=[Modality.IN_PERSON],
    )
    doctors = {
        place: _place(number, place, days, visit_type)
        for number, (place, days) in enumerate(sorted(demand.items()), start=1)
    }
    people = sorted({booking.patient for booking in bookings})
    Patient.objects.bulk_create(
        (
            Patient(pk=patient, record_number=f"R{n:08d}", given_name="Patient", family_name=str(n))
            for n, patient in enumerate(people, start=1)
        ),
        batch_size=2000,
    )
    datakeys.ensure(datakeys.AUDIT)
    return Clinic(doctors, visit_type.pk)


def _place(
    number: int, name: str, days: Counter[dt.date], visit_type: VisitType
) -> list[uuid.UUID]:
    site = Site.objects.create(name=name, slug=f"site-{number}", time_zone=ZONE)
    needed = -int(-max(days.values()) * SPARE // STARTS_A_DAY)
    doctors = [
        Practitioner(
            given_name="Doctor",
            family_name=f"{number}-{n}",
            specialty=Specialty.GENERAL_PRACTICE,
            approval=ApprovalStatus.APPROVED,
        )
        for n in range(needed)
    ]
    Practitioner.objects.bulk_create(doctors)
    Schedule.objects.bulk_create(Schedule(practitioner=doctor) for doctor in doctors)
    Offering.objects.bulk_create(
        Offering(practitioner=doctor, visit_type=visit_type) for doctor in doctors
    )
    WorkingHours.objects.bulk_create(
        WorkingHours(
            practitioner=doctor,
            site=site,
            weekday=weekday,
            starts=dt.time(OPENS),
            ends=dt.time(CLOSES),
            valid_from=dt.date(2015, 1, 1),
        )
        for doctor in doctors
        for weekday in range(1, 8)
    )
    return [doctor.pk for doctor in doctors]


class Patients:
    """Books for one patient after the other, as each of them would on the page."""

    def __init__(self, clinic: Clinic, draws: int) -> None:
        self.clinic = clinic
        self.draws = draws
        self.outcome = Outcome()

    def book(self, number: int, booking: Booking) -> None:
        chance = random.Random(SEED + number)  # noqa: S311
        starts = self._starts(booking)
        refusal = ""
        for _ in range(self.draws):
            refusal = self._ask(
                booking, chance.choice(self.clinic.doctors[booking.place]), chance.choice(starts)
            )
            if refusal not in (engine.Refusal.TAKEN, engine.Refusal.HOLD, "own visit", "busy"):
                break
        else:
            refusal = f"{GIVE_UP} after {self.draws}"
        if refusal:
            self.outcome.lost[refusal] += 1

    def _starts(self, booking: Booking) -> list[dt.datetime]:
        """Return the times still to come that day; of a day gone by, all: asking is refused."""
        opens = times.to_instant(booking.date, dt.time(OPENS), ZONE)
        every = [opens + dt.timedelta(minutes=STEP_MINUTES * n) for n in range(STARTS_A_DAY)]
        return [start for start in every if start > booking.booked_at] or every

    def _ask(self, booking: Booking, doctor: uuid.UUID, starts_at: dt.datetime) -> str:
        """Book, and return why not; nothing when it went well."""
        order = service.Order(
            wish=claims.Wish(
                practitioner_id=doctor,
                visit_type_id=self.clinic.visit_type,
                starts_at=starts_at,
                modality=Modality.IN_PERSON,
                for_patient=True,
            ),
            patient_id=booking.patient,
            idempotency_key=uuid.uuid4(),
            reason="As in the file",
        )
        by = Viewer(roles=frozenset({Role.PATIENT}), patient_id=booking.patient)
        refusal = ""
        began = time.perf_counter()
        try:
            service.book_appointment(order=order, by=by, now=booking.booked_at)
        except claims.AlreadyBooked:
            refusal = "own visit"
        except claims.SlotTaken as refused:
            refusal = str(refused.refusal)
        except ScheduleBusy:
            refusal = "busy"
        taken = (time.perf_counter() - began) * 1000
        (self.outcome.refused_ms if refusal else self.outcome.booked_ms).append(taken)
        if refusal:
            self.outcome.refusals[refusal] += 1
        return refusal


def work(
    clinic: Clinic, bookings: Sequence[Booking], draws: int, following: Any, seen: Any
) -> None:
    """Take the next few bookings until there are none; tell after each few."""
    quiet_the_collector()
    patients = Patients(clinic, draws)
    while True:
        with following.get_lock():
            first, following.value = following.value, following.value + BATCH
        if first >= len(bookings):
            break
        for number in range(first, min(first + BATCH, len(bookings))):
            patients.book(number, bookings[number])
        seen.put(patients.outcome)
        patients.outcome = Outcome()
    connection.close()


def replay(clinic: Clinic, bookings: Sequence[Booking], *, workers: int, draws: int) -> Outcome:
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
    context = multiprocessing.get_context("fork")
    following, seen = context.Value("l", 0), context.Queue()
    crew = [
        context.Process(target=work, args=(clinic, bookings, draws, following, seen), daemon=True)
        for _ in range(workers)
    ]
    for worker in crew:
        worker.start()
    whole = Outcome()
    bar = Bar(len(bookings))
    while whole.done < len(bookings):
        try:
            whole.add(seen.get(timeout=5))
        except queue.Empty:
            if any(worker.exitcode for worker in crew):
                raise SystemExit("a worker ended early") from None
        bar.show(whole)
    for worker in crew:
        worker.join()
    bar.end()
    return whole


class Bar:
    """A line that grows where somebody looks on, a line now and then in a file."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.began = time.monotonic()
        self.shown = -1
        self.parts = 200 if sys.stderr.isatty() else 20

    def show(self, outcome: Outcome) -> None:
        part = outcome.done * self.parts // self.total
        if part == self.shown:
            return
        self.shown = part
        seconds = time.monotonic() - self.began
        filled = "#" * (outcome.done * 40 // self.total)
        left = seconds / max(1, outcome.done) * (self.total - outcome.done)
        sys.stderr.write(
            f"\r[{filled:<40}] {outcome.done:,} of {self.total:,}"
            f"  {len(outcome.booked_ms) / seconds:,.0f} bookings/s  {left:,.0f} s left "
        )
        if not sys.stderr.isatty():
            sys.stderr.write("\n")
        sys.stderr.flush()

    def end(self) -> None:
        if sys.stderr.isatty():
            sys.stderr.write("\n")


def percentile(values: Iterable[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else 0.0


def count(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("set statement_timeout = '300s'")
        cursor.execute(statement)
        return int(cursor.fetchone()[0])


def report(history: History, outcome: Outcome, *, seconds: float, clinic: Clinic) -> int:
    """Print the figures; return how many overlaps the database holds."""
    booked, asked = len(outcome.booked_ms), len(outcome.booked_ms) + len(outcome.refused_ms)
    doctors = sum(map(len, clinic.doctors.values()))
    overlaps = {who: count(_OVERLAPS.format(who=who)) for who in ("practitioner_id", "patient_id")}
    rows = count("select count(*) from scheduling_appointment where released_at is null")
    reminders = count("select count(*) from reminders_reminder")
    lines = [
        f"bookings          {booked:,} of {outcome.done:,} in {seconds:,.0f} s: "
        f"{booked / seconds:,.0f} bookings/s, {asked / seconds:,.0f} requests/s",
        f"                  {len(clinic.doctors)} sites, {doctors} doctors; rows {rows:,}",
        f"booked            p50 {percentile(outcome.booked_ms, 0.5):.1f} ms, "
        f"p99 {percentile(outcome.booked_ms, 0.99):.1f} ms",
        f"refused           p50 {percentile(outcome.refused_ms, 0.5):.1f} ms, "
        f"p99 {percentile(outcome.refused_ms, 0.99):.1f} ms",
        f"refusals          {_counts(outcome.refusals)}",
        f"left without      {_counts(outcome.lost)}",
        f"odd lines         {_counts(history.odd)}",
        f"reminders planned {reminders:,}",
        f"overlaps          doctors {overlaps['practitioner_id']}, "
        f"patients {overlaps['patient_id']}",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    if rows != booked:
        sys.stdout.write(f"{booked:,} bookings were answered yes and {rows:,} are there\n")
    return sum(overlaps.values()) + (rows != booked)


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {n:,}" for name, n in counter.most_common() if n) or "none"


def main(path: str, limit: str, workers: str, draws: str) -> int:
    history = read(Path(path))
    bookings = history.bookings[: int(limit)] if int(limit) else history.bookings
    sys.stderr.write(f"{len(history.bookings):,} bookings read; preparing the clinic\n")
    call_command("migrate", verbosity=0)
    clinic = build(bookings)
    began = time.monotonic()
    outcome = replay(clinic, bookings, workers=int(workers), draws=int(draws))
    wrong = report(history, outcome, seconds=time.monotonic() - began, clinic=clinic)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
