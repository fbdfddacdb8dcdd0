"""What a person does with the own account: profile, preferences, the wait for approval."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.lib.clinic_time import clinic_today
from clinic.people import selectors
from clinic.people.choices import ProxyScope, Role
from clinic.people.cookies import remember_preferences
from clinic.people.forms.profiles import PractitionerPageForm, PreferencesForm, ProfileForm
from clinic.people.models import Patient
from clinic.people.permissions import SIGNED_IN, access
from clinic.people.requests import PersonRequest, frame
from clinic.people.services import profiles


@access(SIGNED_IN)
@require_safe
def account(request: PersonRequest) -> HttpResponse:
    """Everything that is the person's own to change, in one place."""
    user = selectors.own_account(viewer=request.viewer)
    form = PreferencesForm(initial=PreferencesForm.initial_of(user))
    return _account_page(request, form)


@access(SIGNED_IN)
@require_POST
def preferences(request: PersonRequest) -> HttpResponse:
    form = PreferencesForm(request.POST)
    if not form.is_valid():
        return _account_page(request, form, status=422)
    user = profiles.update_preferences(
        preferences=form.preferences(), by=request.viewer, now=timezone.now()
    )
    messages.success(request, _("Your preferences are saved."))
    response = redirect("people:account")
    remember_preferences(response, user)
    return response


@access(Role.PATIENT)
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: PersonRequest) -> HttpResponse:
    """A patient's own details."""
    return _profile(request, first=False)


@access(Role.PATIENT)
@require_http_methods(["GET", "HEAD", "POST"])
def profile_first(request: PersonRequest) -> HttpResponse:
    """The same, right after registering, with a way past it."""
    return _profile(request, first=True)


def _profile(request: PersonRequest, *, first: bool) -> HttpResponse:
    patient = selectors.own_patient(viewer=request.viewer)
    if patient is None:
        raise Http404
    if request.viewer.proxy is not None:
        return _profile_of_other(request, patient, first=first)
    today = clinic_today(timezone.now())
    if request.method != "POST":
        form = ProfileForm(initial=ProfileForm.initial_of(patient), today=today)
        return _profile_page(request, form, first=first)
    form = ProfileForm(request.POST, today=today)
    if not form.is_valid():
        return _profile_page(request, form, first=first, status=422)
    profiles.update_profile(
        patient_id=patient.pk, details=form.details(), by=request.viewer, now=timezone.now()
    )
    messages.success(request, _("Your details are saved."))
    return redirect("portal:home" if first else "people:account")


def _profile_of_other(request: PersonRequest, patient: Patient, *, first: bool) -> HttpResponse:
    """A carer reads the details of whom they act for; changing them is for the patient."""
    if first or request.method == "POST" or not _may_read_details(request):
        raise Http404
    return render(request, "people/profile_of_other.html", {"patient": patient})


def _may_read_details(request: PersonRequest) -> bool:
    proxy = request.viewer.proxy
    return proxy is not None and proxy.may(ProxyScope.VISITS)


def _profile_page(
    request: PersonRequest, form: ProfileForm, *, first: bool, status: int = 200
) -> HttpResponse:
    template = "people/profile_first.html" if first else "people/profile.html"
    return render(request, template, {"form": form, "frame": frame(request)}, status=status)


@access(Role.PRACTITIONER)
@require_http_methods(["GET", "HEAD", "POST"])
def practitioner_page(request: PersonRequest) -> HttpResponse:
    """What patients read about a doctor."""
    practitioner = selectors.own_practitioner(viewer=request.viewer)
    if practitioner is None:
        raise Http404
    if request.method != "POST":
        form = PractitionerPageForm(initial=PractitionerPageForm.initial_of(practitioner))
        return render(request, "people/practitioner_page.html", {"form": form})
    form = PractitionerPageForm(request.POST)
    if not form.is_valid():
        return render(request, "people/practitioner_page.html", {"form": form}, status=422)
    profiles.update_practitioner_page(
        practitioner_id=practitioner.pk, page=form.page(), by=request.viewer, now=timezone.now()
    )
    messages.success(request, _("Your page is saved."))
    return redirect("people:account")


@access(SIGNED_IN)
@require_safe
def waiting(request: PersonRequest) -> HttpResponse:
    """Where a doctor waits until an administrator has decided."""
    practitioner = selectors.own_practitioner(viewer=request.viewer)
    if practitioner is None:
        raise Http404
    if request.viewer.practitioner_id is not None:
        return redirect("portal:home")
    return render(request, "people/waiting.html", {"practitioner": practitioner})


def _account_page(
    request: PersonRequest, form: PreferencesForm, *, status: int = 200
) -> HttpResponse:
    viewer = request.viewer
    context = {
        "form": form,
        "frame": frame(request),
        "patient": selectors.own_patient(viewer=viewer),
        "practitioner": selectors.own_practitioner(viewer=viewer),
        "email": request.user.email,
        "roles": [Role(role).label for role in sorted(viewer.roles)],
    }
    return render(request, "people/account.html", context, status=status)
