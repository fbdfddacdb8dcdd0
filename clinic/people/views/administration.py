"""The administrator's page of people: approve, invite, give and end roles, close accounts.

Every action posts and answers with the whole list again: as a page, or as the piece for htmx.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from clinic.lib.htmx import render_page_or_partial, wants_partial
from clinic.people import mails, presenters, rules, selectors
from clinic.people.choices import Role
from clinic.people.forms.administration import InviteForm, RoleForm
from clinic.people.models import Invitation, Practitioner, User
from clinic.people.permissions import access
from clinic.people.requests import PersonRequest
from clinic.people.services import invitations, practitioners, roles

administrator = access(Role.ADMINISTRATOR)

ROLES_DO_NOT_MIX = gettext_lazy(
    "One account cannot be doctor and administrator. Use a second account for one of them."
)
LAST_ADMINISTRATOR = gettext_lazy(
    "This is the last administrator. Make someone else administrator first."
)


@administrator
@require_safe
def approval_list(request: PersonRequest) -> HttpResponse:
    """Doctors who wait, open invitations, and the accounts of the staff or those searched for."""
    return _people(request, InviteForm())


@administrator
@require_POST
def practitioner_approve(request: PersonRequest, practitioner_id: uuid.UUID) -> HttpResponse:
    return _decide(request, practitioner_id, approve=True)


@administrator
@require_POST
def practitioner_decline(request: PersonRequest, practitioner_id: uuid.UUID) -> HttpResponse:
    return _decide(request, practitioner_id, approve=False)


def _decide(request: PersonRequest, practitioner_id: uuid.UUID, *, approve: bool) -> HttpResponse:
    service = practitioners.approve_practitioner if approve else practitioners.decline_practitioner
    try:
        practitioner = service(
            practitioner_id=practitioner_id, by=request.viewer, now=timezone.now()
        )
    except Practitioner.DoesNotExist as error:
        raise Http404 from error
    except rules.AlreadyDecided:
        return _refuse(request, _("Someone else has decided this already."))
    except rules.RolesDoNotMix:
        return _refuse(request, str(ROLES_DO_NOT_MIX))
    if practitioner.user is not None:
        kind = "approved" if approve else "declined"
        mails.send(
            template_prefix=f"account/email/practitioner_{kind}",
            to=practitioner.user.email,
            context={"name": practitioner.full_name},
        )
    done = (
        _("%(name)s can be booked once hours are set.") if approve else _("%(name)s is declined.")
    )
    return _done(request, done % {"name": practitioner.full_name})


@administrator
@require_POST
def invitation_send(request: PersonRequest) -> HttpResponse:
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _people(request, form, status=422)
    issued = invitations.invite(
        email=form.cleaned_data["email"],
        role=form.cleaned_data["role"],
        by=request.viewer,
        now=timezone.now(),
    )
    invitation = issued.invitation
    sent = mails.send_invitation(
        to=invitation.email,
        role=Role(invitation.role),
        secret=issued.secret,
        expires_at=invitation.expires_at,
    )
    if not sent:
        return _refuse(
            request, _("The mail server did not take the mail. Invite again in a minute.")
        )
    said = _("The invitation to %(email)s is sent.") % {"email": invitation.email}
    # New ids: the morph would keep the address in a field that it takes for the same one.
    return _done(request, said, InviteForm(auto_id=f"id_{invitation.pk.hex[-8:]}_%s"))


@administrator
@require_POST
def invitation_withdraw(request: PersonRequest, invitation_id: uuid.UUID) -> HttpResponse:
    try:
        invitations.withdraw_invitation(
            invitation_id=invitation_id, by=request.viewer, now=timezone.now()
        )
    except Invitation.DoesNotExist as error:
        raise Http404 from error
    except rules.InvitationOver:
        return _refuse(request, _("The invitation was taken up or has run out already."))
    return _done(request, _("The invitation is withdrawn. Its link no longer works."))


@administrator
@require_POST
def role_grant(request: PersonRequest, user_id: uuid.UUID) -> HttpResponse:
    role = _role(request)
    try:
        roles.grant_role(user_id=user_id, role=role, by=request.viewer, now=timezone.now())
    except User.DoesNotExist as error:
        raise Http404 from error
    except rules.RolesDoNotMix:
        return _refuse(request, str(ROLES_DO_NOT_MIX))
    except roles.RoleNeedsRecord:
        return _refuse(request, _("Invite the person to this role: it needs more than an account."))
    return _done(request, _("The role is added: %(role)s.") % {"role": role.label})


@administrator
@require_POST
def role_end(request: PersonRequest, user_id: uuid.UUID) -> HttpResponse:
    role = _role(request)
    try:
        roles.end_role(user_id=user_id, role=role, by=request.viewer, now=timezone.now())
    except User.DoesNotExist as error:
        raise Http404 from error
    except roles.RoleNotHeld:
        return _refuse(request, _("This role had ended already."))
    except rules.LastAdministrator:
        return _refuse(request, str(LAST_ADMINISTRATOR))
    return _done(request, _("The role has ended: %(role)s.") % {"role": role.label})


@administrator
@require_POST
def account_close(request: PersonRequest, user_id: uuid.UUID) -> HttpResponse:
    try:
        roles.deactivate_user(user_id=user_id, by=request.viewer, now=timezone.now())
    except User.DoesNotExist as error:
        raise Http404 from error
    except rules.LastAdministrator:
        return _refuse(request, str(LAST_ADMINISTRATOR))
    return _done(request, _("The account is closed and signed out everywhere."))


@administrator
@require_POST
def account_reopen(request: PersonRequest, user_id: uuid.UUID) -> HttpResponse:
    try:
        roles.reactivate_user(user_id=user_id, by=request.viewer, now=timezone.now())
    except User.DoesNotExist as error:
        raise Http404 from error
    return _done(request, _("The account is open again."))


def _role(request: PersonRequest) -> Role:
    form = RoleForm(request.POST)
    if not form.is_valid():
        raise Http404
    role: Role = form.cleaned_data["role"]
    return role


def _done(request: PersonRequest, said: str, form: InviteForm | None = None) -> HttpResponse:
    if wants_partial(request):
        return _people(request, form or InviteForm(), said=said)
    messages.success(request, said)
    return redirect("people:approval_list")


def _refuse(request: PersonRequest, said: str) -> HttpResponse:
    return _people(request, InviteForm(), refusal=said, status=409)


def _people(
    request: PersonRequest,
    form: InviteForm,
    *,
    refusal: str = "",
    said: str = "",
    status: int = 200,
) -> HttpResponse:
    viewer = request.viewer
    query = request.GET.get("q", "").strip()[:100].replace("\x00", "")
    context: dict[str, Any] = {
        "form": form,
        "refusal": refusal,
        "said": said,
        "query": query,
        "waiting": [
            presenters.waiting_row(row) for row in selectors.practitioners_waiting(viewer=viewer)
        ],
        "invitations": [
            presenters.invitation_row(row)
            for row in selectors.invitations_open(viewer=viewer, now=timezone.now())
        ],
        "accounts": [
            presenters.account_row(user, own_id=viewer.user_id)
            for user in selectors.accounts(viewer=viewer, query=query)
        ],
        "most": selectors.MOST_ACCOUNTS,
    }
    return render_page_or_partial(
        request, "people/people.html", "people/_people.html", context, status=status
    )
