"""Celery entry points of the trail: read the clock, call one function."""

from __future__ import annotations

from celery import shared_task
from django.core.cache import cache
from django.utils import timezone

from clinic.audit import sealing

SEALED_KEY = "audit-sealed"
# A pass that came to its end leaves nothing behind: asked for by /readyz.
SEALED_SECONDS = 60


@shared_task(  # type: ignore[untyped-decorator]
    name="clinic.audit.tasks.seal_events", ignore_result=True, time_limit=120, max_retries=0
)
def seal_events(**_: object) -> None:
    """Link what was written since the pass before. Every three seconds."""
    if sealing.seal(now=timezone.now()) is not None:
        cache.set(SEALED_KEY, "1", timeout=SEALED_SECONDS)


@shared_task(  # type: ignore[untyped-decorator]
    name="clinic.audit.tasks.sweep_events", ignore_result=True, time_limit=240, max_retries=0
)
def sweep_events(**_: object) -> None:
    """Link what no pass saw, however long ago it was written. Every hour."""
    sealing.seal(now=timezone.now(), everything=True)
