"""The frame leads everyone to their own pages, and nowhere else."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace

import pytest

from clinic.people.choices import ProxyScope, Role
from clinic.people.viewer import VISITOR, Proxy, Viewer
from clinic.portal import navigation
from clinic.portal.templatetags import navigation as tags

TODAY = dt.date(2026, 3, 2)
DOCTOR = ["Today", "Week", "Hours", "Patients", "Urgent"]
ADMINISTRATOR = ["Desk", "Patients", "People", "Trail", "Access", "Closures", "Set-up"]
SOMEONE = uuid.UUID(int=1)


def viewer(*roles: Role) -> Viewer:
    return Viewer(
        user_id=SOMEONE,
        roles=frozenset(roles),
        patient_id=SOMEONE if Role.PATIENT in roles else None,
        practitioner_id=SOMEONE if Role.PRACTITIONER in roles else None,
    )


def labels(who: Viewer, current: str = "") -> list[str]:
    entries = navigation.main_entries(viewer=who, current=current, today=TODAY)
    return [entry.label for entry in entries]


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        ([Role.PATIENT], ["Home", "Book", "Visits", "Health", "Account"]),
        ([Role.PRACTITIONER], DOCTOR),
        ([Role.FRONT_DESK], ["Desk", "Patients"]),
        ([Role.ADMINISTRATOR], ADMINISTRATOR),
        ([Role.PRACTITIONER, Role.PATIENT], [*DOCTOR, "Book", "Visits", "Health"]),
    ],
)
def test_each_role_is_led_to_its_own_pages(roles: list[Role], expected: list[str]) -> None:
    assert labels(viewer(*roles)) == expected


def test_a_visitor_is_led_to_the_times() -> None:
    assert labels(VISITOR) == ["Find a time"]
    assert navigation.account_entries(viewer=VISITOR, current="") == []


@pytest.mark.parametrize(
    ("current", "lit"),
    [
        ("scheduling:slot_list", "Book"),
        ("scheduling:appointment_detail", "Visits"),
        ("people:profile", "Account"),
        ("records:measurement_list", "Health"),
    ],
)
def test_a_page_lights_the_entry_it_belongs_to(current: str, lit: str) -> None:
    entries = navigation.main_entries(viewer=viewer(Role.PATIENT), current=current, today=TODAY)

    assert [entry.label for entry in entries if entry.current] == [lit]


def test_only_one_entry_is_lit_for_someone_with_two_homes() -> None:
    who = viewer(Role.PRACTITIONER, Role.FRONT_DESK)

    entries = navigation.main_entries(viewer=who, current="portal:home", today=TODAY)

    assert [entry.label for entry in entries if entry.current] == ["Today"]


def test_an_entry_without_a_page_is_left_out() -> None:
    missing = (navigation.Page("nowhere:at_all", "x", "Nowhere"),)

    assert navigation._entries(missing, "") == []


def test_a_page_without_a_request_has_the_entries_of_a_visitor() -> None:
    frame = tags.navigation({})  # type: ignore[arg-type]

    assert [entry.label for entry in frame["main"]] == ["Find a time"]
    assert frame["name"] == ""


@pytest.mark.parametrize(
    ("scopes", "expected"),
    [
        (
            {ProxyScope.VISITS, ProxyScope.RECORD_READ},
            ["Home", "Book", "Visits", "Health", "Details"],
        ),
        ({ProxyScope.VISITS}, ["Home", "Book", "Visits", "Details"]),
        ({ProxyScope.RECORD_READ}, ["Health"]),
        ({ProxyScope.MESSAGES}, []),
    ],
)
def test_a_carer_is_led_as_far_as_the_grant_reaches(
    scopes: set[ProxyScope], expected: list[str]
) -> None:
    proxy = Proxy(grant_id=SOMEONE, patient_id=SOMEONE, scopes=frozenset(scopes))
    acting = replace(viewer(Role.PATIENT), proxy=proxy)

    menu = navigation.account_entries(viewer=acting, current="")

    assert labels(acting) == expected
    assert [entry.label for entry in menu] == ["People you act for"]


@pytest.mark.parametrize(
    ("role", "current", "lit"),
    [
        (Role.PRACTITIONER, "records:emergency_find", "Urgent"),
        (Role.PRACTITIONER, "records:emergency_open", "Urgent"),
        (Role.ADMINISTRATOR, "records:emergency_list", "Access"),
    ],
)
def test_emergencies_have_an_entry_of_their_own(role: Role, current: str, lit: str) -> None:
    entries = navigation.main_entries(viewer=viewer(role), current=current, today=TODAY)

    assert [entry.label for entry in entries if entry.current] == [lit]
