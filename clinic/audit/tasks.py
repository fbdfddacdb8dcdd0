"""Celery entry points of the trail: read the clock, call one function."""

from __future__ import annotations

import logging

from celery import shared_task
from django.core.cache import cache
from django.utils import timezone

from clinic.audit import anchors, sealing, services, verifying

logger = logging.getLogger(__name__)

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


@shared_task(  # type: ignore[untyped-decorator]
    name="clinic.audit.tasks.anchor_chain", ignore_result=True, time_limit=60, max_retries=0
)
def anchor_chain(**_: object) -> None:
    """Note the end of the chain outside the database when that is due. Every minute."""
    now = timezone.now()
    anchors.anchor_if_due(now=now)
    anchors.mail_if_due(now=now)


@shared_task(  # type: ignore[untyped-decorator]
    name="clinic.audit.tasks.verify_trail",
    ignore_result=True,
    # It may take longer than the broker waits for an answer, and is not worth a second try.
    acks_late=False,
    time_limit=3600,
    max_retries=0,
)
def verify_trail(**_: object) -> None:
    """Walk the whole chain and record the outcome; what is wrong is told at once. Twice a day."""
    now = timezone.now()
    known = anchors.read(anchors.anchor_file())
    found = verifying.verify(now=now, anchors=known, progress=lambda done, whole: None)
    wrong = sum(1 for _finding in found)
    if wrong:
        logger.critical("audit: the trail is not whole (%d findings); run verify_audit", wrong)
    services.record(
        actor_id=None,
        actor_roles=["system"],
        action="audit.verified",
        object_type="auditlink",
        object_id=None,
        detail={"findings": wrong},
        now=now,
    )
