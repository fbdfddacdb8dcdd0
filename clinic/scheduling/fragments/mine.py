"""What is one person's own, on every page of theirs: the held time and the booked visits.

A page shows those of the pieces that it has a place for; the browser passes over the others.
"""

from __future__ import annotations

import datetime as dt
import uuid

from django.template.loader import render_to_string

from clinic.lib.fragments import Fragment
from clinic.people.viewer import Viewer
from clinic.scheduling.presenters import visits as present
from clinic.scheduling.selectors import visits as reads

# Rows listed on the home page below the next visit.
MOST_LISTED = 5


def holder_state(
    *,
    now: dt.datetime,
    user_id: uuid.UUID | None = None,
    hold_token: uuid.UUID | None = None,
) -> Fragment:
    """Return the pieces of one account, or of a visitor with a token who holds a time."""
    state = reads.holder_state(viewer=Viewer(user_id=user_id), hold_token=hold_token, now=now)
    return pieces_of(state, now=now)


def pieces_of(state: reads.HolderState, *, now: dt.datetime) -> Fragment:
    """Return the pieces of a state that has been read already.

    There is no counter of one person's changes, so the version is the time of reading: a later
    reading is never older.
    """
    hold = present.hold_bar(state.hold, now=now) if state.hold else None
    visits = [present.visit(row, now=now) for row in state.visits]
    late = present.late_text(visits[0].doctor_short, state.doctor_late_minutes) if visits else ""
    contexts: dict[str, dict[str, object]] = {
        "mine": {"items": present.mine(state.hold, state.visits)},
        "hold": {"hold": hold},
        "hold-line": {"hold": hold},
        "next-visit": {"visit": visits[0] if visits else None, "late": late},
        "more-visits": {"visits": visits[1 : MOST_LISTED + 1], "all": len(visits)},
    }
    templates = {name: f"scheduling/_{name.replace('-', '_')}.html" for name in contexts}
    return Fragment(
        version=int(now.timestamp() * 1000),
        pieces={
            name: render_to_string(templates[name], context).strip()
            for name, context in contexts.items()
        },
        wakes_at=state.hold.released_at if state.hold else None,
    )
