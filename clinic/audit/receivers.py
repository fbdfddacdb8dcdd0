"""Note every sealed value that did not open: it was altered, or moved to another row or owner."""

from __future__ import annotations

import contextvars
import logging
import threading
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone

from clinic.audit.services import record
from clinic.crypto.datakeys import PATIENT

# The request waits no longer than this for its note.
PATIENCE_SECONDS: Final = 5.0
logger = logging.getLogger(__name__)


def note_refusal(
    *, column: str, row: uuid.UUID, scope: str, owner: uuid.UUID | None, **_: Any
) -> None:
    """Add `crypto.open_refused` to the trail. `request_id` tells whose look it was."""
    apart(
        partial(
            record,
            actor_id=None,
            actor_roles=(),
            action="crypto.open_refused",
            object_type=column.partition(".")[0],
            object_id=row,
            patient_id=owner if scope == PATIENT else None,
            detail={"column": column},
            # No service stands between the damage and this note to pass the time on.
            now=timezone.now(),
        )
    )


def apart(write: Callable[[], object]) -> None:
    """Commit `write` over another connection: the transaction around will be rolled back."""
    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(_commit, write), daemon=True)
    thread.start()
    thread.join(PATIENCE_SECONDS)


def _commit(write: Callable[[], object]) -> None:
    try:
        with transaction.atomic():
            write()
    except Exception:
        logger.exception("A sealed value that did not open could not be noted in the audit trail.")
    finally:
        connection.close()
