"""What `bench.crypto` measures, in a process of its own and a database that is thrown away."""

from __future__ import annotations

import base64
import io
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import django

django.setup()

from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402

from bench.crypto import SIZES  # noqa: E402
from clinic.crypto import datakeys, rotation  # noqa: E402
from clinic.crypto.envelope import Place, seal, unseal  # noqa: E402
from clinic.crypto.fileformat import CHUNK_BYTES  # noqa: E402
from clinic.crypto.files import FilePlace, open_stream, seal_stream  # noqa: E402
from clinic.crypto.keyring import keyring  # noqa: E402
from clinic.crypto.models import DataKey  # noqa: E402
from clinic.lib.ids import uuid7  # noqa: E402

ROUNDS = 15
CALLS = 2_000
OWNER, ROW = uuid7(), uuid7()
PLACE = Place(column="records_note.plan", row=ROW, scope="patient", owner=OWNER)
FILE = FilePlace(table="records_document", row=ROW, scope="patient", owner=OWNER)


def taken(rounds: int, **ways: Callable[[], object]) -> dict[str, float]:
    """Return the median seconds of each way, measured in turns so that all see the same machine."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            begun = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - begun)
    return {name: statistics.median(each) for name, each in seconds.items()}


def repeated(way: Callable[[], object]) -> Callable[[], object]:
    def many() -> None:
        for _ in range(CALLS):
            way()

    return many


def values(size: int) -> dict[str, float]:
    """Seal and open a text of `size` bytes; the reference has its cipher ready and no place."""
    text, blob = "x" * size, seal("x" * size, PLACE)
    plain, cipher, nonce = text.encode(), AESGCM(os.urandom(32)), os.urandom(12)
    sealed = cipher.encrypt(nonce, plain, b"place")
    seconds = taken(
        ROUNDS,
        seal=repeated(lambda: seal(text, PLACE)),
        bare_seal=repeated(lambda: cipher.encrypt(os.urandom(12), plain, b"place")),
        open=repeated(lambda: unseal(blob, PLACE)),
        bare_open=repeated(lambda: cipher.decrypt(nonce, sealed, b"place")),
    )
    return {f"{name}_{size}_us": each / CALLS * 1e6 for name, each in seconds.items()}


def files(size: int) -> dict[str, float]:
    """Seal and open a file in memory; the reference takes the same chunks out of the same bytes."""
    content = os.urandom(size)
    target = io.BytesIO()
    seal_stream(source=io.BytesIO(content), target=target, place=FILE)
    cipher, nonce = AESGCM(os.urandom(32)), os.urandom(12)
    pieces = [content[at : at + CHUNK_BYTES] for at in range(0, size, CHUNK_BYTES)]
    sealed = [cipher.encrypt(nonce, piece, b"place") for piece in pieces]

    def seal_it() -> None:
        seal_stream(source=io.BytesIO(content), target=io.BytesIO(), place=FILE)

    def open_it() -> None:
        for _ in open_stream(source=target, place=FILE):
            pass

    seconds = taken(
        ROUNDS,
        seal=seal_it,
        bare_seal=lambda: [cipher.encrypt(nonce, piece, b"place") for piece in pieces],
        open=open_it,
        bare_open=lambda: [cipher.decrypt(nonce, piece, b"place") for piece in sealed],
    )
    return {f"{name}_file_mb": size / each / 1e6 for name, each in seconds.items()}


def rotation_of(count: int) -> dict[str, float]:
    """Wrap `count` data keys with a new first key; the reference does so without a database."""
    ring, secret = keyring(), os.urandom(32)
    rows = []
    for _ in range(count):
        owner = uuid7()
        label = datakeys.wrap_label("patient", owner, 1)
        rows.append(DataKey(scope="patient", owner=owner, wrapped=ring.wrap(secret, label=label)))
    with transaction.atomic():
        DataKey.objects.bulk_create(rows, batch_size=5_000)
    new = base64.b64encode(os.urandom(32)).decode()
    settings.FIELD_ENCRYPTION_KEY = f"{new},{settings.FIELD_ENCRYPTION_KEY}"
    ring = keyring()

    def bare() -> None:
        for row in rows:
            label = datakeys.wrap_label("patient", row.owner, 1)
            ring.wrap(ring.unwrap(bytes(row.wrapped or b""), label=label), label=label)

    begun = time.perf_counter()
    done = rotation.rewrap(progress=lambda done, whole: None)
    rotated = time.perf_counter() - begun
    alone = taken(1, bare=bare)["bare"]
    return {"rotated_per_second": done / rotated, "bare_rotated_per_second": count / alone}


def main() -> None:
    data_keys, file_bytes = map(int, sys.argv[1:])
    call_command("migrate", interactive=False, verbosity=0)
    found: dict[str, Any] = {}
    for size in SIZES:
        found |= values(size)
    found |= files(file_bytes)
    found |= rotation_of(data_keys)
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
