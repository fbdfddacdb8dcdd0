"""Data keys: made once, kept for a while, never trusted from a transaction that may roll back."""

from __future__ import annotations

import base64
import datetime as dt
import secrets
import threading
import uuid
from typing import Any

import pytest
from django.apps.registry import Apps
from django.db import IntegrityError, connection, transaction
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings as SettingsWrapper

from clinic.crypto import datakeys
from clinic.crypto.apps import make_clinic_keys
from clinic.crypto.envelope import Place, seal, unseal
from clinic.crypto.errors import KeyMissing, KeyShredded, OpenRefused, WrongKey
from clinic.crypto.models import DataKey

OWNER = uuid.UUID(int=7)
PLACE = Place(column="letters.body", row=uuid.UUID(int=1), scope="patient", owner=OWNER)
NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


def new_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


@pytest.mark.django_db
def test_first_sealing_makes_the_key_and_later_ones_keep_it() -> None:
    first = datakeys.for_sealing("patient", OWNER)
    second = datakeys.for_sealing("patient", OWNER)

    assert first.secret == second.secret
    assert DataKey.objects.filter(scope="patient", owner=OWNER).count() == 1


@pytest.mark.django_db
def test_stored_key_is_wrapped() -> None:
    secret = datakeys.for_sealing("patient", OWNER).usable()

    stored = bytes(DataKey.objects.get(owner=OWNER).wrapped or b"")

    assert len(stored) == 1 + 4 + 12 + 32 + 16
    assert secret not in stored
    assert secret.hex() not in repr(datakeys.for_sealing("patient", OWNER))


@pytest.mark.django_db
def test_one_owner_has_one_first_key_even_without_an_owner() -> None:
    DataKey.objects.filter(scope="clinic").delete()
    DataKey.objects.create(scope="clinic", owner=None, wrapped=b"x")

    with pytest.raises(IntegrityError):
        DataKey.objects.create(scope="clinic", owner=None, wrapped=b"y")


@pytest.mark.django_db
def test_opening_without_a_key_makes_none() -> None:
    with pytest.raises(KeyMissing):
        datakeys.for_opening("patient", OWNER, 1)

    assert not DataKey.objects.filter(owner=OWNER).exists()


@pytest.mark.django_db
def test_newest_generation_seals_and_older_ones_still_open() -> None:
    before = seal("flu", PLACE)
    label = datakeys.wrap_label("patient", OWNER, 2)
    wrapped = datakeys.keyring().wrap(secrets.token_bytes(32), label=label)
    DataKey.objects.create(scope="patient", owner=OWNER, gen=2, wrapped=wrapped)

    after = seal("flu", PLACE)

    assert (before[1], after[1]) == (1, 2)
    assert unseal(before, PLACE) == unseal(after, PLACE) == "flu"


@pytest.mark.django_db
def test_generation_made_elsewhere_is_read_when_a_value_names_it() -> None:
    datakeys.ensure("patient", OWNER)
    label = datakeys.wrap_label("patient", OWNER, 2)
    wrapped = datakeys.keyring().wrap(b"k" * 32, label=label)
    DataKey.objects.create(scope="patient", owner=OWNER, gen=2, wrapped=wrapped)

    assert datakeys.for_opening("patient", OWNER, 2).secret == b"k" * 32


@pytest.mark.django_db
def test_shredded_key_reads_and_writes_nothing_and_is_not_made_again() -> None:
    blob = seal("flu", PLACE)

    datakeys.shred("patient", OWNER, now=NOW)

    with pytest.raises(KeyShredded):
        unseal(blob, PLACE)
    with pytest.raises(KeyShredded):
        seal("flu", PLACE)
    [tombstone] = DataKey.objects.filter(owner=OWNER)
    assert tombstone.wrapped is None
    assert tombstone.shredded_at == NOW


@pytest.mark.django_db
def test_owner_without_a_key_can_be_shredded_in_advance() -> None:
    datakeys.shred("patient", OWNER, now=NOW)

    with pytest.raises(KeyShredded):
        datakeys.ensure("patient", OWNER)


@pytest.mark.django_db
def test_shredding_the_clinic_leaves_patients_alone() -> None:
    blob = seal("flu", PLACE)
    datakeys.shred("clinic", None, now=NOW)

    assert unseal(blob, PLACE) == "flu"
    with pytest.raises(KeyShredded):
        datakeys.for_sealing("clinic")


@pytest.mark.django_db
def test_rotated_ring_opens_what_the_old_key_wrapped(settings: SettingsWrapper) -> None:
    old = settings.FIELD_ENCRYPTION_KEY
    blob = seal("flu", PLACE)
    datakeys.forget_all()

    settings.FIELD_ENCRYPTION_KEY = f"{new_key()},{old}"

    assert unseal(blob, PLACE) == "flu"


@pytest.mark.django_db
def test_wrong_ring_says_so(settings: SettingsWrapper) -> None:
    blob = seal("flu", PLACE)
    datakeys.forget_all()

    settings.FIELD_ENCRYPTION_KEY = new_key()

    with pytest.raises(WrongKey, match="FIELD_ENCRYPTION_KEY"):
        unseal(blob, PLACE)


