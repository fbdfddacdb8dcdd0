"""Every address and topic of the record x everybody x every method (SECURITY 4.1, attacks 1-8, 13).

The expectations stand in `record_table`; an address that is missing there fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from clinic.people.carers import acting_viewer
from clinic.people.selectors import viewer_for
from clinic.people.viewer import VISITOR as NO_VIEWER
from clinic.records.fragments import record_topic
from realtime import registry
from tests.conftest import NOW, Clock
from tests.security import record_cast
from tests.security.addresses import Address, addresses
from tests.security.record_cast import (
    ACTORS,
    ADMINISTRATOR,
    CARE,
    NO_CARE,
    OWN,
    VISITOR,
    WRITER,
    Cast,
    undone,
)
from tests.security.record_table import NAMES_ENTRY, POSTED, ROWS, WATCHERS

pytestmark = pytest.mark.django_db

ADDRESSES = [address for address in addresses() if address.name.startswith("records:")]
# Says nothing: it comes before any object is looked at.
NOT_SERVED = 405
# Django serves HEAD by the view of GET and no view serves OPTIONS: one person of each kind says so.
ALSO = ("head", "options")
# Somebody of each ground that has two records to mix up.
WHO_SWAPS = frozenset({OWN, CARE, WRITER, ADMINISTRATOR})
ONE_OF_EACH_KIND = frozenset({VISITOR, OWN, NO_CARE})


@pytest.fixture(scope="module")
def cast(django_db_setup: None, django_db_blocker: Any) -> Iterator[Cast]:
    """One clinic for the whole module, taken back at its end."""
    dummy = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    with (
        django_db_blocker.unblock(),
        pytest.MonkeyPatch.context() as patch,
        override_settings(CACHES=dummy),
        undone(),
    ):
        patch.setattr(timezone, "now", Clock(NOW))
        yield record_cast.build()


@pytest.fixture
def _django_db_helper(cast: Cast) -> None:
    """Stand in for pytest-django's transaction of each test, whose end would close the clinic's."""


def ask(cast: Cast, actor: str, method: str, address: Address, **instead: Any) -> HttpResponse:
    """Send one request and take back what it did."""
    values = {name: instead.get(name, cast.own.value(name)) for name in address.arguments}
    path = reverse(address.name, kwargs=values)
    with undone():
        answer: HttpResponse = getattr(cast.browsers[actor], method)(
            path, POSTED.get(address.name, {}) if method == "post" else None
        )
    return answer


def leads_to_sign_in(answer: HttpResponse) -> bool:
    return answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("address", ADDRESSES, ids=str)
def test_every_address_of_the_record_has_a_row(address: Address) -> None:
    assert address.name in ROWS, f"say in tests/security/record_table.py who opens {address}"


def test_table_names_no_address_that_is_gone() -> None:
    assert set(ROWS) == {address.name for address in ADDRESSES}


@pytest.mark.parametrize("address", ADDRESSES, ids=str)
def test_everybody_gets_what_the_table_says(cast: Cast, address: Address) -> None:
    row = ROWS[address.name]
    wrong = []

    for actor in ACTORS:
        for method in ("get", "post", *(ALSO if actor in ONE_OF_EACH_KIND else ())):
            answer = ask(cast, actor, method, address)
            if not _is_right(answer, actor, row.allowed(method)):
                wrong.append(f"{method} as {actor}: {answer.status_code}")

    assert wrong == []


def _is_right(answer: HttpResponse, actor: str, allowed: frozenset[str]) -> bool:
    if actor == VISITOR:
        return leads_to_sign_in(answer)
    if answer.status_code == NOT_SERVED:
        return True
    if actor in allowed:
        return answer.status_code < 404 or answer.status_code in (409, 422)
    return answer.status_code == 404


@pytest.mark.parametrize(
    "address", [a for a in ADDRESSES if NAMES_ENTRY.intersection(a.arguments)], ids=str
)
def test_entries_of_another_record_are_not_there_below_mine(cast: Cast, address: Address) -> None:
    """Attack 7: the id of Jonas's entry under Amara's address; both are the doctor's patients."""
    entries = NAMES_ENTRY.intersection(address.arguments)
    swapped = {name: cast.others.value(name) for name in entries}
    made_up = dict.fromkeys(entries, record_cast.nobody())
    row = ROWS[address.name]

    for actor in sorted(WHO_SWAPS & (row.allowed("get") | row.allowed("post"))):
        for method in ("get", "post"):
            theirs = ask(cast, actor, method, address, **swapped)
            nobodys = ask(cast, actor, method, address, **made_up)
            told = f"{method} as {actor}: {theirs.status_code}"
            assert theirs.status_code in (404, NOT_SERVED, 302), told
            # A page that leads elsewhere does so for every id.
            assert theirs.status_code == nobodys.status_code, told
            assert theirs.get("Location") == nobodys.get("Location"), told


@pytest.mark.parametrize("address", [a for a in ADDRESSES if "patient_id" in a.arguments], ids=str)
def test_own_entries_are_not_there_below_another_patient(cast: Cast, address: Address) -> None:
    """The other way round: a patient puts somebody else's id before the own entry."""
    other = cast.others.value("patient_id")

    for method in ("get", "post"):
        answer = ask(cast, record_cast.OWN, method, address, patient_id=other)
        assert answer.status_code in (404, NOT_SERVED), method


@pytest.mark.parametrize("actor", ACTORS)
def test_topic_of_the_record_is_for_whoever_may_open_it(cast: Cast, actor: str) -> None:
    """Attack 16."""
    user, grant = cast.viewers[actor]
    viewer = viewer_for(user_id=user.pk if user else None)
    if grant is not None:
        viewer = acting_viewer(viewer=viewer, grant_id=grant.pk, now=NOW) or viewer

    may = registry.may_watch(viewer, record_topic(cast.patient.pk))

    assert may is (actor in WATCHERS)
    assert not registry.may_watch(viewer, record_topic(record_cast.nobody()))
    assert not registry.may_watch(NO_VIEWER, record_topic(cast.patient.pk))


def test_stranger_reads_the_same_as_for_a_record_that_does_not_exist(cast: Cast) -> None:
    """Attack 1: that a record exists is a secret too."""
    overview = next(address for address in ADDRESSES if address.name == "records:overview")

    real = ask(cast, record_cast.OUTSIDER, "get", overview)
    made_up = ask(cast, record_cast.OUTSIDER, "get", overview, patient_id=record_cast.nobody())

    assert real.status_code == made_up.status_code == 404
    assert real.content == made_up.content
