"""What the access test is told: an object for every address, and who may see that object.

Whoever adds an address with an id in it adds a line to `WHO_SEES`: the people of the cast for whom
the object exists. All of them must be in the audience that the view declares. An id with a new name
also needs an object in `Objects`.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

from tests.factories.people import InvitationFactory

# The cast. `patient` owns the objects, `practitioner` treats.
VISITOR = "visitor"
OUTSIDER = "outsider"
PATIENT = "patient"
PRACTITIONER = "practitioner"
OTHER_PRACTITIONER = "other_practitioner"
PENDING = "pending_practitioner"
RECEPTIONIST = "receptionist"
ADMINISTRATOR = "administrator"
CAST = (
    *(VISITOR, OUTSIDER, PATIENT, PRACTITIONER),
    *(OTHER_PRACTITIONER, PENDING, RECEPTIONIST, ADMINISTRATOR),
)
EVERYONE = frozenset(CAST)
DESK = frozenset({RECEPTIONIST, ADMINISTRATOR})

# For addresses with an object in them: who gets past GET. POST-only addresses answer 405 to these.
WHO_SEES: dict[str, frozenset[str]] = {
    "people:invitation_accept": EVERYONE,
    "people:invitation_withdraw": frozenset({ADMINISTRATOR}),
    "people:practitioner_approve": frozenset({ADMINISTRATOR}),
    "people:practitioner_decline": frozenset({ADMINISTRATOR}),
    "people:role_grant": frozenset({ADMINISTRATOR}),
    "people:role_end": frozenset({ADMINISTRATOR}),
    "people:account_close": frozenset({ADMINISTRATOR}),
    "people:account_reopen": frozenset({ADMINISTRATOR}),
}

# Addresses without an id that exist only for some of their audience: the page is about the viewer.
ONLY_FOR: dict[str, frozenset[str]] = {
    "people:waiting": frozenset({PRACTITIONER, OTHER_PRACTITIONER, PENDING}),
}

# Answers that mean "you may": a page, a redirect onwards, the wrong method, a form to correct, and
# /readyz without a worker.
MAY = frozenset({200, 302, 303, 400, 405, 409, 422, 503})


class Objects:
    """One object of `patient` and `practitioner` for every kind of id in an address."""

    def __init__(self, person: Callable[[str], Any]) -> None:
        self.person = person

    def value(self, name: str) -> Any:
        """Return what stands for `<name>` in an address."""
        return getattr(self, name)()

    def user_id(self) -> uuid.UUID:
        return self.person(PATIENT).user_id

    def patient_id(self) -> uuid.UUID:
        return self.person(PATIENT).pk

    def practitioner_id(self) -> uuid.UUID:
        return self.person(PRACTITIONER).pk

    def date(self) -> dt.date:
        return dt.date(2026, 3, 2)

    def invitation_id(self) -> uuid.UUID:
        return InvitationFactory().pk

    def secret(self) -> str:
        now = dt.datetime.now(dt.UTC)
        InvitationFactory(secret="a-secret-of-the-cast", invited_at=now)
        return "a-secret-of-the-cast"
