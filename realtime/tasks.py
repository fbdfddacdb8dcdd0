"""What Celery's beat asks for."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from clinic.scheduling.services import holds


@shared_task(  # type: ignore[untyped-decorator]
    name="realtime.tasks.announce_expired_holds", ignore_result=True, time_limit=20, max_retries=0
)
def announce_expired_holds(**_: object) -> None:
    """Tell everybody about holds that have run out. Every five seconds; decides nothing (H2)."""
    holds.announce_expired_holds(now=timezone.now())
