"""What staff are told when a time cannot be booked, by the engine's reason code (A12)."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clinic.scheduling.availability import Refusal

_TEXTS: dict[Refusal, Promise | str] = {
    Refusal.CLOSED: _("No visit can begin at this time. Choose one of the free times below."),
    Refusal.CLOSURE: _("The site is closed then."),
    Refusal.ABSENCE: _("The doctor is away then."),
    Refusal.TAKEN: _("This time has just been given to somebody else."),
    Refusal.HOLD: _("A patient is choosing this time right now. It may be free in five minutes."),
    Refusal.BUFFER: _("This time is too close to another visit."),
    Refusal.RESOURCE: _("The room is taken then."),
}


def refusal_text(refusal: Refusal) -> str:
    """Return the sentence for a reason code."""
    return str(_TEXTS.get(refusal, _("This time cannot be booked.")))
