"""What a page of a person needs to be live about the own holds and visits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from clinic.lib.fragments import Fragment
from clinic.people.requests import PersonRequest
from clinic.scheduling.fragments import mine, names
from clinic.scheduling.models import Appointment
from clinic.scheduling.selectors import visits
from clinic.scheduling.views.visitors import hold_token


@dataclass(frozen=True, slots=True)
class Own:
    """The pieces of what is mine, and the topic under which they are pushed."""

    pieces: Mapping[str, str]
    topic: tuple[str, Fragment] | None
    state: visits.HolderState | None = field(default=None)


def own_state(
    request: PersonRequest, *, now: dt.datetime, only: Collection[str] = mine.HOLDING
) -> Own:
    """Return what the person at this browser holds and has booked."""
    viewer = request.viewer
    token = hold_token(request)
    # An account sees its own holds; the cookie's counts only for whoever has not signed in.
    if viewer.user_id is not None:
        name, token = names.user_topic(viewer.user_id), None
    elif token is not None:
        name = names.hold_topic(token)
    else:
        nothing = visits.HolderState(None, (), 0)
        return Own(mine.pieces_of(nothing, now=now, only=only).pieces, None, nothing)
    state = visits.holder_state(viewer=viewer, hold_token=token, now=now)
    fragment = mine.pieces_of(state, now=now, only=only)
    if viewer.proxy is not None:
        # The topic is the account's: it would push the carer's own visits into this page.
        return Own(fragment.pieces, None, state)
    return Own(fragment.pieces, (name, fragment), state)


def own_pieces(state: visits.HolderState, *, now: dt.datetime) -> Mapping[str, str]:
    return mine.pieces_of(state, now=now).pieces


def chosen_time(request: PersonRequest, *, now: dt.datetime) -> Appointment | None:
    """Return the time this person holds or has just held, also from before signing in."""
    viewer = request.viewer
    return visits.current_hold(viewer=viewer, hold_token=hold_token(request), now=now)
