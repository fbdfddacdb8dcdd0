"""What is kept out of the log."""

import logging


def is_worth_a_line(record: logging.LogRecord) -> bool:
    """Drop Django's line for each /readyz that says no: who asks keeps asking until it says yes."""
    request = getattr(record, "request", None)
    return getattr(request, "path", None) != "/readyz"
