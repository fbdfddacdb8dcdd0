"""Which pages a person can go to from everywhere: the tabs, the rail and the account menu.

An entry whose page does not exist in this installation is left out, so no link leads nowhere.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clinic.people.choices import ProxyScope, Role
from clinic.people.viewer import Proxy, Viewer


@dataclass(frozen=True, slots=True)
class Entry:
    """One link, as its template draws it."""

    href: str
    icon: str
    label: str
    current: bool


@dataclass(frozen=True, slots=True)
class Page:
    """A page to link to. `also` names the pages that belong to it, which keep its entry lit."""

    name: str
    icon: str
    label: Promise | str
    args: tuple[object, ...] = ()
    also: tuple[str, ...] = ()


PATIENT = (
    Page("portal:home", "house", _("Home")),
    Page(
        "scheduling:practitioner_list",
        "calendar-plus",
        _("Book"),
        also=(
            "scheduling:slot_list",
            "scheduling:appointment_review",
            "scheduling:appointment_book",
        ),
    ),
    Page(
        "scheduling:appointment_list",
        "calendar-check",
        _("Visits"),
        also=(
            "scheduling:appointment_detail",
            "scheduling:appointment_cancel",
            "scheduling:appointment_move",
        ),
    ),
    Page(
        "people:account",
        "user",
        _("Account"),
        also=("people:profile", "people:preferences", "people:practitioner_page"),
    ),
)
VISITOR = (Page("scheduling:practitioner_list", "search", _("Find a time"), also=PATIENT[1].also),)
DESK = (
    Page("scheduling:desk", "layout-grid", _("Desk"), also=("portal:home",)),
    Page("scheduling:patient_search", "users", _("Patients")),
)
ADMINISTRATOR = (
    Page("people:approval_list", "user-check", _("People")),
    Page("portal:trail_list", "history", _("Trail")),
    Page("records:emergency_list", "siren", _("Access"), also=("records:erasure_list",)),
    Page("scheduling:closure_list", "calendar-off", _("Closures")),
    Page(
        "scheduling:setup",
        "settings",
        _("Set-up"),
        also=(
            "scheduling:setup_site_new",
            "scheduling:setup_site",
            "scheduling:setup_room_add",
            "scheduling:setup_room",
            "scheduling:setup_visit_type_new",
            "scheduling:setup_visit_type",
            "scheduling:setup_doctor",
            "scheduling:setup_offering",
        ),
    ),
)
ACCOUNT = (
    Page("people:account", "user", _("Your account")),
    Page("account_change_password", "key-round", _("Change password")),
    Page("account_email", "mail", _("Change e-mail address")),
)


CARERS = Page("people:carer_list", "users", _("Who acts for you"))
ACTING_FOR = Page("people:acting_for", "user-check", _("People you act for"))


def _practitioner_pages(viewer: Viewer, today: dt.date) -> tuple[Page, ...]:
    # Home is the own board of today, whatever day it is at the site.
    return (
        Page("portal:home", "calendar-clock", _("Today"), also=("scheduling:day_board",)),
        Page("scheduling:week_board", "calendar", _("Week"), (viewer.practitioner_id, today)),
        Page("scheduling:hours_edit", "repeat", _("Hours"), (viewer.practitioner_id,)),
        Page("records:patient_list", "users", _("Patients")),
        Page("records:emergency_find", "siren", _("Urgent"), also=("records:emergency_open",)),
    )


def _pages_of_carer(viewer: Viewer, proxy: Proxy) -> list[Page]:
    """Return the pages of whom the viewer acts for, as far as the grant reaches."""
    pages = list(PATIENT[:3]) if proxy.may(ProxyScope.VISITS) else []
    if proxy.may(ProxyScope.RECORD_READ):
        pages.append(Page("records:overview", "heart-pulse", _("Health"), (viewer.patient_id,)))
    if proxy.may(ProxyScope.VISITS):
        pages.append(Page("people:profile", "user", _("Details")))
    return pages


def _patient_pages(viewer: Viewer) -> tuple[Page, ...]:
    health = Page("records:overview", "heart-pulse", _("Health"), (viewer.patient_id,))
    return (*PATIENT[:3], health, *PATIENT[3:])


def _pages(viewer: Viewer, today: dt.date) -> Iterable[Page]:
    if viewer.proxy is not None:
        return _pages_of_carer(viewer, viewer.proxy)
    if not viewer.is_staff:
        return _patient_pages(viewer) if viewer.is_patient else VISITOR
    pages: list[Page] = []
    if viewer.practitioner_id is not None:
        pages += _practitioner_pages(viewer, today)
    if viewer.runs_the_desk:
        pages += DESK
    if viewer.has(Role.ADMINISTRATOR):
        pages += ADMINISTRATOR
    if viewer.is_patient:
        pages += _patient_pages(viewer)[1:4]
    return pages


def _entries(pages: Iterable[Page], current: str) -> list[Entry]:
    entries: list[Entry] = []
    for page in pages:
        try:
            href = reverse(page.name, args=page.args)
        except NoReverseMatch:
            continue
        belongs = current in (page.name, *page.also) or _is_part_of(page, current)
        lit = belongs and not any(entry.current for entry in entries)
        entries.append(Entry(href, page.icon, str(page.label), lit))
    return entries


# The patient's own record, and the list from which a doctor comes to one.
RECORD_PAGES = ("records:overview", "records:patient_list")


def _is_part_of(page: Page, current: str) -> bool:
    """Say whether `current` is a page of the record, which has one entry for all of them."""
    is_apart = current.startswith("records:emergency")
    return page.name in RECORD_PAGES and current.startswith(("records:", "fhir:")) and not is_apart


def main_entries(*, viewer: Viewer, current: str, today: dt.date) -> list[Entry]:
    """Return the main entries of a person; the one lit is where `current`, a URL name, belongs."""
    return _entries(_pages(viewer, today), current)


def account_entries(*, viewer: Viewer, current: str) -> list[Entry]:
    """Return what the account menu offers besides the theme and signing out."""
    if viewer.user_id is None:
        return []
    if viewer.proxy is not None:
        return _entries((ACTING_FOR,), current)
    carers = (CARERS,) if viewer.is_patient else ()
    return _entries((ACCOUNT[0], *carers, ACTING_FOR, *ACCOUNT[1:]), current)
