"""The folder of sealed files: whole files only, private, and nothing in clear."""

from __future__ import annotations

import os
import stat
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings as SettingsWrapper

from clinic.crypto import storage
from clinic.crypto.errors import OpenRefused
from clinic.crypto.files import FilePlace
from clinic.lib.ids import uuid7

pytestmark = pytest.mark.django_db
CONTENT = b"Diagnosis in clear" * 10_000


@pytest.fixture
def folder(settings: SettingsWrapper, tmp_path: Path) -> Path:
    settings.FILE_STORE = tmp_path / "kept" / "files"
    return tmp_path / "kept" / "files"


def some_place() -> FilePlace:
    return FilePlace(table="records_document", row=uuid7(), scope="patient", owner=uuid.UUID(int=2))


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_was_written_is_read_back(folder: Path) -> None:
    place = some_place()

    size = storage.write(source=[CONTENT], place=place)

    content = storage.Content(place)
    assert content.size == size == len(CONTENT)
    assert b"".join(content) == CONTENT


def test_nothing_in_clear_reaches_the_disk(folder: Path) -> None:
    storage.write(source=[CONTENT], place=some_place())

    [path] = files_in(folder)
    assert b"Diagnosis" not in path.read_bytes()


def test_files_and_folders_are_the_owners_alone(folder: Path) -> None:
    before = os.umask(0)
    try:
        storage.write(source=[CONTENT], place=some_place())
    finally:
        os.umask(before)

    [path] = files_in(folder)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.parent.parent.parent == folder
    for each in (path.parent, path.parent.parent, folder):
        assert stat.S_IMODE(each.stat().st_mode) == 0o700


def test_file_is_never_overwritten_by_accident(folder: Path) -> None:
    place = some_place()
    storage.write(source=[b"first"], place=place)

    with pytest.raises(FileExistsError, match=str(place.row)):
        storage.write(source=[b"second"], place=place)
    assert b"".join(storage.Content(place)) == b"first"

    storage.write(source=[b"second"], place=place, replace=True)
    assert b"".join(storage.Content(place)) == b"second"


def test_failed_write_leaves_nothing(folder: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield CONTENT
        raise ConnectionError("the phone went away")

    with pytest.raises(ConnectionError):
        storage.write(source=broken(), place=some_place())

    assert files_in(folder) == []


def test_failed_replacement_keeps_the_file_that_was_there(folder: Path) -> None:
    place = some_place()
    storage.write(source=[b"first"], place=place)

    def broken() -> Iterator[bytes]:
        yield CONTENT
        raise ConnectionError("the phone went away")

    with pytest.raises(ConnectionError):
        storage.write(source=broken(), place=place, replace=True)

    assert b"".join(storage.Content(place)) == b"first"
    assert len(files_in(folder)) == 1


def test_part_of_a_file_is_read_without_the_rest(folder: Path) -> None:
    place = some_place()
    storage.write(source=[CONTENT], place=place)

    assert b"".join(storage.Content(place).range(100_000, 100_010)) == CONTENT[100_000:100_010]


def test_file_moved_to_another_name_does_not_open(folder: Path) -> None:
    place, other = some_place(), some_place()
    storage.write(source=[CONTENT], place=place)
    storage.write(source=[CONTENT], place=other)
    storage.path_of(place.row).replace(storage.path_of(other.row))

    with pytest.raises(OpenRefused):
        storage.Content(other)


def test_missing_file_is_a_file_not_found(folder: Path) -> None:
    with pytest.raises(FileNotFoundError):
        storage.Content(some_place())


def test_content_that_nobody_reads_can_be_closed(folder: Path) -> None:
    place = some_place()
    storage.write(source=[CONTENT], place=place)
    content = storage.Content(place)

    content.close()

    with pytest.raises(ValueError, match="closed"):
        next(iter(content))


def test_removed_file_is_gone_and_removing_again_says_so(folder: Path) -> None:
    place = some_place()
    storage.write(source=[CONTENT], place=place)

    assert storage.remove(place.row) is True
    assert storage.remove(place.row) is False
    assert files_in(folder) == []
