"""Review the held time, say what it is about, and book."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from clinic.lib.htmx import render_page_or_partial, wants_partial
from clinic.lib.ids import uuid7
from clinic.people.choices import Role
from clinic.people.permissions import access
from clinic.people.requests import PersonRequest
from clinic.scheduling.forms import BookingForm
from clinic.scheduling.permissions import check_has_visits, patient_of
from clinic.scheduling.presenters import lost_time as words
from clinic.scheduling.presenters import review as present
from clinic.scheduling.presenters.slots import LETTERS
from clinic.scheduling.selectors import review as reads
from clinic.scheduling.selectors.availability import NotOffered
from clinic.scheduling.services import booking, claims, holds
from clinic.scheduling.services.locks import ScheduleBusy
from clinic.scheduling.views import live, lost
from clinic.scheduling.views.visitors import holder_of

PAGE, PARTIAL = "scheduling/appointment_review.html", "scheduling/_review.html"


@access(Role.PATIENT)
@require_http_methods(["GET", "POST"])
def appointment_review(request: PersonRequest) -> HttpResponse:
    """Show what would be booked (GET); book it, or keep what was typed and say why not (POST)."""
    return _book(request) if request.method == "POST" else _show(request)


def _show(request: PersonRequest) -> HttpResponse:
    now = timezone.now()
    hold = live.chosen_time(request, now=now)
    if hold is None:
        return _page(request, {}, now=now)
    form = BookingForm(
        initial={
            "practitioner": hold.practitioner_id.hex,
            "whose": patient_of(request.viewer),
            "type": hold.visit_type_id.hex,
            "how": LETTERS[hold.modality],
            "start": int(hold.starts_at.timestamp()),
            # One key a rendering: pressing twice books once (C4).
            "key": uuid7().hex,
        }
    )
    return _page(request, {"wish": lost.wish_of(hold), "form": form}, now=now)


def _book(request: PersonRequest) -> HttpResponse:
    form = BookingForm(request.POST)
    form.full_clean()
    hidden = ("practitioner", "whose", "type", "how", "start", "key", "choose")
    if any(name in form.errors for name in hidden):
        # Nobody types these; the page of a browser never sends them like this.
        raise Http404
    now = timezone.now()
    wish = _wish(form.cleaned_data)
    if form.cleaned_data["whose"] not in (None, patient_of(request.viewer)):
        return _of_somebody_else(request, form, wish, now=now)
    if form.cleaned_data["choose"]:
        return _choose_another(request, form, wish, now=now)
    if not form.is_valid():
        return _page(request, {"wish": wish, "form": form}, now=now, status=422)
    order = _order(request, form, wish)
    try:
        visit = booking.book_appointment(order=order, by=request.viewer, now=now)
    except (claims.SlotTaken, NotOffered, ScheduleBusy) as refusal:
        refused, status = lost.explain(request, refusal, wish, now=now)
        return _refused(request, form, wish, refused, now=now, status=status)
    except booking.KeyReused:
        return _refused(request, form, wish, words.busy(), now=now, status=409)
    address = f"{reverse('scheduling:appointment_detail', args=[visit.pk])}?booked"
    return HttpResponseClientRedirect(address) if wants_partial(request) else redirect(address)


def _wish(data: dict[str, Any], starts_at: dt.datetime | None = None) -> claims.Wish:
    return claims.Wish(
        practitioner_id=data["practitioner"],
        visit_type_id=data["type"],
        starts_at=starts_at or data["start"],
        modality=data["how"],
        for_patient=True,
    )


def _order(request: PersonRequest, form: BookingForm, wish: claims.Wish) -> booking.Order:
    patient_id = check_has_visits(request.viewer)
    holder = holder_of(request)
    return booking.Order(
        wish=wish,
        patient_id=patient_id,
        idempotency_key=form.cleaned_data["key"],
        reason=form.cleaned_data["reason"],
        notes=form.cleaned_data["notes"],
        hold_token=holder.hold_token if holder else None,
    )


def _choose_another(
    request: PersonRequest, form: BookingForm, wish: claims.Wish, *, now: dt.datetime
) -> HttpResponse:
    """Hold one of the alternatives and carry over everything that was typed (C3)."""
    other = _wish(form.cleaned_data, form.cleaned_data["choose"])
    holder = holder_of(request)
    assert holder is not None  # a patient always is one
    try:
        holds.hold_slot(holder=holder, wish=other, now=now, created_by_id=request.viewer.user_id)
    except (claims.SlotTaken, NotOffered, ScheduleBusy) as refusal:
        refused, status = lost.explain(request, refusal, other, now=now)
        return _refused(request, form, wish, refused, now=now, status=status)
    carried = BookingForm(initial=_typed(form) | {"start": int(other.starts_at.timestamp())})
    return _page(request, {"wish": other, "form": carried}, now=now)


def _of_somebody_else(
    request: PersonRequest, form: BookingForm, wish: claims.Wish, *, now: dt.datetime
) -> HttpResponse:
    """Ask again: between the page and its press somebody began or ceased to act for another."""
    form.data = {**_typed(form), "whose": str(patient_of(request.viewer) or "")}
    return _refused(request, form, wish, words.somebody_else(), now=now, status=409)


def _typed(form: BookingForm) -> dict[str, Any]:
    """Return every field as it was sent; the form may have had mistakes in it."""
    return {name: form.data.get(name, "") for name in form.fields if name != "choose"}


def _refused(
    request: PersonRequest,
    form: BookingForm,
    wish: claims.Wish,
    refused: words.Refused,
    *,
    now: dt.datetime,
    status: int,
) -> HttpResponse:
    context = {"wish": wish, "form": form, "refused": refused}
    return _page(request, context, now=now, status=status)


def _page(
    request: PersonRequest, context: dict[str, Any], *, now: dt.datetime, status: int = 200
) -> HttpResponse:
    own = live.own_state(request, now=now, only=("mine", "hold-line"))
    wish: claims.Wish | None = context.get("wish")
    plan = None
    if wish is not None:
        plan = reads.plan(viewer=request.viewer, wished=_wished(wish), now=now)
    context |= {
        "planned": present.planned(plan, viewer_tz=request.user.time_zone, now=now)
        if plan
        else None,
        "held": _is_held(own, wish),
        "own": own.pieces,
        "live_topics": [own.topic] if own.topic else [],
    }
    return render_page_or_partial(request, PAGE, PARTIAL, context, status=status)


def _is_held(own: live.Own, wish: claims.Wish | None) -> bool:
    hold = own.state.hold if own.state else None
    return hold is not None and wish is not None and hold.starts_at == wish.starts_at


def _wished(wish: claims.Wish) -> reads.Wished:
    return reads.Wished(wish.practitioner_id, wish.visit_type_id, wish.starts_at, wish.modality)
