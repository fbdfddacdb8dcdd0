"""For whom I act: choose one, stop; and the desk, which lets a parent act for a child."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.lib.clinic_time import clinic_today, clinic_zone
from clinic.people import acting, carers, mails, rules
from clinic.people.carer_rows import carer_row, patient_row
from clinic.people.choices import Role
from clinic.people.forms.carers import CustodyForm
from clinic.people.models import Patient
from clinic.people.permissions import ACTING, SIGNED_IN, access
from clinic.people.requests import PersonRequest, frame
from clinic.people.selectors import viewer_of
from clinic.people.services import proxies


@access(SIGNED_IN, ACTING)
@require_safe
def acting_for(request: PersonRequest) -> HttpResponse:
    """Everyone whom this account acts for."""
    now = timezone.now()
    proxy = request.viewer.proxy
    current = proxy.grant_id if proxy else None
    grants = carers.people_acted_for(viewer=viewer_of(user=request.user), now=now)
    scoped = [(grant, carers.scopes_now(grant=grant, now=now)) for grant in grants]
    tz = clinic_zone()
    rows = [patient_row(grant, scopes=scopes, current=current, tz=tz) for grant, scopes in scoped]
    context = {"rows": rows, "frame": frame(request)}
    return render(request, "people/acting_for.html", context)


@access(SIGNED_IN, ACTING)
@require_POST
def acting_start(request: PersonRequest, grant_id: uuid.UUID) -> HttpResponse:
    """Begin to act for one patient; the session keeps the id of the grant only."""
    now = timezone.now()
    own = viewer_of(user=request.user)
    viewer = carers.acting_viewer(viewer=own, grant_id=grant_id, now=now)
    if viewer is None:
        raise Http404
    proxies.note_acting(grant_id=grant_id, started=True, by=own, now=now)
    acting.start(request, grant_id)
    return redirect("portal:home")


@access(SIGNED_IN, ACTING)
@require_POST
def acting_stop(request: PersonRequest) -> HttpResponse:
    """Be oneself again."""
    proxy = request.viewer.proxy
    acting.stop(request)
    if proxy is not None:
        own = viewer_of(user=request.user)
        proxies.note_acting(grant_id=proxy.grant_id, started=False, by=own, now=timezone.now())
    return redirect("portal:home")


@access(Role.FRONT_DESK, Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def patient_carers(request: PersonRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Who acts for a patient; a parent is added here after a look at the papers."""
    now = timezone.now()
    patient, grants = carers.carers_for_desk(patient_id=patient_id, viewer=request.viewer, now=now)
    if patient is None:
        raise Http404
    form = _custody_form(request, patient)
    if request.method == "POST":
        if form is None:
            raise Http404
        if form.is_valid() and _granted(request, patient, form):
            return redirect("people:patient_carers", patient.pk)
    tz = clinic_zone()
    context = {
        "patient": patient,
        "form": form,
        "ends": request.viewer.has(Role.ADMINISTRATOR),
        "rows": [carer_row(g, scopes=carers.scopes_now(grant=g, now=now), tz=tz) for g in grants],
    }
    status = 422 if form is not None and form.is_bound else 200
    return render(request, "people/patient_carers.html", context, status=status)


def _custody_form(request: PersonRequest, patient: Patient) -> CustodyForm | None:
    """Return the form for a child's parent; an adult decides for themself."""
    try:
        return CustodyForm(
            request.POST if request.method == "POST" else None,
            today=clinic_today(timezone.now()),
            birth_date=patient.birth_date,
        )
    except rules.NotAChild:
        return None


def _granted(request: PersonRequest, patient: Patient, form: CustodyForm) -> bool:
    try:
        grant = proxies.grant_custody(
            patient_id=patient.pk, wish=form.wish(), by=request.viewer, now=timezone.now()
        )
    except proxies.NoSuchAccount:
        form.add_error(
            "email",
            _("Nobody signs in with this address yet. Ask the parent to register first."),
        )
        return False
    except proxies.ActsAlready:
        form.add_error("email", _("This cannot be your own account or the child’s."))
        return False
    mails.send_carer_granted(to=grant.email, name=patient.full_name)
    messages.success(request, _("Saved. The parent was told by e-mail."))
    return True
