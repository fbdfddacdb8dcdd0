"""The clinic that `bench.engine` measures, in a database that is thrown away: fill it, then ask.

Runs as a program of its own, because settings are read once per process. Every table size has the
same number of visits a day, so a larger table only reaches further into the past.
"""

from __future__ import annotations

import datetime as dt
import json
import statistics
import sys
import time
import uuid
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from clinic.lib import times  # noqa: E402
from clinic.scheduling import availability as engine  # noqa: E402
from clinic.scheduling.models import Site, WorkingHours  # noqa: E402
from clinic.scheduling.selectors import availability as reads  # noqa: E402
from realtime.server import quiet_the_collector  # noqa: E402

ZONE = "Europe/Berlin"
DOCTORS = 50
VISITS_A_DAY = 14
FIRST_DAY = dt.date(2026, 11, 30)  # a Monday; two weeks from it are full at every size
NOW = times.to_instant(FIRST_DAY, dt.time(7), ZONE)
CASES = ((1, 1), (1, 30), (DOCTORS, 14))  # doctors, days
ROUNDS = {1: 100, DOCTORS: 15}

# What only guards writing is dropped before filling; the covering index that reading uses stays.
_BARE = """
do $$ declare found record; begin
  for found in select conrelid::regclass as tbl, conname from pg_constraint
      where conrelid in ('scheduling_appointment'::regclass, 'scheduling_workinghours'::regclass)
        and contype in ('f', 'x', 'c')
  loop execute format('alter table %s drop constraint %I', found.tbl, found.conname); end loop;
  for found in select indexrelid::regclass as idx from pg_index
      where indrelid = 'scheduling_appointment'::regclass and not indisprimary
        and indexrelid::regclass::text <> 'appointment_availability'
        and not exists (select from pg_constraint where conindid = indexrelid)
  loop execute format('drop index %s', found.idx); end loop;
end $$
"""

# Visit n of a doctor: workdays back from the last one, 14 of the day's 24 times of twenty minutes.
_FILL = """
with visit as (
  select md5('doctor' || d)::uuid as doctor, n, d,
         %(last_monday)s::date - n / %(day)s / 5 * 7 + n / %(day)s %% 5 as date,
         (n %% %(day)s * 5 + d + n / %(day)s) %% 24 as slot
    from generate_series(0, %(doctors)s - 1) d, generate_series(%(from)s, %(to)s - 1) n
), timed as (
  select *, (date + time '08:00' + slot * interval '20 minutes'
             + case when slot >= 12 then interval '1 hour' else interval '0' end)
            at time zone %(zone)s as starts_at
    from visit
)
insert into scheduling_appointment (id, practitioner_id, patient_id, visit_type_id, site_id,
    modality, starts_at, ends_at, buffer_before_minutes, buffer_after_minutes, claim_starts_at,
    claim_ends_at, claimed_at, overbooked, time_zone, local_start, local_date, status, version,
    moves, hold_extended, expiry_announced, cancellation_reason, cancelled_late, created_at)
select md5('visit' || d || '-' || n)::uuid, doctor, doctor, doctor, %(site)s, 'in-person',
       starts_at, starts_at + interval '20 minutes', 0, 0, starts_at,
       starts_at + interval '20 minutes',
       now(), false, %(zone)s, '', date, 'booked', 1, 0, false, false, '', false, now()
  from timed order by starts_at, d
"""

# The reference: the same rows of the same index, fetched and nothing done with them.
_SCAN = """
select practitioner_id, extract(epoch from starts_at)::bigint, extract(epoch from ends_at)::bigint,
       buffer_before_minutes, buffer_after_minutes, status, id, patient_id
  from scheduling_appointment
 where practitioner_id = any(%(doctors)s) and starts_at > %(lower)s and starts_at < %(upper)s
"""


