"""Another site can make a browser post; it cannot make this product believe it (attacks 43, 53)."""

from __future__ import annotations

import functools

import pytest
from django.test import Client

from tests.security.addresses import Address, addresses
from tests.security.world import World


@functools.cache
def _addresses() -> list[Address]:
    return [address for address in addresses() if address.name not in ("healthz", "readyz")]


@pytest.mark.parametrize("address", _addresses(), ids=str)
def test_post_without_token_does_nothing(world: World, address: Address) -> None:
    """403 where it would have been taken; 404, 405 or sign-in where it would not anyway."""
    path = world.path(address)
    for user in (world.patient.user, world.practitioner.user, world.administrator):
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(user)

        for origin in ("https://evil.example", "null", "http://testserver:8443"):
            answer = browser.post(path, {}, headers={"Origin": origin})
            assert answer.status_code in (302, 403, 404, 405), origin
            if answer.status_code == 302:
                assert answer["Location"].startswith("/accounts/login/"), origin
            assert "Access-Control-Allow-Origin" not in answer
