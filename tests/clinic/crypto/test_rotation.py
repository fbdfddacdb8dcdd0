"""A new key in front of FIELD_ENCRYPTION_KEY takes over; a wrong one is told before the start."""

from __future__ import annotations

import base64
import secrets
import threading
import uuid
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django.fixtures import Settings as SettingsWrapper

from clinic.crypto import datakeys, rotation
from clinic.crypto.envelope import Place, seal, unseal
from clinic.crypto.keyring import keyring
from clinic.crypto.management.progress import Progress
from clinic.crypto.models import DataKey

PLACE = Place(column="letters.body", row=uuid.UUID(int=1), scope="patient", owner=uuid.UUID(int=2))
pytestmark = pytest.mark.django_db


def new_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def said(*command: str) -> str:
    out = StringIO()
    call_command(*command, stdout=out)
    return out.getvalue()


@pytest.fixture
def old_key(settings: SettingsWrapper) -> str:
    """The key before the rotation; a new one stands in front of it, and five patients are there."""
    for number in range(5):
        datakeys.ensure("patient", uuid.UUID(int=100 + number))
    old: str = settings.FIELD_ENCRYPTION_KEY
    settings.FIELD_ENCRYPTION_KEY = f"{new_key()},{old}"
    return old


def test_rotation_makes_the_old_key_unneeded(settings: SettingsWrapper, old_key: str) -> None:
    settings.FIELD_ENCRYPTION_KEY = old_key
    blob = seal("flu", PLACE)
    new = new_key()
    settings.FIELD_ENCRYPTION_KEY = f"{new},{old_key}"
    count = DataKey.objects.count()

    told = said("rotate_keys")

    settings.FIELD_ENCRYPTION_KEY = new
    datakeys.forget_all()
    assert unseal(blob, PLACE) == "flu"
    assert f"{count:,} data keys wrapped by the key {keyring().key_ids[0]}" in told
    assert f"data keys: {count} of {count}" in told
    assert rotation.wrapped_by() == {keyring().key_ids[0]: count}
    assert f"All {count} data keys need the first key only." in said("rotate_keys", "--check")


def test_stopped_rotation_goes_on_where_it_was(
    monkeypatch: pytest.MonkeyPatch, old_key: str
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 3)
    count = DataKey.objects.count()

    def stop(done: int, whole: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotation.rewrap(progress=stop)
    before = rotation.wrapped_by()
    steps: list[tuple[int, int]] = []
    rest = rotation.rewrap(progress=lambda done, whole: steps.append((done, whole)))

    assert before[keyring().key_ids[0]] == 3
    assert rest == count - 3
    assert steps[-1] == (rest, rest)
    assert rotation.wrapped_by() == {keyring().key_ids[0]: count}


@pytest.mark.django_db(transaction=True)
def test_two_runs_share_the_work(monkeypatch: pytest.MonkeyPatch, old_key: str) -> None:
    monkeypatch.setattr(rotation, "BATCH", 2)
    both_ready = threading.Barrier(2)
    done: list[int] = []

    def run() -> None:
        both_ready.wait()
        try:
            done.append(rotation.rewrap(progress=lambda done, whole: None))
        finally:
            connection.close()

    runs = [threading.Thread(target=run) for _ in range(2)]
    for each in runs:
        each.start()
    for each in runs:
        each.join()

    count = DataKey.objects.count()
    assert sum(done) == count
    assert rotation.wrapped_by() == {keyring().key_ids[0]: count}


def test_check_ends_with_an_error_while_the_old_key_is_needed(old_key: str) -> None:
    with pytest.raises(CommandError, match="still wrapped by the key .* Run manage.py rotate_keys"):
        call_command("rotate_keys", "--check")


@pytest.mark.parametrize("command", [["rotate_keys"], ["rotate_keys", "--check"], ["keycheck"]])
def test_missing_key_is_told_in_one_sentence(settings: SettingsWrapper, command: list[str]) -> None:
    datakeys.ensure("patient", PLACE.owner)
    needed = keyring().key_ids[0]
    settings.FIELD_ENCRYPTION_KEY = new_key()

    with pytest.raises(CommandError, match=needed) as refusal:
        call_command(*command, stdout=StringIO())

    assert settings.FIELD_ENCRYPTION_KEY not in str(refusal.value)


def test_shredded_keys_need_no_rotation(old_key: str, now: object) -> None:
    datakeys.shred("patient", uuid.UUID(int=100), now=now)  # type: ignore[arg-type]

    said("rotate_keys")

    assert DataKey.objects.get(owner=uuid.UUID(int=100)).wrapped is None


def test_keycheck_names_what_it_opens() -> None:
    datakeys.ensure("patient", PLACE.owner)

    told = said("keycheck")

    assert "opens: audit, clinic, index, patient." in told
    assert keyring().key_ids[0] in told


def test_keycheck_finds_the_one_key_that_an_unknown_one_wraps(settings: SettingsWrapper) -> None:
    known = settings.FIELD_ENCRYPTION_KEY
    for number in range(3):
        datakeys.ensure("patient", uuid.UUID(int=100 + number))
    settings.FIELD_ENCRYPTION_KEY = new_key()
    stranger = keyring().key_ids[0]
    label = datakeys.wrap_label("patient", PLACE.owner, 1)
    DataKey.objects.create(
        scope="patient", owner=PLACE.owner, wrapped=keyring().wrap(bytes(32), label=label)
    )
    settings.FIELD_ENCRYPTION_KEY = known

    with pytest.raises(CommandError, match=stranger):
        call_command("keycheck")


def test_keycheck_finds_an_altered_key() -> None:
    key = DataKey.objects.get(scope="clinic")
    wrapped = bytes(key.wrapped or b"")
    DataKey.objects.filter(pk=key.pk).update(wrapped=wrapped[:-1] + bytes([wrapped[-1] ^ 1]))

    with pytest.raises(CommandError, match="altered or moved"):
        call_command("keycheck")


def test_keycheck_says_what_is_wrong_with_the_variable(settings: SettingsWrapper) -> None:
    settings.FIELD_ENCRYPTION_KEY = "changeme"

    with pytest.raises(CommandError, match="holds 6 bytes"):
        call_command("keycheck")


def test_keycheck_before_the_first_migration_has_nothing_to_open() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE crypto_datakey RENAME TO crypto_elsewhere")

    assert "Nothing is sealed yet" in said("keycheck")


def test_keycheck_of_an_empty_table_passes() -> None:
    DataKey.objects.all().delete()

    assert "opens: -." in said("keycheck")


def test_progress_is_told_once_a_second_and_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.core.management.base import OutputWrapper

    from clinic.crypto.management import progress as module

    seconds = 0.0
    monkeypatch.setattr(module.time, "monotonic", lambda: seconds)
    out = StringIO()
    progress = Progress(OutputWrapper(out), "rows")

    progress.show(1, 9)
    seconds = 1.0
    progress.show(2, 9)
    progress.show(3, 9)
    progress.show(9, 9)

    assert out.getvalue().splitlines() == ["rows: 2 of 9", "rows: 9 of 9"]
