"""Setting up sites and their rooms."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clinic.people.requests import PersonRequest
from clinic.scheduling import permissions
from clinic.scheduling.models import PARAMETER_NAMES, Room
from clinic.scheduling.selectors import setup as selectors
from clinic.scheduling.services import setup as services
from clinic.scheduling.setup_forms import RoomForm, SiteForm, own_rules
from clinic.scheduling.views.setup_shared import (
    administrator,
    page,
    reading_and_saving,
    saved,
    sent,
    stored,
)

SITE_FIELDS = ("name", "time_zone", "address", "directions", "phone", "active")


@administrator
@reading_and_saving
def site_new(request: PersonRequest) -> HttpResponse:
    form = SiteForm(sent(request), inherited=selectors.inherited_by_site())
    site = saved(
        form,
        lambda: services.create_site(
            details=_site_details(form), by=request.viewer, now=timezone.now()
        ),
    )
    if site is None:
        return page(request, "scheduling/setup_site.html", {"form": form}, form)
    messages.success(request, _("%(name)s is added.") % {"name": site.name})
    return redirect("scheduling:setup")


@administrator
@reading_and_saving
def site_edit(request: PersonRequest, site_id: uuid.UUID) -> HttpResponse:
    found = _site(request, site_id)
    form = _site_form(found, sent(request))
    site = saved(
        form,
        lambda: services.change_site(
            site_id=site_id,
            details=_site_details(form),
            by=request.viewer,
            now=timezone.now(),
        ),
    )
    if site is None:
        return _site_page(request, found, form=form)
    messages.success(request, _("Saved."))
    return redirect("scheduling:setup_site", site_id)


@administrator
@require_POST
def room_add(request: PersonRequest, site_id: uuid.UUID) -> HttpResponse:
    found = _site(request, site_id)
    form = RoomForm(request.POST, prefix="new")
    room = saved(
        form,
        lambda: services.add_room(
            site_id=site_id,
            name=form.cleaned_data["name"],
            by=request.viewer,
            now=timezone.now(),
        ),
    )
    if room is None:
        return _site_page(request, found, new_room=form)
    messages.success(request, _("%(name)s is added.") % {"name": room.name})
    return redirect("scheduling:setup_site", site_id)


@administrator
@require_POST
def room_edit(request: PersonRequest, room_id: uuid.UUID) -> HttpResponse:
    """Rename a room, or remove it (`do=remove`)."""
    try:
        site_id = selectors.site_of_room(room_id=room_id, viewer=request.viewer)
    except permissions.NotAllowed:
        raise Http404 from None
    if request.POST.get("do") == "remove":
        return _remove_room(request, room_id, site_id)
    form = RoomForm(request.POST, prefix=f"room-{room_id}")
    room = saved(
        form,
        lambda: services.rename_room(
            room_id=room_id,
            name=form.cleaned_data["name"],
            by=request.viewer,
            now=timezone.now(),
        ),
    )
    if room is None:
        return _site_page(request, _site(request, site_id), renamed=(room_id, form))
    messages.success(request, _("Saved."))
    return redirect("scheduling:setup_site", site_id)


def _remove_room(request: PersonRequest, room_id: uuid.UUID, site_id: uuid.UUID) -> HttpResponse:
    try:
        services.remove_room(room_id=room_id, by=request.viewer, now=timezone.now())
    except permissions.NotAllowed:
        raise Http404 from None
    except services.RoomInUse:
        messages.warning(request, _("Hours or visits name this room, so it stays."))
    else:
        messages.success(request, _("The room is removed."))
    return redirect("scheduling:setup_site", site_id)


def _site(request: PersonRequest, site_id: uuid.UUID) -> selectors.SiteSetup:
    try:
        return selectors.site_setup(site_id=site_id, viewer=request.viewer, now=timezone.now())
    except permissions.NotAllowed:
        raise Http404 from None


def _site_form(found: selectors.SiteSetup, posted: QueryDict | None = None) -> SiteForm:
    return SiteForm(
        posted,
        inherited=selectors.inherited_by_site(),
        initial=stored(found.site, SITE_FIELDS + PARAMETER_NAMES),
    )


def _site_page(
    request: PersonRequest,
    found: selectors.SiteSetup,
    *,
    form: SiteForm | None = None,
    new_room: RoomForm | None = None,
    renamed: tuple[uuid.UUID, RoomForm] | None = None,
) -> HttpResponse:
    """Draw a site with the one form that was refused as it was typed."""

    def room_form(room: Room) -> RoomForm:
        if renamed and renamed[0] == room.pk:
            return renamed[1]
        return RoomForm(prefix=f"room-{room.pk}", initial={"name": room.name})

    context = {
        "form": form or _site_form(found),
        "found": found,
        "own": own_rules(stored(found.site, PARAMETER_NAMES)),
        "rooms": [(room, room_form(room)) for room in found.rooms],
        "new_room": new_room or RoomForm(prefix="new"),
    }
    refused = form or new_room or (renamed[1] if renamed else None)
    return page(request, "scheduling/setup_site.html", context, refused)


def _site_details(form: SiteForm) -> services.SiteDetails:
    own = {name: form.cleaned_data[name] for name in SITE_FIELDS}
    return services.SiteDetails(**own, parameters=form.parameters())
