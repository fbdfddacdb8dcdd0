"""The clinic that `bench.audit` measures, in a database that is thrown away.

`writer` is one of the eight: it commits one transaction after the other, each an INSERT of the size
of a visit, in one slice of time alone and in the next with its audit event.
"""

from __future__ import annotations

import json
import sys
import time
import uuid

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from clinic.audit import sealing, services, verifying  # noqa: E402
from clinic.audit.models import AuditEvent  # noqa: E402

PAGE = 50
TABLE = """
CREATE TABLE IF NOT EXISTS bench_visit (
    id uuid PRIMARY KEY, patient uuid NOT NULL, starts_at timestamptz NOT NULL, reason bytea
)
"""
INSERT = "INSERT INTO bench_visit VALUES (%s, %s, %s, %s)"
REASON = bytes(120)


def prepare() -> dict[str, float]:
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(TABLE)
    return {}


def writer(turns: int, seconds: float, work_ms: float) -> dict[str, float]:
    """Return how many transactions a second this writer committed of either kind.

    Says that it is ready, and begins when it is told to, together with the others.
    """
    actor, patient = uuid.uuid4(), uuid.uuid4()
    _commit(True, actor, patient, work_ms)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    done = {"bare": 0, "audited": 0}
    ends = time.perf_counter()
    for _turn in range(turns):
        for kind in done:
            ends += seconds
            while time.perf_counter() < ends:
                _commit(kind == "audited", actor, patient, work_ms)
                done[kind] += 1
    return {kind: count / (turns * seconds) for kind, count in done.items()}


def _commit(audited: bool, actor: uuid.UUID, patient: uuid.UUID, work_ms: float) -> None:
    visit, now = uuid.uuid4(), timezone.now()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(INSERT, [visit, patient, now, REASON])
        time.sleep(work_ms / 1000)
        if audited:
            services.record(
                actor_id=actor,
                actor_roles=["front-desk"],
                action="appointment.booked",
                object_type="appointment",
                object_id=visit,
                patient_id=patient,
                detail={"site": actor, "version": 1},
                now=now,
            )


def pages(events: int) -> dict[str, float]:
    """Return events a second, one by one and a list page at once; both in one transaction."""
    abouts = [services.About("patient", uuid.uuid4(), uuid.uuid4()) for _ in range(PAGE)]
    given = {"actor_id": uuid.uuid4(), "actor_roles": ["front-desk"], "action": "patient.listed"}
    with transaction.atomic():
        began = time.perf_counter()
        for number in range(events):
            services.record_many(abouts=[abouts[number % PAGE]], now=timezone.now(), **given)
        single = events / (time.perf_counter() - began)
        began = time.perf_counter()
        for _ in range(events // PAGE):
            services.record_many(abouts=abouts, now=timezone.now(), **given)
        many = events // PAGE * PAGE / (time.perf_counter() - began)
    return {"single": single, "many": many}


def chain(events: int) -> dict[str, float]:
    """Return events a second of the sealer and of the walk, and what an idle pass takes."""
    abouts = [services.About("patient", uuid.uuid4(), uuid.uuid4()) for _ in range(1000)]
    for _ in range(events // len(abouts)):
        services.record_many(
            actor_id=uuid.uuid4(),
            actor_roles=["practitioner"],
            action="record.read",
            abouts=abouts,
            now=timezone.now(),
        )
    began = time.perf_counter()
    sealed = sealing.seal(now=timezone.now(), everything=True)
    sealing_s = time.perf_counter() - began
    assert sealed is not None and not sealed.refused
    began = time.perf_counter()
    sealing.seal(now=timezone.now())
    idle = time.perf_counter() - began
    began = time.perf_counter()
    found = list(verifying.verify(now=timezone.now(), anchors=[], progress=lambda *_: None))
    verifying_s = time.perf_counter() - began
    assert not found
    whole = AuditEvent.objects.count()
    return {
        "sealed_per_second": sealed.linked / sealing_s,
        "idle_ms": idle * 1000,
        "verified_per_second": whole / verifying_s,
        "events": whole,
    }


def main(verb: str, *arguments: str) -> None:
    if verb == "prepare":
        result = prepare()
    elif verb == "writer":
        turns, seconds, work_ms = map(float, arguments)
        result = writer(int(turns), seconds, work_ms)
    else:
        result = {"pages": pages, "chain": chain}[verb](int(arguments[0]))
    sys.stdout.write(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
