"""Celery entry points: read the clock, hand over ids, call one service.

Messages on the queue may be lost or come twice: the rows decide. A lost one is claimed again when
its lease ends, a second one finds its fence outdated.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence

from celery import shared_task
from django.utils import timezone

from reminders.options import options
from reminders.services import claiming, delivering, dose_planning

# Below the broker's visibility timeout, above the longest batch and one hanging server.
HARD_LIMIT_SECONDS = 180


@shared_task(  # type: ignore[untyped-decorator]
    name="reminders.tasks.dispatch_due", ignore_result=True, time_limit=30, max_retries=0
)
def dispatch_due(**_: object) -> None:
    """Claim what is due and put it on the queue in batches. Every ten seconds."""
    for batch in _batches(claiming.claim_due(now=timezone.now())):
        deliver_reminders.apply_async(
            kwargs={"claims": [[str(claim.reminder_id), claim.fence] for claim in batch]},
            expires=claiming.LEASE.total_seconds(),
        )


@shared_task(  # type: ignore[untyped-decorator]
    name="reminders.tasks.plan_doses", ignore_result=True, time_limit=600, max_retries=0
)
def plan_doses(**_: object) -> None:
    """Plan the dose reminders of the next day. Every half hour."""
    dose_planning.plan_ahead(now=timezone.now())


@shared_task(  # type: ignore[untyped-decorator]
    name="reminders.tasks.deliver_reminders",
    ignore_result=True,
    acks_late=True,
    reject_on_worker_lost=True,
    time_limit=HARD_LIMIT_SECONDS,
    max_retries=0,
)
def deliver_reminders(*, claims: Sequence[tuple[str, int]], **_: object) -> None:
    """Send claimed rows over one connection; each is recorded right after it was sent."""
    delivering.deliver(
        claims=[claiming.Claim(uuid.UUID(reminder_id), fence) for reminder_id, fence in claims],
        clock=timezone.now,
    )


def _batches(claims: Sequence[claiming.Claim]) -> Iterator[Sequence[claiming.Claim]]:
    size = options().batch
    for first in range(0, len(claims), size):
        yield claims[first : first + size]
