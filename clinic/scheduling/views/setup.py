"""Setting the clinic up: the overview, visit types, what doctors offer."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clinic.people.requests import PersonRequest
from clinic.scheduling import permissions
from clinic.scheduling.models import PARAMETER_NAMES
from clinic.scheduling.selectors import setup as selectors
from clinic.scheduling.services import setup as services
from clinic.scheduling.setup_forms import OfferingForm, OfferingsForm, VisitTypeForm, own_rules
from clinic.scheduling.views.setup_shared import (
    administrator,
    page,
    reading_and_saving,
    saved,
    sent,
    stored,
)

# When the clinic reminds of visits whose type says nothing of its own.
USUAL_STEPS: Any = settings.REMINDERS["STEPS_MINUTES"]
VISIT_TYPE_FIELDS = (
    *("name", "description", "preparation", "icon", "color", "modalities"),
    *("reminder_steps_minutes", "position", "active"),
)


@administrator
@require_safe
def setup(request: PersonRequest) -> HttpResponse:
    """Show what is set up, and lead through what is missing in the order it is needed."""
    found = selectors.overview(viewer=request.viewer, now=timezone.now())
    steps = {
        "site": any(site.active for site in found.sites),
        "visit_type": any(kind.active for kind in found.visit_types),
        "doctor": any(row.offered for row in found.doctors),
        "hours": any(row.can_be_booked for row in found.doctors),
    }
    context = {
        "found": found,
        "steps": steps,
        "next": next((name for name, done in steps.items() if not done), ""),
        "without_offering": next((row for row in found.doctors if not row.offered), None),
        "without_hours": next(
            (row for row in found.doctors if row.offered and not row.has_hours), None
        ),
    }
    return render(request, "scheduling/setup.html", context)


@administrator
@reading_and_saving
def visit_type_new(request: PersonRequest) -> HttpResponse:
    form = _visit_type_form(None, sent(request))
    kind = saved(
        form,
        lambda: services.create_visit_type(
            details=_visit_type_details(form), by=request.viewer, now=timezone.now()
        ),
    )
    if kind is None:
        return page(request, "scheduling/setup_visit_type.html", {"form": form}, form)
    messages.success(request, _("%(name)s is added.") % {"name": kind.name})
    return redirect("scheduling:setup")


@administrator
@reading_and_saving
def visit_type_edit(request: PersonRequest, visit_type_id: uuid.UUID) -> HttpResponse:
    try:
        found = selectors.visit_type_setup(
            visit_type_id=visit_type_id, viewer=request.viewer, now=timezone.now()
        )
    except permissions.NotAllowed:
        raise Http404 from None
    form = _visit_type_form(found, sent(request))
    kind = saved(
        form,
        lambda: services.change_visit_type(
            visit_type_id=visit_type_id,
            details=_visit_type_details(form),
            by=request.viewer,
            now=timezone.now(),
        ),
    )
    if kind is None:
        context = {"form": form, "found": found}
        return page(request, "scheduling/setup_visit_type.html", context, form)
    messages.success(request, _("Saved."))
    return redirect("scheduling:setup_visit_type", visit_type_id)


@administrator
@reading_and_saving
def doctor_edit(request: PersonRequest, practitioner_id: uuid.UUID) -> HttpResponse:
    """Choose what a doctor offers."""
    try:
        found = selectors.doctor_setup(
            practitioner_id=practitioner_id, viewer=request.viewer, now=timezone.now()
        )
    except permissions.NotAllowed:
        raise Http404 from None
    offered = [str(kind.pk) for kind, offering in found.kinds if offering]
    form = OfferingsForm(
        sent(request),
        kinds=[kind for kind, _offering in found.kinds],
        initial={"visit_types": offered},
    )

    def save() -> bool:
        services.set_offerings(
            practitioner_id=practitioner_id,
            visit_type_ids=[uuid.UUID(one) for one in form.cleaned_data["visit_types"]],
            by=request.viewer,
            now=timezone.now(),
        )
        return True

    if saved(form, save) is None:
        rows = [
            (
                choice,
                kind,
                offering,
                own_rules(stored(offering, PARAMETER_NAMES)) if offering else "",
            )
            for choice, (kind, offering) in zip(form["visit_types"], found.kinds, strict=True)
        ]
        context = {"form": form, "found": found, "rows": rows}
        return page(request, "scheduling/setup_doctor.html", context, form)
    messages.success(request, _("Saved."))
    return redirect("scheduling:setup_doctor", practitioner_id)


@administrator
@reading_and_saving
def offering_edit(
    request: PersonRequest, practitioner_id: uuid.UUID, visit_type_id: uuid.UUID
) -> HttpResponse:
    """Give a visit type a doctor's own length and limits."""
    try:
        offering = selectors.offering_setup(
            practitioner_id=practitioner_id, visit_type_id=visit_type_id, viewer=request.viewer
        )
    except permissions.NotAllowed:
        raise Http404 from None
    form = OfferingForm(
        sent(request),
        inherited=selectors.inherited_by_offering(visit_type=offering.visit_type),
        initial=stored(offering, PARAMETER_NAMES),
    )
    offered = saved(
        form,
        lambda: services.change_offering(
            practitioner_id=practitioner_id,
            visit_type_id=visit_type_id,
            parameters=form.parameters(),
            by=request.viewer,
            now=timezone.now(),
        ),
    )
    if offered is None:
        context = {"form": form, "offering": offering}
        return page(request, "scheduling/setup_offering.html", context, form)
    messages.success(request, _("Saved."))
    return redirect("scheduling:setup_doctor", practitioner_id)


def _visit_type_form(
    found: selectors.VisitTypeSetup | None, posted: QueryDict | None
) -> VisitTypeForm:
    names = VISIT_TYPE_FIELDS + PARAMETER_NAMES
    return VisitTypeForm(
        posted,
        inherited=selectors.inherited_by_visit_type(),
        steps=USUAL_STEPS,
        initial=stored(found.visit_type, names) if found else None,
    )


def _visit_type_details(form: VisitTypeForm) -> services.VisitTypeDetails:
    own = {name: form.cleaned_data[name] for name in VISIT_TYPE_FIELDS}
    return services.VisitTypeDetails(**own, parameters=form.parameters())
