"""Nothing that can be typed, pasted or forged makes a server error (attacks 61 to 74, 101).

Each parameter, path argument and header of each address is tried by somebody whom it lets in. The
answer may be anything that is not 5xx. A run takes a share of the values, another share at each
address; HOSTILE_INPUT=all takes all of them everywhere, and half an hour.
"""

from __future__ import annotations

import functools
import itertools
import os
import uuid
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
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
# A share of these is tried on each parameter alone, with ordinary values around it; the others on
# all at once.
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
    "units": "metric",
    "number": "71.4",
    "category": "letter",
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
    # /readyz answers 503 while no worker runs, as it should.
    return [address for address in addresses() if address.name != "readyz"]


def _ordinary(world: World) -> dict[str, Any]:
    ids = {name: str(value) for name, value in world.arguments().items()}
    ids["type"] = ids["visit_type"] = str(world.visit_type.pk)
    ids["practitioner"], ids["patient"] = ids["practitioner_id"], ids["patient_id"]
    ids["site"] = ids["site_id"]
    values = ids | ORDINARY
    prefixed = {f"{prefix}-{k}": v for prefix in ("absence", "date") for k, v in values.items()}
    return values | prefixed


def _insider(world: World, address: Address) -> tuple[str, Client]:
    """Return one whom the address lets in; of the staff's pages the one with the most rights.

    Every second page of a record is tried by the doctor, to whom its forms say more.
    """
    path = world.path(address)
    doctors = str(address).startswith("records:") and zlib.crc32(str(address).encode()) % 2
    for who in ("doctor",) * doctors + ("patient", "administrator", "doctor", "desk"):
        browser = world.browser(who)
        if browser.get(path).status_code not in (302, 401, 404):
            return who, browser
    return "visitor", world.browser("visitor")


@pytest.mark.parametrize("address", _addresses(), ids=str)
def test_no_input_makes_a_server_error(world: World, address: Address) -> None:
    who, browser = _insider(world, address)
    for what, answer in _answers(world, address, browser):
        assert answer.status_code < 500, (who, what)


def _answers(world: World, address: Address, browser: Client) -> Iterator[tuple[Any, Any]]:
    path, ordinary = world.path(address), _ordinary(world)
    for method in ("get", "post"):
        send = getattr(browser, method)
        if send(path).status_code == 405:
            continue
        names = parameters(address, method)
        for what in _sample(address, HOSTILE, 2):
            yield (path, method, what), send(path, ordinary | dict.fromkeys(names, HOSTILE[what]))
        for index, name in enumerate(names):
            for what in _sample(f"{address}{index}", WORST, 2):
                yield (path, method, name, what), send(path, ordinary | {name: HOSTILE[what]})
    for argument, what in itertools.product(address.arguments, HOSTILE):
        with suppress(NoReverseMatch):
            hostile_path = world.path(address, **{argument: HOSTILE[what]})
            yield (argument, what), browser.get(hostile_path)
            yield (argument, what), browser.post(hostile_path)
    for header, what in itertools.product(("HX-Current-URL", "Referer", "Cookie"), ("nul", "long")):
        headers = {"HX-Request": "true", header: HOSTILE[what]}
        yield (header, what), browser.get(path, headers=headers)


def _sample(seed: object, values: Iterable[str], share: int) -> list[str]:
    """Return one in `share` of the values, others for another seed; all with HOSTILE_INPUT=all."""
    step = 1 if os.environ.get("HOSTILE_INPUT") == "all" else share
    return list(values)[zlib.crc32(str(seed).encode()) % step :: step]
