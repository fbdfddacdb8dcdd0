"""The administrator's review of emergency access: who, whose, when, why; nothing of the record."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from clinic.people.choices import Role
from clinic.people.permissions import access
from clinic.people.requests import PersonRequest
from clinic.records.forms.access import ReviewForm
from clinic.records.models import EmergencyAccess
from clinic.records.presenters.emergency import review_row
from clinic.records.rules.emergency import ReviewedAlready
from clinic.records.selectors import emergency as reads
from clinic.records.services import emergency as services


@access(Role.ADMINISTRATOR)
@never_cache
@require_safe
def emergency_list(request: PersonRequest) -> HttpResponse:
    """What waits for review, and what was decided."""
    return _page(request)


@access(Role.ADMINISTRATOR)
@require_POST
def emergency_review(request: PersonRequest, glass_id: uuid.UUID) -> HttpResponse:
    """Judge one use."""
    form = ReviewForm(request.POST, auto_id=f"id_{glass_id}_%s")
    if not form.is_valid():
        return _page(request, bound={glass_id: form}, status=422)
    try:
        services.review_emergency(
            glass_id=glass_id,
            outcome=form.cleaned_data["outcome"],
            note=form.cleaned_data["note"],
            by=request.viewer,
            now=timezone.now(),
        )
    except EmergencyAccess.DoesNotExist as error:
        raise Http404 from error
    except ReviewedAlready:
        messages.info(request, _("Somebody else has decided this already."))
    else:
        messages.success(request, _("Saved. The patient sees the outcome."))
    return redirect("records:emergency_list")


def _page(
    request: PersonRequest,
    *,
    bound: dict[uuid.UUID, ReviewForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    found = reads.reviews(viewer=request.viewer, page=_page_number(request))
    forms = bound or {}
    tz, now = request.user.time_zone, timezone.now()
    waiting = [
        review_row(
            review,
            form=forms.get(review.row.pk) or ReviewForm(auto_id=f"id_{review.row.pk}_%s"),
            tz=tz,
            now=now,
        )
        for review in found.waiting
    ]
    context = {
        "waiting": waiting,
        "decided": [review_row(review, tz=tz, now=now) for review in found.decided],
        "page": found.page,
        "pages": found.pages,
    }
    return render(request, "records/access/emergency_list.html", context, status=status)


def _page_number(request: PersonRequest) -> int:
    asked = request.GET.get("page", "1")
    return int(asked) if asked.isdecimal() and len(asked) < 6 else 1
