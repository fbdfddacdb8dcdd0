"""How often something may be done from one place."""

import uuid

import pytest
from django.core.cache.backends.locmem import LocMemCache

from clinic.lib import ratelimit
from clinic.lib.ratelimit import Limit, network_of, retry_after

LIMIT = Limit(scope="test", most=2, seconds=60)


@pytest.fixture(autouse=True)
def own_cache(monkeypatch):
    monkeypatch.setattr(ratelimit, "cache", LocMemCache(uuid.uuid4().hex, {}))


def test_retry_after_counts_each_key_by_itself():
    answers = [retry_after(LIMIT, key="one", now_seconds=615) for _ in range(3)]

    assert answers == [0, 0, 45]
    assert retry_after(LIMIT, key="two", now_seconds=615) == 0


def test_retry_after_starts_over_in_the_next_window():
    for _ in range(3):
        retry_after(LIMIT, key="one", now_seconds=615)

    assert retry_after(LIMIT, key="one", now_seconds=660) == 0


def test_retry_after_lets_pass_when_the_cache_is_away(monkeypatch, caplog):
    class Away:
        def add(self, *args, **kwargs):
            raise ConnectionError

    monkeypatch.setattr(ratelimit, "cache", Away())

    assert [retry_after(LIMIT, key="one", now_seconds=615) for _ in range(4)] == [0, 0, 0, 0]
    assert "rate limit not counted" in caplog.text


def test_network_of_an_address_is_what_one_customer_has():
    assert network_of("203.0.113.9") == "203.0.113.9"
    assert network_of("2001:db8:1:2:aaaa::1") == network_of("2001:db8:1:2:bbbb::9")
    assert network_of("2001:db8:1:3::1") != network_of("2001:db8:1:2::1")
    assert network_of("not an address") == "unknown"
