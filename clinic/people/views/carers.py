"""Who acts for me: a patient invites a carer, ends it, and says what a parent may still do."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.lib import ratelimit
from clinic.lib.clinic_time import clinic_today, clinic_zone
from clinic.people import carers, mails, rules
from clinic.people.carer_rows import carer_row
from clinic.people.choices import Role
from clinic.people.forms.carers import ConfirmScopesForm, GrantForm
from clinic.people.models import ProxyGrant
from clinic.people.permissions import ACTING, PUBLIC, SIGNED_IN, access
from clinic.people.requests import PersonRequest, frame
from clinic.people.services import proxies

INVITATIONS = ratelimit.Limit(scope="carer-invitation", most=10, seconds=3600)


@access(Role.PATIENT)
@require_safe
def carer_list(request: PersonRequest) -> HttpResponse:
    """Everyone who acts for this patient, and the form to invite one."""
    return _page(request, GrantForm(today=clinic_today(timezone.now())))


@access(Role.PATIENT)
@require_POST
def carer_invite(request: PersonRequest) -> HttpResponse:
    """Invite a carer by e-mail."""
    now = timezone.now()
    form = GrantForm(request.POST, today=clinic_today(now))
    patient_id = _own_patient_id(request)
    if not form.is_valid() or _invites_too_often(patient_id, form, now=now):
        return _page(request, form, status=422)
    try:
        issued = proxies.invite_carer(
            patient_id=patient_id, wish=form.wish(), by=request.viewer, now=now
        )
    except proxies.ActsAlready:
        form.add_error("email", _("This is your own address."))
        return _page(request, form, status=422)
    grant = issued.grant
    sent = mails.send_carer_invitation(
        to=grant.email, name=grant.patient.full_name, secret=issued.secret
    )
    if sent:
        said = _("The invitation is sent to %(email)s.") % {"email": grant.email}
        messages.success(request, said)
    else:
        messages.warning(
            request, _("The mail server did not take the mail. Invite again in a minute.")
        )
    return redirect("people:carer_list")


@access(Role.PATIENT)
@require_POST
def carer_confirm(request: PersonRequest, grant_id: uuid.UUID) -> HttpResponse:
    """Say what a parent may still do, as the young person whose record it is."""
    form = ConfirmScopesForm(request.POST)
    if not form.is_valid():
        raise Http404
    try:
        proxies.confirm_scopes(
            grant_id=grant_id,
            scopes=frozenset(form.cleaned_data["scopes"]),
            by=request.viewer,
            now=timezone.now(),
        )
    except ProxyGrant.DoesNotExist as error:
        raise Http404 from error
    except rules.GrantOver:
        messages.info(request, _("This had ended already."))
    else:
        messages.success(request, _("Your decision is saved and holds from now on."))
    return redirect("people:carer_list")


@access(SIGNED_IN, ACTING)
@require_POST
def grant_end(request: PersonRequest, grant_id: uuid.UUID) -> HttpResponse:
    """End a grant at once: the patient, the carer or an administrator."""
    try:
        grant = proxies.revoke_grant(grant_id=grant_id, by=request.viewer, now=timezone.now())
    except ProxyGrant.DoesNotExist as error:
        raise Http404 from error
    except rules.GrantOver:
        messages.info(request, _("This had ended already."))
        return redirect("people:acting_for")
    messages.success(request, _("This has ended, everywhere and at once."))
    if grant.user_id == request.user.pk:
        return redirect("people:acting_for")
    if grant.patient_id == request.viewer.patient_id:
        return redirect("people:carer_list")
    return redirect("people:patient_carers", grant.patient_id)


@access(PUBLIC)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def grant_accept(request: PersonRequest, secret: str) -> HttpResponse:
    """Take up an invitation to act for somebody, with the account that is signed in."""
    now = timezone.now()
    grant = carers.invitation_behind(secret=secret, now=now)
    if grant is None:
        return render(request, "people/invitation_over.html", status=404)
    situation = _situation(request, grant)
    if request.method == "POST" and situation == "accept":
        try:
            proxies.accept_grant(secret=secret, by=request.viewer, now=now)
        except (rules.GrantOver, proxies.NotTheCarer):
            # Taken up in another tab or taken back meanwhile: the address now says so.
            return redirect(request.path)
        messages.success(
            request,
            _("You can act for %(name)s from now on.") % {"name": grant.patient.full_name},
        )
        return redirect("people:acting_for")
    row = carer_row(grant, scopes=frozenset(grant.scopes), tz=clinic_zone())
    context = {"row": row, "situation": situation, "patient_name": grant.patient.full_name}
    return render(request, "people/carer_accept.html", context)


def _invites_too_often(patient_id: uuid.UUID, form: GrantForm, *, now: dt.datetime) -> bool:
    """Say so in the form: what is sent carries the clinic's name to whoever the patient likes."""
    if not ratelimit.retry_after(INVITATIONS, key=patient_id.hex, now_seconds=int(now.timestamp())):
        return False
    form.add_error(None, _("You have sent many invitations. Try again in an hour."))
    return True


def _situation(request: PersonRequest, grant: ProxyGrant) -> str:
    if request.viewer.user_id is None:
        return "sign-in"
    if request.user.email.lower() != grant.email:
        return "someone-else"
    return "accept"


def _own_patient_id(request: PersonRequest) -> uuid.UUID:
    patient_id = request.viewer.patient_id
    if patient_id is None or request.viewer.proxy is not None:
        raise Http404
    return patient_id


def _page(request: PersonRequest, form: GrantForm, *, status: int = 200) -> HttpResponse:
    now = timezone.now()
    _own_patient_id(request)
    found = carers.carers_of_viewer(viewer=request.viewer, now=now)
    tz = clinic_zone()
    rows = [
        carer_row(grant, scopes=carers.scopes_now(grant=grant, now=now), tz=tz) for grant in found
    ]
    earlier = carers.earlier_carers_of_viewer(viewer=request.viewer, now=now)
    context: dict[str, Any] = {
        "form": form,
        "frame": frame(request),
        "carers": [row for row in rows if not row.waits],
        "waiting": [row for row in rows if row.waits],
        "earlier": [carer_row(grant, scopes=frozenset(grant.scopes), tz=tz) for grant in earlier],
    }
    return render(request, "people/carers.html", context, status=status)
