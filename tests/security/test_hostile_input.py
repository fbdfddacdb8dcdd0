"""Nothing that can be typed, pasted or forged makes a server error (attacks 61 to 74, 101).

Each parameter of each address is tried with each of these values, by everyone whom the address lets
in. The answer may be anything that is not 5xx.
"""

from __future__ import annotations

import functools
import os
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import NoReverseMatch

from tests.security.addresses import Address, addresses, parameters
from tests.security.world import TUESDAY, World

HOSTILE = {
    "nothing": "",
    "nul": "a\x00b",
    "25 digits": "9" * 25,
    "5000 digits": "9" * 5_000,
    "negative": "-9223372036854775809",
    "infinity": "1e999",
    "not a number": "NaN",
    "arabic digit": "\u0663",
    "year 9999": "9999-12-31",
    "year 1": "0001-01-01",
    "last instant": "9999-12-31T23:59:59.999999-14:00",
    "first instant": "0001-01-01T00:00:00+14:00",
    "no such hour": "2026-03-29T02:30",
    "far offset": "2026-03-03T08:00:00+99:99",
    "first day stored": "2000-01-01",
    "last day stored": "2199-12-31",
    "midnight": "00:00",
    "epoch": "253402300800",
    "last epoch stored": "7258118400",
    "nil id": str(uuid.UUID(int=0)),
    "not an id": "zzz",
    "list": "[1,2",
    "sql": "' OR 1=1--",
    "markup": "</textarea><script>alert(1)</script>{{7*7}}{% include 'x' %}",
    "headers": "a\r\nSet-Cookie: sid=1",
    "right to left": "\u202egpj.exe",
    "marks": "e" + "\u0301" * 2_000,
    "long": "a" * 50_000 + "!",
    "like": "%_\\%",
}
# Tried on each parameter alone, with ordinary values around it; the others on all at once.
WORST = (
    "nul",
    "5000 digits",
    "arabic digit",
    "year 9999",
    "last day stored",
    "not an id",
    "markup",
)
# What else a form has to hold so that the value under test is reached at all.
ORDINARY = {
    "given_name": "Amara",
    "family_name": "Fenwick",
    "birth_date": "1984-03-09",
    "sex": "female",
    "phone": "+49305550123",
    "language": "en-gb",
    "specialty": "cardiology",
    "role": "front-desk",
    "email": "someone@example.org",
    "theme": "auto",
    "license_number": "12345",
    "start": str(int(TUESDAY.timestamp()) + 1200),
    "how": "i",
    "modality": "in-person",
    "date": "2026-03-03",
    "time": "09:20",
    "reason": "flu",
    "key": str(uuid.UUID(int=5)),
    "idempotency_key": str(uuid.UUID(int=6)),
    "to": "arrived",
    "minutes": "10",
    "public_reason": "Leave",
    "kind": "extra",
    "starts": "10:00",
    "ends": "11:00",
    "first_date": "2026-03-05",
    "last_date": "2026-03-06",
    "do": "publish",
}


@functools.cache
def _addresses() -> list[Address]:
    return addresses()


def _ordinary(world: World) -> dict[str, Any]:
    ids = {name: str(value) for name, value in world.arguments().items()}
    ids["type"] = ids["visit_type"] = str(world.visit_type.pk)
    ids["practitioner"], ids["patient"] = ids["practitioner_id"], ids["patient_id"]
    ids["site"] = ids["site_id"]
    values = ids | ORDINARY
    prefixed = {f"{prefix}-{k}": v for prefix in ("absence", "date") for k, v in values.items()}
    return values | prefixed


def _insiders(world: World, address: Address) -> Iterator[tuple[str, Client]]:
    """Yield one whom the address lets in; of the staff's pages the one with the most rights."""
    path = world.path(address)
    for who in ("patient", "administrator", "doctor", "desk", "visitor"):
        browser = world.browser(who)
        if who == "visitor" or browser.get(path).status_code not in (302, 401, 404):
            yield who, browser
            return


@pytest.mark.parametrize("address", _addresses(), ids=str)
@pytest.mark.parametrize("method", ["get", "post"])
def test_no_parameter_makes_a_server_error(world: World, address: Address, method: str) -> None:
    """All parameters at once with each value, and each alone with one or more of the worst.

    HOSTILE_INPUT=all tries each alone with all of the worst, which takes half an hour.
    """
    path = world.path(address)
    ordinary = _ordinary(world)
    names = parameters(address, method)
    alone = [{name: HOSTILE[what]} for name, what in _pairs(address, names)]
    together = [dict.fromkeys(names, value) for value in HOSTILE.values()]
    for who, browser in _insiders(world, address):
        if getattr(browser, method)(path).status_code == 405:
            continue
        for values in [*alone, *together]:
            response = getattr(browser, method)(path, ordinary | values)
            assert response.status_code < 500, (who, path, {k: v[:40] for k, v in values.items()})


def _pairs(address: Address, names: list[str]) -> Iterator[tuple[str, str]]:
    """Yield parameters with values, another value for the same parameter at another address."""
    everything = os.environ.get("HOSTILE_INPUT") == "all"
    for index, name in enumerate(names, start=len(str(address))):
        yield from ((name, what) for what in (WORST if everything else [WORST[index % len(WORST)]]))


@pytest.mark.parametrize("address", [a for a in _addresses() if a.arguments], ids=str)
def test_no_path_makes_a_server_error(world: World, address: Address) -> None:
    for who, browser in _insiders(world, address):
        for argument in address.arguments:
            for what, value in HOSTILE.items():
                try:
                    path = world.path(address, **{argument: value})
                except NoReverseMatch:
                    continue
                for method in (browser.get, browser.post):
                    assert method(path).status_code < 500, (who, argument, what)


@pytest.mark.parametrize("address", _addresses(), ids=str)
def test_no_header_makes_a_server_error(world: World, address: Address) -> None:
    path = world.path(address)
    who, browser = next(_insiders(world, address))
    for header in ("HX-Current-URL", "Accept-Language", "Referer", "Cookie"):
        for what in ("nul", "long", "markup"):
            value = HOSTILE[what].encode().decode("latin-1")
            response = browser.get(path, headers={"HX-Request": "true", header: value})
            assert response.status_code < 500, (who, header, what)
