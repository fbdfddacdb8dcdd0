"""A key destroyed in one process is dropped by all, without a question per request."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import uuid

import pytest
from django.db import connection
from redis import ConnectionError as ValkeyAway

from clinic.crypto import datakeys, news
from clinic.crypto.envelope import Place, seal

OWNER = uuid.UUID(int=7)
PLACE = Place(column="letters.body", row=uuid.UUID(int=1), scope="patient", owner=OWNER)
NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
READER = """
import sys, uuid, django
django.setup()
from clinic.crypto import datakeys
from clinic.crypto.envelope import Place, unseal
datakeys.LOOK_SECONDS = 0
place = Place(column="letters.body", row=uuid.UUID(int=1), scope="patient", owner=uuid.UUID(int=7))
blob = bytes.fromhex(sys.argv[1])
print(unseal(blob, place), flush=True)
sys.stdin.readline()
try:
    print(unseal(blob, place), flush=True)
except Exception as error:
    print(type(error).__name__, flush=True)
"""


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every look at the shared cache, and what time it is for the keys."""
    seen: list[str] = []
    monkeypatch.setattr(datakeys, "_look_again_at", 0.0)
    monkeypatch.setattr(news, "latest", lambda known: seen.append("look") or known)
    return seen


@pytest.mark.django_db(transaction=True)
def test_another_process_drops_a_destroyed_key_at_once() -> None:
    blob = seal("flu", PLACE)
    env = {**os.environ, "DB_NAME": str(connection.settings_dict["NAME"])}
    with subprocess.Popen(
        [sys.executable, "-c", READER, blob.hex()],
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "flu\n"

        datakeys.shred("patient", OWNER, now=NOW)

        rest, _ = other.communicate("now\n", timeout=60)
    assert rest == "KeyShredded\n"


@pytest.mark.django_db
def test_many_keys_within_a_second_cost_one_look(looks: list[str]) -> None:
    for _ in range(50):
        datakeys.ensure("patient", OWNER)

    assert looks == ["look"]


@pytest.mark.django_db
def test_news_of_others_empty_the_cache_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datakeys, "LOOK_SECONDS", 0)
    monkeypatch.setattr(datakeys, "_look_again_at", 0.0)
    datakeys.ensure("patient", OWNER)

    news.tell()
    datakeys.ensure("clinic")

    assert ("patient", OWNER) not in datakeys._cache
    datakeys.ensure("patient", OWNER)
    datakeys.ensure("clinic")
    assert ("patient", OWNER) in datakeys._cache


@pytest.mark.django_db
def test_keys_stay_for_their_time_while_the_cache_is_away(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Away:
        def get(self, name: str) -> None:
            raise ValkeyAway

        def set(self, name: str, value: str, timeout: int) -> None:
            raise ValkeyAway

    monkeypatch.setattr(datakeys, "LOOK_SECONDS", 0)
    monkeypatch.setattr(datakeys, "_look_again_at", 0.0)
    datakeys.ensure("patient", OWNER)
    monkeypatch.setattr(news, "cache", Away())

    datakeys.ensure("clinic")
    news.tell()

    assert ("patient", OWNER) in datakeys._cache
    assert "not told" in caplog.text
