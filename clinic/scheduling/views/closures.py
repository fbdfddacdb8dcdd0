"""Closing a site for a day or some hours, with the reason patients are shown."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinic.people.choices import Role
from clinic.people.permissions import access
from clinic.people.requests import PersonRequest
from clinic.scheduling import permissions
from clinic.scheduling.selectors import hours as selectors
from clinic.scheduling.services import schedule
from clinic.scheduling.services.locks import ScheduleBusy
from clinic.scheduling.staff_forms import ClosureForm
from clinic.scheduling.views.hours import decisions_from


@access(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def closure_list(request: PersonRequest) -> HttpResponse:
    now = timezone.now()
    form = ClosureForm(request.POST or None)
    status, stranded = 200, []
    if request.method == "POST":
        status = 422
        span = form.span(form.cleaned_data["site"].time_zone) if form.is_valid() else None
        if span is not None:
            try:
                schedule.close_site(
                    site_id=form.cleaned_data["site"].pk,
                    starts_at=span[0],
                    ends_at=span[1],
                    public_reason=form.cleaned_data["public_reason"],
                    decisions=decisions_from(request),
                    by=request.viewer,
                    now=now,
                )
            except schedule.VisitsStranded as refusal:
                status, stranded = 409, list(refusal.appointments)
            except ScheduleBusy:
                status = 409
                form.add_error(None, _("Somebody is booking right now. Press once more."))
            else:
                messages.success(request, _("The site is closed then."))
                return redirect("scheduling:closure_list")
    context = {
        "form": form,
        "closures": selectors.closures_ahead(now=now, viewer=request.viewer),
        "decide": [(visit, "") for visit in stranded],
    }
    return render(request, "scheduling/closures.html", context, status=status)


@access(Role.ADMINISTRATOR)
@require_POST
def closure_remove(request: PersonRequest, closure_id: uuid.UUID) -> HttpResponse:
    try:
        schedule.reopen_site(closure_id=closure_id, by=request.viewer, now=timezone.now())
    except permissions.NotAllowed:
        raise Http404 from None
    except ScheduleBusy:
        messages.warning(request, _("Somebody is booking right now. Press once more."))
    else:
        messages.success(request, _("The site is open again."))
    return redirect("scheduling:closure_list")
