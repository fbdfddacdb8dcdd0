"""Every address with every role: what is declared is what happens (SECURITY 4.1, attacks 1, 2, 13).

The expectations about objects stand in `access_table`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse

from clinic.people import selectors
from clinic.people.permissions import NOBODY, Allowed, Decision, audience_of, decide
from clinic.people.viewer import VISITOR as NO_VIEWER
from clinic.people.viewer import Viewer
from tests.conftest import Clock
from tests.factories.people import viewer as viewer_of_person
from tests.repository.access_table import (
    CAST,
    MAY,
    NEEDS_A_STEP_BEFORE,
    ONLY_FOR,
    PATIENT,
    POSTED,
    RECEPTIONIST,
    VISITOR,
    WHO_SEES,
    Objects,
)


@dataclass(frozen=True)
class Address:
    """One URL pattern, named as templates name it."""

    name: str
    parameters: tuple[str, ...]
    allowed: Allowed | None


def every_address(
    resolver: URLResolver, namespaces: tuple[str, ...] = (), above: tuple[str, ...] = ()
) -> Iterator[Address]:
    """Yield what the resolver knows; `above` are the ids in the part that an include stands at."""
    for pattern in resolver.url_patterns:
        parameters = (*above, *pattern.pattern.converters)
        if isinstance(pattern, URLResolver):
            inside = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            yield from every_address(pattern, inside, parameters)
        else:
            yield _address(pattern, namespaces, parameters)


def _address(
    pattern: URLPattern, namespaces: tuple[str, ...], parameters: tuple[str, ...]
) -> Address:
    name = ":".join((*namespaces, pattern.name or ""))
    match = _Match(pattern.callback, name)
    return Address(name, parameters, audience_of(match))  # type: ignore[arg-type]


@dataclass(frozen=True)
class _Match:
    """As much of a ResolverMatch as the policy looks at, for an address nobody asked for yet."""

    func: Any
    view_name: str

    @property
    def _func_path(self) -> str:
        return f"{self.func.__module__}.{getattr(self.func, '__qualname__', '')}"


ADDRESSES = list(every_address(get_resolver()))
NAMED = {address.name: address for address in ADDRESSES}
# The record has a table of its own, with its grounds: tests/security/test_record_matrix.py.
OF_THE_REST = [address for address in ADDRESSES if not address.name.startswith("records:")]


@pytest.fixture
def person(request: pytest.FixtureRequest) -> Callable[[str], Any]:
    return request.getfixturevalue


@pytest.fixture
def cast(
    clock: Clock, person: Callable[[str], Any], sign_in: Callable[[Any], Client]
) -> dict[str, tuple[Client, Viewer]]:
    """Every person of the cast with a browser and the viewer they are."""
    found = {VISITOR: (Client(), NO_VIEWER)}
    for name in CAST[1:]:
        someone = person(name)
        found[name] = (sign_in(someone), viewer_of_person(someone))
    return found


@pytest.fixture
def path_of(person: Callable[[str], Any]) -> Callable[[Address], str]:
    objects = Objects(person)

    def path(address: Address) -> str:
        values = {name: objects.value(name) for name in address.parameters}
        return reverse(address.name, kwargs=values)

    return path


def is_sign_in(response: HttpResponse) -> bool:
    return response.status_code == 302 and response["Location"].startswith("/accounts/login/?next=")


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address.name)
def test_every_address_declares_its_audience(address: Address) -> None:
    assert address.name, "an address has a name"
    assert address.allowed is not None, (
        f"{address.name} declares nobody: see clinic.people.permissions"
    )


@pytest.mark.parametrize("address", OF_THE_REST, ids=lambda address: address.name)
def test_every_object_says_who_sees_it(address: Address) -> None:
    if address.parameters:
        assert address.name in WHO_SEES, f"add {address.name} to tests/repository/access_table.py"


def test_the_table_names_no_address_that_is_gone() -> None:
    assert set(WHO_SEES) | set(ONLY_FOR) <= set(NAMED)


# Django serves HEAD by the view of GET and no view serves OPTIONS: some people say so for all.
ALSO_ASK = (VISITOR, PATIENT, RECEPTIONIST)


@pytest.mark.django_db
@pytest.mark.parametrize("address", OF_THE_REST, ids=lambda address: address.name)
def test_every_role_gets_what_is_declared(
    address: Address,
    cast: dict[str, tuple[Client, Viewer]],
    path_of: Callable[[Address], str],
) -> None:
    path = path_of(address)
    anybody = ONLY_FOR.get(address.name, frozenset(CAST))
    # An empty row is meant: with these ids nobody has anything to see.
    who_sees = WHO_SEES.get(address.name, anybody)

    for name, method in [*product(CAST, ("get",)), *product(ALSO_ASK, ("head", "options"))]:
        browser, viewer = cast[name]
        response = getattr(browser, method)(path)
        decision = decide(allowed=address.allowed, viewer=viewer)

        told = f"{method} {path} as {name}: {response.status_code}"
        if decision is Decision.SIGN_IN:
            assert is_sign_in(response), told
        elif decision is Decision.HIDE:
            assert response.status_code == 404, told
        elif response.status_code == 404 and address.name in NEEDS_A_STEP_BEFORE:
            continue
        elif name not in who_sees:
            # 405 comes before any object is looked at: it is the same for every id.
            assert response.status_code in (404, 405) or method == "options", told
        else:
            # Sign-in pages send those who are signed in onwards; that is no refusal.
            assert response.status_code in MAY and (
                viewer.user_id is None
                or not is_sign_in(response)
                or address.name in REAUTHENTICATES
            ), told

    # After the others: a sign-out is somebody's POST as well.
    _check_posts(address, cast, path)


# These ask for the password again, or for the step before, by way of the sign-in page.
REAUTHENTICATES = frozenset({"account_reauthenticate", "account_email"})


def _check_posts(address: Address, cast: dict[str, tuple[Client, Viewer]], path: str) -> None:
    """A stranger's POST changes nothing."""
    who_sees = WHO_SEES.get(address.name, frozenset(CAST))

    for name, (browser, viewer) in cast.items():
        decision = decide(allowed=address.allowed, viewer=viewer)
        if decision is Decision.ALLOW and name in who_sees:
            continue
        response = browser.post(path, POSTED.get(address.name, {}))

        told = f"POST {path} as {name}: {response.status_code}"
        if decision is Decision.SIGN_IN:
            assert is_sign_in(response), told
        else:
            assert response.status_code in (404, 405), told


