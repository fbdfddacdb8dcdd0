"""Hold a time, keep it longer, let it go. The answers are pieces; without script, pages."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clinic.lib.htmx import wants_partial
from clinic.people.permissions import PUBLIC, access
from clinic.people.requests import PersonRequest
from clinic.scheduling.forms import SlotForm
from clinic.scheduling.fragments import mine
from clinic.scheduling.models import Appointment
from clinic.scheduling.permissions import patient_of
from clinic.scheduling.presenters import lost_time as words
from clinic.scheduling.presenters.slots import LETTERS
from clinic.scheduling.selectors import visits
from clinic.scheduling.selectors.availability import NotOffered
from clinic.scheduling.services import claims, holds
from clinic.scheduling.services.locks import ScheduleBusy
from clinic.scheduling.views import live, lost
from clinic.scheduling.views.visitors import (
    holder_of,
    keep_token,
    new_holder,
    wait_seconds,
)


@access(PUBLIC)
@require_POST
def slot_hold(request: PersonRequest, practitioner_id: uuid.UUID) -> HttpResponse:
    """Hold a time for five minutes and let the earlier one go (H1)."""
    form = SlotForm(request.POST)
    if not form.is_valid():
        raise Http404
    if request.viewer.user_id is not None and patient_of(request.viewer) is None:
        return lost.answer(request, words.needs_patient(), status=422)
    data = form.cleaned_data
    wish = claims.Wish(
        practitioner_id=practitioner_id,
        visit_type_id=data["type"],
        starts_at=data["start"],
        modality=data["how"],
        for_patient=True,
    )
    return hold(request, wish)


def hold(request: PersonRequest, wish: claims.Wish) -> HttpResponse:
    """Answer a press on a time: held, or who was faster and what is free instead."""
    wait = wait_seconds(request)
    if wait:
        return _too_many(request, wait)
    holder, now = new_holder(request), timezone.now()
    try:
        held = holds.hold_slot(
            holder=holder, wish=wish, now=now, created_by_id=request.viewer.user_id
        )
    except (claims.SlotTaken, NotOffered, ScheduleBusy) as refusal:
        refused, status = lost.explain(request, refusal, wish, now=now)
        return lost.answer(request, refused, status=status, wish=wish)
    response = _held(request, held, now=now)
    if held.hold_token is not None:
        keep_token(response, held.hold_token)
    return response


def _held(request: PersonRequest, held: Appointment, *, now: dt.datetime) -> HttpResponse:
    if not wants_partial(request):
        address = reverse("scheduling:slot_list", args=[held.practitioner_id])
        how = LETTERS[held.modality]
        query = f"type={held.visit_type_id.hex}&how={how}&day={held.local_date.isoformat()}"
        return redirect(f"{address}?{query}#hold")
    state = visits.holder_state(
        viewer=request.viewer,
        hold_token=None if request.viewer.user_id else held.hold_token,
        now=now,
    )
    said = _("The time is held for you for five minutes")
    return pieces(live.own_pieces(state, now=now), said=said)


def pieces(own: Mapping[str, str], *, said: str = "") -> HttpResponse:
    """Return the pieces of what is mine, each for its own place, and close the open sheet."""
    return HttpResponse(
        render_to_string("scheduling/_own_changed.html", {"own": own, "said": said})
    )


def _too_many(request: PersonRequest, wait: int) -> HttpResponse:
    response = render(request, "scheduling/too_many.html", {"minutes": -(-wait // 60)}, status=429)
    response["Retry-After"] = str(wait)
    return response


@access(PUBLIC)
@require_POST
def hold_release(request: PersonRequest) -> HttpResponse:
    """Let the held time go. A page that is left names its own, so that a newer one stays."""
    holder, now = holder_of(request), timezone.now()
    meant = request.POST.get("hold", "")
    if holder is not None and _is_meant(request, meant, now=now):
        holds.release_hold(holder=holder, now=now)
    if "leaving" in request.POST:
        return HttpResponse(status=204)
    if wants_partial(request):
        own = live.own_state(request, now=now, only=mine.PIECES)
        return pieces(own.pieces, said=_("The time is free again"))
    messages.info(request, _("The time is free again."))
    return redirect(_back(request))


def _is_meant(request: PersonRequest, meant: str, *, now: dt.datetime) -> bool:
    if not meant:
        return True
    present = live.own_state(request, now=now).state
    return present is not None and present.hold is not None and present.hold.pk.hex == meant


@access(PUBLIC)
@require_POST
def hold_extend(request: PersonRequest) -> HttpResponse:
    """Keep the held time for five more minutes, once (H3)."""
    holder, now = holder_of(request), timezone.now()
    said = _("Held for five more minutes")
    status = 200
    try:
        if holder is None:
            raise holds.HoldEnded
        holds.extend_hold(holder=holder, now=now)
    except holds.HoldEnded:
        said, status = _("The time is no longer held. Choose it again if it is free."), 409
    except holds.AlreadyExtended:
        said, status = _("A time can be kept longer once."), 409
    except (claims.SlotTaken, ScheduleBusy):
        said, status = _("It could not be kept longer just now. Please try again."), 409
    if wants_partial(request):
        response = pieces(live.own_state(request, now=now, only=mine.PIECES).pieces, said=said)
        response.status_code = status
        return response
    messages.info(request, said)
    return redirect(_back(request))


def _back(request: PersonRequest) -> str:
    """Return the page that the form was on, if it was one of ours."""
    referer = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(
        referer, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return referer
    return reverse("scheduling:practitioner_list")


@access(PUBLIC)
@require_GET
def hold_ended(request: PersonRequest) -> HttpResponse:
    """Say that the held time has run out, and offer it again if nobody has taken it (H3)."""
    now = timezone.now()
    ended = live.chosen_time(request, now=now)
    if ended is None or ended.released_at is None or ended.released_at > now:
        return HttpResponse(status=204)
    if not wants_partial(request):
        return redirect("scheduling:appointment_review")
    own = live.own_state(request, now=now, only=mine.PIECES)
    context = lost.ended(ended, now=now) | {"own": own.pieces}
    return render(request, "scheduling/_hold_ended.html", context)
