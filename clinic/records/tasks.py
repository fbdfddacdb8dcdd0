"""Celery entry points of the record: read the clock, hand over ids, call one service."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from clinic.crypto.errors import SealError
from clinic.records import mails
from clinic.records.selectors.documents import unscanned
from clinic.records.selectors.emergency import untold
from clinic.records.services.documents import scan_document
from clinic.records.services.emergency import tell_patient

AT_ONCE = 50


@shared_task(
    name="clinic.records.tasks.tell_of_emergencies",
    ignore_result=True,
    time_limit=120,
    max_retries=0,
)
def tell_of_emergencies(**_: object) -> None:
    """Write to patients whose record was opened in an emergency. Every minute.

    The row remembers whether the mail left, so none is lost with a worker or a mail server.
    """
    for glass_id in untold(most=AT_ONCE):
        tell_patient(glass_id=glass_id, send=mails.send_emergency_opened, now=timezone.now())


@shared_task(
    name="clinic.records.tasks.scan_waiting_documents",
    ignore_result=True,
    time_limit=280,
    max_retries=0,
)
def scan_waiting_documents(**_: object) -> None:
    """Scan what waits in quarantine; stop at the first that gets no answer. Every five minutes."""
    for document_id in unscanned(limit=AT_ONCE):
        try:
            answered = scan_document(document_id=document_id, now=timezone.now())
        except (SealError, FileNotFoundError):
            # Damaged: it stays where nobody opens it, and the trail has a note of it.
            continue
        if not answered:
            return