def prepare() -> Site:
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(_BARE)
    site = Site.objects.create(name="Bench", slug="bench", time_zone=ZONE)
    WorkingHours.objects.bulk_create(
        WorkingHours(
            practitioner_id=doctor,
            site=site,
            weekday=weekday,
            starts=dt.time(opens),
            ends=dt.time(opens + 4),
            valid_from=dt.date(2020, 1, 1),
        )
        for doctor in doctors(DOCTORS)
        for weekday in range(1, 6)
        for opens in (8, 13)
    )
    return site


def doctors(count: int) -> list[uuid.UUID]:
    with connection.cursor() as cursor:
        cursor.execute("select md5('doctor' || d)::uuid from generate_series(0, %s) d", [count - 1])
        return [row[0] for row in cursor.fetchall()]


def fill(site: Site, *, already: int, upto: int) -> None:
    """Let the table grow to `upto` visits, outside of the server's usual time limit."""
    values = {
        "last_monday": FIRST_DAY + dt.timedelta(weeks=1),
        "day": VISITS_A_DAY,
        "doctors": DOCTORS,
        "from": already // DOCTORS,
        "to": upto // DOCTORS,
        "zone": ZONE,
        "site": site.pk,
    }
    with connection.cursor() as cursor:
        cursor.execute("set statement_timeout = '300s'")
        cursor.execute(_FILL, values)
        cursor.execute("vacuum analyze scheduling_appointment")


def taken_ms(rounds: int, **contenders: Callable[[], object]) -> dict[str, float]:
    """Return the median and the quietest round of each; they take turns, to meet the same noise."""
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds + 1):
        for name, ask in contenders.items():
            began = time.perf_counter()
            ask()
            taken[name].append((time.perf_counter() - began) * 1000)
    return {
        f"{name}_{what}": choose(figures[1:])
        for name, figures in taken.items()
        for what, choose in (("ms", statistics.median), ("least_ms", min))
    }


def measure(site: Site) -> list[dict[str, float]]:
    """Return the medians of each case: counts per day, every start, and the bare scan."""
    return [measure_case(site, doctors(count), days) for count, days in CASES]


def measure_case(site: Site, chosen: list[uuid.UUID], days: int) -> dict[str, float]:
    lower, upper = times.to_instant(FIRST_DAY, dt.time(), ZONE), last_moment(days)
    question = {
        "parameters": engine.SYSTEM_PARAMETERS,
        "visit_type_id": None,
        "site_id": site.pk,
        "now": times.seconds(NOW),
        "for_patient": True,
        "start": times.seconds(lower),
        "end": times.seconds(upper),
    }

    def read() -> tuple[engine.Rules, dict[uuid.UUID, list[engine.Busy]]]:
        loaded = reads.load(practitioner_ids=chosen, lower=lower, upper=upper, now=NOW)
        busy: dict[uuid.UUID, list[engine.Busy]] = defaultdict(list)
        for row in loaded.busy:
            busy[row.practitioner_id].append(row)
        return loaded.rules, busy

    def ask(function: Callable[..., Any]) -> list[Any]:
        rules, busy = read()
        return [
            function(rules=rules, busy=busy, practitioner_id=doctor, **question)
            for doctor in chosen
        ]

    def scan() -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(_SCAN, {"doctors": chosen, "lower": lower, "upper": upper})
            return cursor.fetchall()

    assert all(sum(counts.values()) for counts in ask(engine.day_counts)), "nothing is free"
    return {
        "doctors": len(chosen),
        "days": days,
        "visits": len(scan()),
        **taken_ms(
            ROUNDS[len(chosen)],
            counts=lambda: ask(engine.day_counts),
            starts=lambda: ask(engine.starts),
            scan=scan,
        ),
    }


def last_moment(days: int) -> dt.datetime:
    return times.to_instant(FIRST_DAY + dt.timedelta(days=days), dt.time(), ZONE)


def main() -> None:
    site = prepare()
    quiet_the_collector()  # as the server does
    found, already = {}, 0
    for size in map(int, sys.argv[1:]):
        fill(site, already=already, upto=size)
        found[size] = measure(site)
        already = size
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
