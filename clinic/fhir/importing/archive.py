"""Find the bundles in a file: a tar archive (any compression), a zip, one JSON file or a folder."""

from __future__ import annotations

import json
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Larger members are no bundle of one patient; an archive may claim any size.
MOST_BYTES = 200 * 1024 * 1024


class NotAnArchive(Exception):
    """The path is none of the kinds of file that can be read."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the archive: `bundle` is None where `problem` says why."""

    name: str
    bundle: dict[str, Any] | None
    problem: str = ""


def members(path: Path) -> Iterator[Member]:
    """Yield every JSON file of `path` in its order; raise NotAnArchive for anything else."""
    if path.is_dir():
        return (_read(file.name, file.read_bytes()) for file in sorted(path.rglob("*.json")))
    if not path.is_file():
        raise NotAnArchive(f"{path} does not exist.")
    if tarfile.is_tarfile(path):
        return _of_tar(path)
    if zipfile.is_zipfile(path):
        return _of_zip(path)
    if path.suffix == ".json":
        return iter([_read(path.name, path.read_bytes())])
    raise NotAnArchive(f"{path} is no tar, zip, JSON file or folder.")


def _of_tar(path: Path) -> Iterator[Member]:
    with tarfile.open(path) as archive:
        for info in archive:
            if not info.isfile() or not info.name.endswith(".json"):
                continue
            if info.size > MOST_BYTES:
                yield Member(Path(info.name).name, None, "too large")
                continue
            stream = archive.extractfile(info)
            assert stream is not None  # a regular file
            yield _read(Path(info.name).name, stream.read())


def _of_zip(path: Path) -> Iterator[Member]:
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if info.is_dir() or not info.filename.endswith(".json"):
                continue
            if info.file_size > MOST_BYTES:
                yield Member(Path(info.filename).name, None, "too large")
                continue
            yield _read(Path(info.filename).name, archive.read(info))


def _read(name: str, content: bytes) -> Member:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return Member(name, None, "not JSON")
    if not isinstance(found, dict) or found.get("resourceType") != "Bundle":
        return Member(name, None, "not a FHIR bundle")
    return Member(name, found)