@pytest.mark.django_db
def test_preload_reads_many_owners_in_one_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    owners = [uuid.uuid4() for _ in range(20)]
    places = [Place("letters.body", uuid.uuid4(), "patient", owner) for owner in owners]
    blobs = [seal("flu", place) for place in places]
    datakeys.forget_all()

    with django_assert_num_queries(1):
        datakeys.preload([*owners, None])
        datakeys.preload(owners)
        opened = [unseal(blob, place) for blob, place in zip(blobs, places, strict=True)]

    assert set(opened) == {"flu"}


@pytest.mark.django_db
def test_damaged_key_refuses_its_own_record_and_not_the_page() -> None:
    others = [uuid.UUID(int=n) for n in (11, 12)]
    for owner in (OWNER, *others):
        datakeys.ensure("patient", owner)
    blob = seal("flu", PLACE)
    wrapped = bytes(DataKey.objects.get(owner=OWNER).wrapped or b"")
    DataKey.objects.filter(owner=OWNER).update(wrapped=wrapped[:-1] + bytes([wrapped[-1] ^ 1]))
    datakeys.forget_all()

    datakeys.preload([OWNER, *others])

    assert {owner for _, owner in datakeys._cache} == set(others)
    with pytest.raises(OpenRefused, match="data key was altered"):
        unseal(blob, PLACE)


@pytest.mark.django_db
def test_cache_forgets_after_its_time(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    elapsed = 0.0
    monkeypatch.setattr(datakeys.time, "monotonic", lambda: elapsed)
    datakeys.ensure("patient", OWNER)

    with django_assert_num_queries(0):
        datakeys.for_opening("patient", OWNER, 1)
    elapsed = datakeys.TTL_SECONDS
    with django_assert_num_queries(1):
        datakeys.for_opening("patient", OWNER, 1)


@pytest.mark.django_db
def test_cache_drops_the_least_used_beyond_its_capacity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datakeys, "CAPACITY", 2)
    owners = [uuid.UUID(int=n) for n in (1, 2, 3)]

    for owner in owners[:2]:
        datakeys.ensure("patient", owner)
    datakeys.for_opening("patient", owners[0], 1)
    datakeys.ensure("patient", owners[2])

    assert {owner for _, owner in datakeys._cache} == {owners[0], owners[2]}


@pytest.mark.django_db(transaction=True)
def test_settled_key_seals_without_a_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    datakeys.ensure("patient", OWNER)
    datakeys.for_sealing("patient", OWNER)

    with django_assert_num_queries(0):
        assert datakeys.for_sealing("patient", OWNER).settled


@pytest.mark.django_db(transaction=True)
def test_key_of_a_rolled_back_transaction_seals_nothing_later() -> None:
    """A refused booking takes its new key with it; the next one must not seal with a ghost."""
    with transaction.atomic():
        ghost = datakeys.for_sealing("patient", OWNER)
        transaction.set_rollback(True)

    blob = seal("flu", PLACE)
    datakeys.forget_all()

    assert unseal(blob, PLACE) == "flu"
    assert datakeys.for_sealing("patient", OWNER).secret != ghost.secret


@pytest.mark.django_db(transaction=True)
def test_key_of_a_rolled_back_savepoint_seals_nothing_later() -> None:
    with transaction.atomic():
        savepoint = transaction.savepoint()
        ghost = datakeys.for_sealing("patient", OWNER)
        transaction.savepoint_rollback(savepoint)
        blob = seal("flu", PLACE)
    datakeys.forget_all()

    assert unseal(blob, PLACE) == "flu"
    assert datakeys.for_sealing("patient", OWNER).secret != ghost.secret


@pytest.mark.django_db(transaction=True)
def test_ghost_in_the_cache_is_looked_up_again_when_it_does_not_open() -> None:
    with transaction.atomic():
        datakeys.ensure("patient", OWNER)
        transaction.set_rollback(True)
    ghost = datakeys._cache[("patient", OWNER)]
    blob = seal("flu", PLACE)
    datakeys._cache[("patient", OWNER)] = ghost

    assert unseal(blob, PLACE) == "flu"


@pytest.mark.django_db(transaction=True)
def test_two_first_writers_share_one_key() -> None:
    """Attack 89: ON CONFLICT DO NOTHING, then read again."""
    both_looked = threading.Barrier(8)
    secrets_seen: list[Any] = []

    def write() -> None:
        both_looked.wait()
        try:
            secrets_seen.append(datakeys.for_sealing("patient", OWNER).secret)
        finally:
            connection.close()

    writers = [threading.Thread(target=write) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert len(secrets_seen) == 8
    assert len(set(secrets_seen)) == 1


@pytest.mark.django_db
def test_migrating_makes_the_keys_that_all_requests_share() -> None:
    DataKey.objects.all().delete()

    make_clinic_keys()

    assert set(DataKey.objects.values_list("scope", flat=True)) == {"clinic", "index", "audit"}


@pytest.mark.django_db
def test_migrating_backwards_past_the_table_makes_no_keys() -> None:
    DataKey.objects.all().delete()

    make_clinic_keys(apps=Apps())

    assert not DataKey.objects.exists()


def test_keys_are_named_by_id_only() -> None:
    key = DataKey(scope="patient", owner=OWNER, wrapped=b"secret")

    assert str(key) == f"DataKey {key.pk}"