@pytest.mark.django_db
def test_stranger_gets_the_same_page_as_for_a_random_id(
    outsider_client: Client, path_of: Callable[[Address], str]
) -> None:
    """Attack 1: that something exists is a secret too."""
    real = outsider_client.get(path_of(NAMED["people:account_close"]))
    random = outsider_client.get("/people/00000000-0000-7000-8000-000000000000/close/")

    assert real.status_code == random.status_code == 404
    assert real.content == random.content


@pytest.mark.parametrize("path", ["/admin/", "/accounts/social/", "/accounts/login/code/", "/.env"])
def test_what_was_never_declared_is_not_there(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_page_of_codes_that_are_switched_off_is_for_nobody() -> None:
    match = resolve(reverse("account_confirm_login_code"))

    assert audience_of(match) == NOBODY
    assert decide(allowed=NOBODY, viewer=NO_VIEWER) is Decision.HIDE


def test_every_third_party_line_belongs_to_an_address() -> None:
    from clinic.people.permissions import THIRD_PARTY

    assert set(THIRD_PARTY) <= set(NAMED)


def test_roles_of_the_cast_are_what_they_seem(cast: dict[str, tuple[Client, Viewer]]) -> None:
    roles = {name: sorted(viewer.roles) for name, (_browser, viewer) in cast.items()}

    assert roles == {
        "visitor": [],
        "outsider": ["patient"],
        "patient": ["patient"],
        "practitioner": ["practitioner"],
        "other_practitioner": ["practitioner"],
        "pending_practitioner": [],
        "receptionist": ["front-desk"],
        "administrator": ["administrator"],
    }
    assert selectors.waits_for_approval(viewer=cast["pending_practitioner"][1])
