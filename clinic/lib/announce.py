"""Send a signal after commit, robustly: the only place in the product that uses `on_commit`.

A receiver that fails is logged by the name of the signal and never undoes what was committed.
"""

import logging
from typing import Any

from django.db import transaction
from django.dispatch import Signal

logger = logging.getLogger(__name__)


def announce(signal: Signal, *, sender: type, **payload: Any) -> None:
    """Send `signal` when the present transaction commits (at once outside of one).

    The payload holds ids, codes, versions and instants only: no instances, no names, no text.
    """

    def send() -> None:
        for receiver, outcome in signal.send_robust(sender=sender, **payload):
            if isinstance(outcome, Exception):
                logger.error(
                    "receiver failed after commit",
                    extra={"receiver": getattr(receiver, "__qualname__", "?")},
                    exc_info=outcome,
                )

    transaction.on_commit(send, robust=True)
