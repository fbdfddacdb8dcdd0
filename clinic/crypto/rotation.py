"""Wrap the data keys with a new first key of FIELD_ENCRYPTION_KEY, and see whether all can be read.

A wrapped key names the key that wrapped it, so what is left to do can be read off the rows: a run
that was stopped goes on where it was, and two runs share the work.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import BinaryField, Count, F, Func, QuerySet, Value

from clinic.crypto import datakeys
from clinic.crypto.keyring import ID_BYTES, Keyring, keyring
from clinic.crypto.models import DataKey

BATCH: Final = 1_000
REWRAP: Final = f"""
UPDATE {DataKey._meta.db_table} AS stored SET wrapped = fresh.wrapped
FROM unnest(%s::uuid[], %s::bytea[]) AS fresh (id, wrapped) WHERE stored.id = fresh.id
"""

ONE_OF_EACH: Final = f"""
SELECT DISTINCT ON (scope, substring(wrapped, 2, %s)) scope, owner, gen, wrapped
FROM {DataKey._meta.db_table} WHERE wrapped IS NOT NULL
"""


def rewrap(*, progress: Callable[[int, int], object]) -> int:
    """Wrap with the first key what an older one wraps; return how many keys this run wrapped.

    Raises WrongKey when a needed key is not in the ring. What another run holds is left to it.
    """
    ring, done = keyring(), 0
    whole = _old(ring).count()
    while batch := _rewrap_batch(ring):
        done += batch
        progress(done, max(done, whole))
    return done


def wrapped_by() -> dict[str, int]:
    """Count the stored keys by the id of the key that wraps them."""
    counted = _wrapped().values("wrapper").annotate(keys=Count("pk")).order_by("wrapper")
    return {bytes(row["wrapper"]).hex(): row["keys"] for row in counted}


def unwrap_one_of_each() -> list[str]:
    """Unwrap one key per scope and wrapping key; return the scopes.

    Raises WrongKey when the ring lacks a key, OpenRefused when a stored key was altered.
    """
    ring = keyring()
    with connection.cursor() as cursor:
        cursor.execute(ONE_OF_EACH, [ID_BYTES])
        rows = cursor.fetchall()
    for scope, owner, gen, wrapped in rows:
        ring.unwrap(bytes(wrapped), label=datakeys.wrap_label(scope, owner, gen))
    return sorted({scope for scope, *_ in rows})


def _wrapped() -> QuerySet[Any]:
    """Return the keys that are not shredded, each with the id of what wraps it."""
    wrapper = Func(
        F("wrapped"), Value(2), Value(ID_BYTES), function="substring", output_field=BinaryField()
    )
    return DataKey.objects.filter(wrapped__isnull=False).annotate(wrapper=wrapper)


def _old(ring: Keyring) -> QuerySet[DataKey]:
    return _wrapped().exclude(wrapper=bytes.fromhex(ring.key_ids[0]))


def _rewrap_batch(ring: Keyring) -> int:
    with transaction.atomic():
        locked = _old(ring).select_for_update(skip_locked=True)[:BATCH]
        ids, blobs = [], []
        for key in locked:
            label = datakeys.wrap_label(key.scope, key.owner, key.gen)
            ids.append(key.pk)
            blobs.append(
                ring.wrap(ring.unwrap(bytes(key.wrapped or b""), label=label), label=label)
            )
        with connection.cursor() as cursor:
            cursor.execute(REWRAP, [ids, blobs])
    return len(ids)
