"""What the views of the set-up share: a form is saved, or drawn again as it was typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.forms import Form
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinic.people.choices import Role
from clinic.people.permissions import access
from clinic.people.requests import PersonRequest
from clinic.scheduling import permissions
from clinic.scheduling.services import setup as services
from clinic.scheduling.services.locks import ScheduleBusy

Saved = TypeVar("Saved")

administrator = access(Role.ADMINISTRATOR)
reading_and_saving = require_http_methods(["GET", "HEAD", "POST"])


def sent(request: PersonRequest) -> QueryDict | None:
    """Return what a form was sent, even if that is nothing at all."""
    return request.POST if request.method == "POST" else None


def saved(form: Form, save: Callable[[], Saved]) -> Saved | None:
    """Save what a form was sent; None, with what is wrong at the form, where nothing was."""
    if not form.is_bound or not form.is_valid():
        return None
    try:
        return save()
    except permissions.NotAllowed:
        raise Http404 from None
    except services.NameTaken:
        form.add_error("name", _("There is one of this name already."))
    except services.ZoneInUse:
        form.add_error(
            "time_zone",
            _("Visits are booked here, so the clock stays. A new place is a new site."),
        )
    except ScheduleBusy:
        form.add_error(None, _("Somebody is booking right now. Press once more."))
    return None


def stored(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def page(
    request: PersonRequest, template: str, context: dict[str, Any], form: Form | None
) -> HttpResponse:
    status = 422 if form is not None and form.is_bound else 200
    return render(request, template, context, status=status)
