"""Sealing and opening of values and files, against bare AES-256-GCM over the same bytes.

A database is made for it and thrown away. Values are sealed as a field seals them, with the key in
the cache; files go from memory to memory, so that the disk does not take part. Then data keys are
wrapped anew, as after a change of FIELD_ENCRYPTION_KEY.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.rows import Row

ROOT = Path(__file__).resolve().parent.parent
DATA_KEYS = 20_000
FILE_BYTES = 16 * 1024 * 1024
SIZES = (200, 20_000)


def measured(data_keys: int, file_bytes: int) -> dict[str, Any]:
    """Return what one process of the product takes, and what bare AES-256-GCM takes."""
    from config.launcher.postgres import THROW_AWAY
    from config.launcher.services import services

    with (
        tempfile.TemporaryDirectory(prefix="betony-bench-") as home,
        services(Path(home), postgres_options=THROW_AWAY, given={}) as found,
    ):
        done = subprocess.run(
            [sys.executable, "-m", "bench.crypto_clinic", str(data_keys), str(file_bytes)],
            env={**os.environ, **found, "DJANGO_SETTINGS_MODULE": "config.settings.test"},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            check=True,
        )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def rows(data_keys: int = DATA_KEYS, file_bytes: int = FILE_BYTES) -> list[Row]:
    """Measure everything; some seconds on two cores."""
    found = measured(data_keys, file_bytes)
    table = [_value(found, what, size) for size in SIZES for what in ("seal", "open")]
    table += [_file(found, what) for what in ("seal", "open")]
    table.append(
        Row(
            f"data keys wrapped anew, {data_keys:,}",
            found["rotated_per_second"],
            "/s",
            f"bare unwrap and wrap {found['bare_rotated_per_second']:,.0f}/s",
            found["rotated_per_second"] / found["bare_rotated_per_second"],
        )
    )
    return table


def _value(found: dict[str, Any], what: str, size: int) -> Row:
    taken, bare = found[f"{what}_{size}_us"], found[f"bare_{what}_{size}_us"]
    reference = f"bare AES-256-GCM {bare:.2f} us"
    return Row(f"{what} a value of {size:,} bytes", taken, "us", reference, taken / bare)


def _file(found: dict[str, Any], what: str) -> Row:
    speed, bare = found[f"{what}_file_mb"], found[f"bare_{what}_file_mb"]
    reference = f"bare AES-256-GCM {bare:,.0f} MB/s"
    return Row(f"{what} a file, chunks of 64 KiB", speed, "MB/s", reference, speed / bare)
