"""What is one person's own, on every page of theirs: the held time and the booked visits.

A page shows those of the pieces that it has a place for; the browser passes over the others.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection

from clinic.lib.fragments import Fragment
from clinic.lib.pieces import render_piece
from clinic.people.viewer import Viewer
from clinic.scheduling.presenters import visits as present
from clinic.scheduling.selectors import visits as reads

# Rows listed on the home page below the next visit.
MOST_LISTED = 5

PIECES = ("mine", "hold", "hold-line", "next-visit", "more-visits")
# A bar over the page and the marks in its grid; what every page on which times are chosen shows.
HOLDING = ("mine", "hold")


def holder_state(
    *,
    now: dt.datetime,
    user_id: uuid.UUID | None = None,
    hold_token: uuid.UUID | None = None,
) -> Fragment:
    """Return the pieces of one account, or of a visitor with a token who holds a time."""
    state = reads.holder_state(viewer=Viewer(user_id=user_id), hold_token=hold_token, now=now)
    return pieces_of(state, now=now)


def pieces_of(
    state: reads.HolderState, *, now: dt.datetime, only: Collection[str] = PIECES
) -> Fragment:
    """Return the pieces of a state that has been read already; a page asks for those it shows.

    There is no counter of one person's changes, so the version is the time of reading: a later
    reading is never older.
    """
    return Fragment(
        version=int(now.timestamp() * 1000),
        pieces={
            name: render_piece(
                f"scheduling/_{name.replace('-', '_')}.html", _CONTEXTS[name](state, now)
            )
            for name in PIECES
            if name in only
        },
        wakes_at=state.hold.released_at if state.hold else None,
    )


def _mine(state: reads.HolderState, now: dt.datetime) -> dict[str, object]:
    return {"items": present.mine(state.hold, state.visits)}


def _hold(state: reads.HolderState, now: dt.datetime) -> dict[str, object]:
    return {"hold": present.hold_bar(state.hold, now=now) if state.hold else None}


def _next_visit(state: reads.HolderState, now: dt.datetime) -> dict[str, object]:
    visits = [present.visit(row, now=now) for row in state.visits[:1]]
    late = present.late_text(visits[0].doctor_short, state.doctor_late_minutes) if visits else ""
    return {"visit": visits[0] if visits else None, "late": late}


def _more_visits(state: reads.HolderState, now: dt.datetime) -> dict[str, object]:
    later = state.visits[1 : MOST_LISTED + 1]
    return {"visits": [present.visit(row, now=now) for row in later]}


_CONTEXTS = {
    "mine": _mine,
    "hold": _hold,
    "hold-line": _hold,
    "next-visit": _next_visit,
    "more-visits": _more_visits,
}
