"""Confirm again who sits at the browser, shortly before something that weighs heavily.

Works for every account that can sign in: one without a factor to confirm with is refused, never
waved through. Factors are listed in `FACTORS`; a view names those that are good enough for it.
"""

from __future__ import annotations

import datetime as dt
import enum
import functools
from collections.abc import Callable, Collection
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from clinic.lib import ratelimit
from clinic.people.forms.stepup import StepUpForm
from clinic.people.requests import PersonRequest
from clinic.people.services import accounts

LASTS = dt.timedelta(minutes=5)
SESSION_KEY = "confirmed_again"
TRIES = ratelimit.Limit(scope="step-up", most=5, seconds=300)

View = Callable[..., HttpResponseBase]


class Factor(enum.StrEnum):
    """What somebody confirmed with."""

    PASSWORD = "password"  # noqa: S105


ANY_FACTOR = frozenset(Factor)


def step_up(factors: Collection[Factor] = ANY_FACTOR) -> Callable[[View], View]:
    """Let a view run only for whoever confirmed within five minutes.

    A page leads to the confirmation and back. A form that was sent too late asks in its place and
    carries what was typed along, so that nothing is lost and nothing is kept in the session.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def confirmed(request: PersonRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if is_fresh(request, factors=factors, now=timezone.now()):
                return view(request, *args, **kwargs)
            if request.method != "POST":
                return _lead_there(request)
            form = StepUpForm(request.POST if StepUpForm.MARK in request.POST else None)
            if confirm(request, form):
                return view(request, *args, **kwargs)
            return page(request, form, carried=_typed(request), status=422)

        return confirmed

    return decorate


def is_fresh(
    request: PersonRequest, *, now: dt.datetime, factors: Collection[Factor] = ANY_FACTOR
) -> bool:
    """Say whether this account confirmed in this session within five minutes."""
    said = request.session.get(SESSION_KEY) or {}
    if said.get("user") != str(request.user.pk) or said.get("factor") not in factors:
        return False
    age = now - dt.datetime.fromtimestamp(said["at"], dt.UTC)
    return dt.timedelta(0) <= age < LASTS


def confirm(request: PersonRequest, form: StepUpForm) -> bool:
    """Check what was typed; remember a confirmation, count and record a failure."""
    if not form.is_bound or not form.is_valid():
        return False
    now = timezone.now()
    wait = ratelimit.retry_after(TRIES, key=str(request.user.pk), now_seconds=int(now.timestamp()))
    if wait:
        form.add_error("password", _("Too many tries. Wait five minutes."))
        return False
    right = request.user.check_password(form.cleaned_data["password"])
    accounts.note_confirmation(by=request.viewer, succeeded=right, now=now)
    if not right:
        form.add_error("password", _("That is not the password of this account."))
        return False
    request.session[SESSION_KEY] = {
        "user": str(request.user.pk),
        "factor": Factor.PASSWORD,
        "at": now.timestamp(),
    }
    return True


def page(
    request: PersonRequest,
    form: StepUpForm,
    *,
    carried: Collection[tuple[str, str]] = (),
    status: int = 200,
) -> HttpResponse:
    """Render the question."""
    context = {
        "form": form,
        "carried": carried,
        "can_confirm": request.user.has_usable_password(),
        "email": request.user.email,
    }
    response = render(request, "people/step_up.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _lead_there(request: PersonRequest) -> HttpResponse:
    query = urlencode({"next": request.get_full_path()})
    return redirect(f"{reverse('people:step_up')}?{query}")


def _typed(request: PersonRequest) -> list[tuple[str, str]]:
    """Return what the refused form held, without the token and the password."""
    own = {"csrfmiddlewaretoken", "password", StepUpForm.MARK}
    return [
        (name, value)
        for name, values in request.POST.lists()
        if name not in own
        for value in values
    ]
