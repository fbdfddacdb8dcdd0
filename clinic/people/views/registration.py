"""Joining: doctors who register, people who were invited, patients who call."""

from __future__ import annotations

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from allauth.account.views import SignupView
from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from clinic.lib.clinic_time import clinic_today
from clinic.people import rules, selectors
from clinic.people.choices import Role
from clinic.people.forms.accounts import PractitionerRegistrationForm
from clinic.people.forms.administration import (
    AcceptAsPractitionerForm,
    AcceptInvitationForm,
    NamesForm,
    PractitionerNamesForm,
)
from clinic.people.forms.profiles import PatientByPhoneForm
from clinic.people.models import Invitation
from clinic.people.permissions import PUBLIC, access
from clinic.people.requests import PersonRequest
from clinic.people.services import invitations, practitioners, registration


class PractitionerSignup(SignupView):
    """allauth's registration with what a doctor adds; the code and the rate limit are the same."""

    template_name = "people/practitioner_join.html"
    success_url = reverse_lazy("people:waiting")

    def get_form_class(self) -> type[forms.Form]:
        return PractitionerRegistrationForm


_signup = PractitionerSignup.as_view()


@access(PUBLIC)
@require_http_methods(["GET", "HEAD", "POST"])
def practitioner_join(request: PersonRequest) -> HttpResponse:
    """Register as a doctor, with a new account or the one that is signed in."""
    if request.viewer.user_id is None:
        response: HttpResponse = _signup(request)
        return response
    if selectors.own_practitioner(viewer=request.viewer) is not None:
        return redirect("people:waiting")
    patient = selectors.own_patient(viewer=request.viewer)
    initial = (
        {"given_name": patient.given_name, "family_name": patient.family_name} if patient else {}
    )
    form = PractitionerNamesForm(_sent(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        practitioners.register_account_as_practitioner(
            names=form.registration(),
            details=form.details(),
            by=request.viewer,
            now=timezone.now(),
        )
        return redirect("people:waiting")
    status = 422 if form.is_bound else 200
    return render(request, "people/practitioner_join.html", {"form": form}, status=status)


@access(PUBLIC)
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_accept(request: PersonRequest, secret: str) -> HttpResponse:
    """Take up an invitation: make an account, or add the role to the one that is signed in."""
    invitation = selectors.invitation_of(secret=secret, now=timezone.now())
    if invitation is None:
        return render(request, "people/invitation_over.html", status=404)
    if request.viewer.user_id is not None:
        return _accept_signed_in(request, secret, invitation)
    if selectors.has_account(email=invitation.email):
        return _invitation_page(request, invitation, None, "sign-in")
    return _accept_new(request, secret, invitation)


def _accept_new(request: PersonRequest, secret: str, invitation: Invitation) -> HttpResponse:
    kind = (
        AcceptAsPractitionerForm if invitation.role == Role.PRACTITIONER else AcceptInvitationForm
    )
    form = kind(_sent(request), email=invitation.email)
    if request.method != "POST" or not form.is_valid():
        return _invitation_page(request, invitation, form, "new")
    details = form.details() if isinstance(form, AcceptAsPractitionerForm) else None
    try:
        user = invitations.accept_invitation(
            secret=secret,
            registration=form.registration(),
            details=details,
            by=request.viewer,
            now=timezone.now(),
        )
    except (rules.InvitationOver, registration.EmailTaken):
        return redirect(request.path)
    messages.success(request, _("Welcome. Your account is ready."))
    answer: HttpResponse = perform_login(request, Login(user=user, email=user.email))
    return answer


def _accept_signed_in(request: PersonRequest, secret: str, invitation: Invitation) -> HttpResponse:
    if request.user.email.lower() != invitation.email.lower():
        return _invitation_page(request, invitation, None, "someone-else")
    form = _names_asked(request, invitation)
    if request.method != "POST" or (form is not None and not form.is_valid()):
        return _invitation_page(request, invitation, form, "signed-in")
    try:
        invitations.accept_invitation_with_account(
            secret=secret,
            names=form.registration() if form else None,
            details=form.details() if isinstance(form, PractitionerNamesForm) else None,
            by=request.viewer,
            now=timezone.now(),
        )
    except rules.RolesDoNotMix:
        return _invitation_page(request, invitation, form, "does-not-mix", status=409)
    except rules.InvitationOver:
        # Taken up in another tab meanwhile: the address now says so.
        return redirect(request.path)
    messages.success(request, _("The role was added to your account."))
    return redirect("portal:home")


def _names_asked(request: PersonRequest, invitation: Invitation) -> NamesForm | None:
    """Return the form for what the role needs and the account does not say yet."""
    viewer = request.viewer
    if invitation.role == Role.PATIENT and selectors.own_patient(viewer=viewer) is None:
        return NamesForm(_sent(request))
    if invitation.role == Role.PRACTITIONER and selectors.own_practitioner(viewer=viewer) is None:
        return PractitionerNamesForm(_sent(request))
    return None


def _invitation_page(
    request: PersonRequest,
    invitation: Invitation,
    form: forms.Form | None,
    situation: str,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "situation": situation,
        "email": invitation.email,
        "role": Role(invitation.role).label,
    }
    if form is not None and form.is_bound and not form.is_valid():
        status = 422
    return render(request, "people/invitation.html", context, status=status)


@access(Role.FRONT_DESK, Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def patient_new(request: PersonRequest) -> HttpResponse:
    """Enter a patient who calls; `next` leads back to the booking with the patient chosen."""
    form = PatientByPhoneForm(_sent(request), today=clinic_today(timezone.now()))
    back = request.POST.get("next") or request.GET.get("next") or ""
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(
            request, "people/patient_new.html", {"form": form, "next": back}, status=status
        )
    patient = registration.create_patient_without_account(
        details=form.details(), by=request.viewer, now=timezone.now()
    )
    messages.success(
        request,
        _("%(name)s is entered under %(number)s.")
        % {"name": patient.full_name, "number": patient.record_number},
    )
    if back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        joint = "&" if "?" in back else "?"
        return redirect(f"{back}{joint}patient={patient.pk}")
    return redirect("portal:home")


def _sent(request: PersonRequest) -> QueryDict | None:
    """Return what a form was sent, even if that is nothing at all."""
    return request.POST if request.method == "POST" else None
