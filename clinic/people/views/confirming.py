"""The page on which somebody confirms who they are, and is led on."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from clinic.people import stepup
from clinic.people.forms.stepup import StepUpForm
from clinic.people.permissions import ACTING, SIGNED_IN, access
from clinic.people.requests import PersonRequest


@access(SIGNED_IN, ACTING)
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def step_up(request: PersonRequest) -> HttpResponse:
    """Ask for the password again and go on to `next`."""
    form = StepUpForm(request.POST if request.method == "POST" else None)
    if stepup.confirm(request, form):
        return redirect(_onwards(request))
    return stepup.page(request, form, status=422 if form.is_bound else 200)


def _onwards(request: PersonRequest) -> str:
    wished = request.GET.get("next", "")
    if wished.startswith("/") and url_has_allowed_host_and_scheme(wished, allowed_hosts=None):
        return wished
    return "/"
