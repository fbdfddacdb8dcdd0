"""Link events into the gapless chain. One sealer at a time, after the fact.

Writers never wait for the chain: with a global one in their transactions the whole clinic would be
as slow as one writer. What they wrote is linked a few seconds later, in the order of the ids.
"""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from clinic.audit import ids, macs, services
from clinic.audit.models import AuditEvent

logger = logging.getLogger(__name__)

# "betonyAL" in ASCII: the advisory lock of the one sealer.
LOCK = int.from_bytes(b"betonyAL", "big")
BATCH = 2_000
# How far before the newest link a pass looks for events whose transaction ended late. No request
# takes longer than a minute (statement and idle time limits); the sweep finds what a longer
# import leaves behind.
WINDOW_MS = 15 * 60 * 1000
LATE_MS = 60 * 1000
REFUSED = "audit.event_refused"

# The second condition on the link lets the planner read both indexes from the same place on.
UNLINKED = f"""
SELECT {macs.SELECT_TEXTS} FROM audit_auditevent e
WHERE e.id > %(after)s AND NOT EXISTS (
    SELECT 1 FROM audit_auditlink l WHERE l.event = e.id AND l.event > %(after)s
) ORDER BY e.id LIMIT %(most)s
"""
LAST = "SELECT pos, event::text, mac FROM audit_auditlink ORDER BY pos DESC LIMIT 1"
INSERT = """
INSERT INTO audit_auditlink (pos, event, mac)
SELECT * FROM unnest(%s::bigint[], %s::uuid[], %s::bytea[])
"""

Link = tuple[int, str, bytes]


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass did: how many events it linked, refused, and linked more than a minute late."""

    linked: int = 0
    refused: int = 0
    late: int = 0


def seal(*, now: dt.datetime, everything: bool = False) -> Pass | None:
    """Link every event that has no link yet; None when another sealer is at work.

    Looks back from the newest link only, which makes an idle pass cheap; `everything` looks at the
    whole trail. An event without a genuine MAC gets no link: it is reported and recorded, once.
    """
    after = ids.first_id(0) if everything else _from(now)
    done = Pass()
    while True:
        with transaction.atomic(durable=True):
            if not _only_sealer():
                return None
            rows = unlinked(after)
            done = _counted(done, _seal_batch(rows, now=now))
        if len(rows) < BATCH:
            break
        after = rows[-1][0]
    if done.late:
        logger.warning("audit: %d events were linked more than a minute late", done.late)
    return done


def last_link() -> Link | None:
    """Return the newest link."""
    with connection.cursor() as cursor:
        cursor.execute(LAST)
        row = cursor.fetchone()
    return (row[0], row[1], bytes(row[2])) if row else None


def _from(now: dt.datetime) -> str:
    last = last_link()
    # An id from the future must not hide what is written until then.
    newest = min(ids.made_ms(uuid.UUID(last[1])), ids.ms(now)) if last else 0
    return ids.first_id(newest - WINDOW_MS)


def _only_sealer() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


def unlinked(after: str) -> list[macs.EventRow]:
    """Return the first events after this id that have no link."""
    with connection.cursor() as cursor:
        cursor.execute(UNLINKED, {"after": after, "most": BATCH})
        rows: list[macs.EventRow] = cursor.fetchall()
    return rows


def _seal_batch(rows: Sequence[macs.EventRow], *, now: dt.datetime) -> Pass:
    if not rows:
        return Pass()
    secret = macs.key()
    genuine = [row for row in rows if macs.is_genuine(row, secret=secret)]
    known = {row[0] for row in genuine}
    refused = [row[0] for row in rows if row[0] not in known]
    _append(genuine, secret)
    if refused:
        _report(refused, now=now)
    border = ids.first_id(ids.ms(now) - LATE_MS)
    return Pass(len(genuine), len(refused), sum(row[0] < border for row in genuine))


def _append(rows: Sequence[macs.EventRow], secret: bytes) -> None:
    end, _event, previous = last_link() or (0, None, macs.NOTHING)
    links: list[Link] = []
    for pos, row in enumerate(rows, start=end + 1):
        previous = macs.link_mac(
            previous=previous, pos=pos, event=row[0], event_mac=bytes(row[10]), secret=secret
        )
        links.append((pos, row[0], previous))
    if links:
        with connection.cursor() as cursor:
            cursor.execute(INSERT, [list(column) for column in zip(*links, strict=True)])


def _report(refused: Sequence[str], *, now: dt.datetime) -> None:
    """Raise the alarm about events nobody reported yet."""
    reports = AuditEvent.objects.filter(action=REFUSED, object_id__in=refused)
    told = {str(report.object_id) for report in reports if services.mac_is_genuine(report)}
    fresh = [event for event in refused if event not in told]
    for event in fresh:
        logger.critical("audit: event %s was changed or forged; it gets no link", event)
    services.record_many(
        actor_id=None,
        actor_roles=["system"],
        action=REFUSED,
        abouts=[services.About("auditevent", uuid.UUID(event)) for event in fresh],
        now=now,
    )


def _counted(before: Pass, more: Pass) -> Pass:
    return Pass(before.linked + more.linked, before.refused + more.refused, before.late + more.late)
