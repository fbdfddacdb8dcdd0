"""After a suspected leak an owner gets a new key; the old one goes when nothing needs it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django.fixtures import Settings as SettingsWrapper

from clinic.crypto import datakeys, places, resealing, storage
from clinic.crypto.errors import KeyMissing, KeyShredded, OpenRefused, SealError
from clinic.crypto.fileformat import FilePlace
from clinic.crypto.models import DataKey
from clinic.crypto.resealing import SETTLING, Run, begin, destroy_older, left, reseal
from clinic.lib.ids import uuid7
from clinic.people.models import Patient
from clinic.scheduling.models import Appointment
from tests.factories.scheduling import AppointmentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: SettingsWrapper, tmp_path: Path) -> Path:
    settings.FILE_STORE = tmp_path
    return tmp_path


@pytest.fixture
def records(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> Iterator[FilePlace]:
    """A patient with a telephone number, two visits and a document."""
    patient.phone, patient.address = "+4930123", "Unter den Linden 1"
    patient.save()
    visits(patient, 1, 2)
    place = FilePlace(table="records_document", row=uuid7(), scope="patient", owner=patient.pk)
    storage.write(source=[b"scan"], place=place)
    monkeypatch.setattr(places, "_files_of", [])
    places.add_files(lambda scope, owner: [place] if owner == patient.pk else [])
    yield place


def visits(patient: Patient, *days: int) -> None:
    for day in days:
        starts_at = dt.datetime(2026, 3, day, 8, 0, tzinfo=dt.UTC)
        AppointmentFactory(patient=patient, reason="flu", starts_at=starts_at)


def run_through(owner: uuid.UUID) -> Run:
    run = begin(scope="patient", owner=owner)
    assert list(reseal(run, progress=lambda what, done, whole: None)) == []
    return run


def generations(table: str, column: str) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT get_byte({column}, 1) FROM {table} WHERE {column} IS NOT NULL")
        return {row[0] for row in cursor.fetchall()}


def test_everything_of_the_owner_is_sealed_with_the_new_key(
    records: FilePlace, patient: Patient
) -> None:
    run = run_through(patient.pk)

    assert run.gen == 2
    assert generations("people_patient", "phone") == {2}
    assert generations("scheduling_appointment", "reason") == {2}
    assert storage.generation(records) == 2
    assert left(run) == 0
    again = Patient.objects.get(pk=patient.pk)
    assert (again.phone, again.address) == ("+4930123", "Unter den Linden 1")
    assert {visit.reason for visit in Appointment.objects.all()} == {"flu"}
    assert b"".join(storage.Content(records)) == b"scan"


def test_other_patients_keep_their_key(
    records: FilePlace, patient: Patient, other_patient: Patient
) -> None:
    other_patient.phone = "+4930999"
    other_patient.save()

    run_through(patient.pk)

    assert generations("people_patient", "phone") == {1, 2}
    assert Patient.objects.get(pk=other_patient.pk).phone == "+4930999"


def test_old_key_is_destroyed_when_nothing_and_nobody_holds_it(
    records: FilePlace, patient: Patient
) -> None:
    run = run_through(patient.pk)

    assert not destroy_older(run, now=run.destroys_from - dt.timedelta(seconds=1))
    assert destroy_older(run, now=run.destroys_from)

    old, new = DataKey.objects.filter(owner=patient.pk).order_by("gen")
    assert (old.wrapped, new.shredded_at) == (None, None)
    with pytest.raises(KeyShredded):
        datakeys.for_opening("patient", patient.pk, 1).usable()
    assert Patient.objects.get(pk=patient.pk).phone == "+4930123"


def test_settling_outlasts_what_any_process_keeps(patient: Patient) -> None:
    datakeys.ensure("patient", patient.pk)
    before = dt.datetime.now(dt.UTC)

    run = begin(scope="patient", owner=patient.pk)

    assert SETTLING.total_seconds() > datakeys.TTL_SECONDS + 60
    assert run.destroys_from >= before + SETTLING - dt.timedelta(milliseconds=1)


def test_value_that_still_names_the_old_key_keeps_it(records: FilePlace, patient: Patient) -> None:
    """A process that had not heard yet sealed with the old key after we had passed by."""
    run = begin(scope="patient", owner=patient.pk)

    assert left(run) == 5
    assert not destroy_older(run, now=run.destroys_from)
    assert Patient.objects.get(pk=patient.pk).phone == "+4930123"


def test_stopped_run_goes_on_where_it_was(
    records: FilePlace, patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resealing, "PAGE", 1)
    visits(patient, 3, 4, 5)
    run = begin(scope="patient", owner=patient.pk)
    steps = []

    def stop(what: str, done: int, whole: int) -> None:
        steps.append((what, done, whole))
        if what == "scheduling_appointment.reason" and done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(reseal(run, progress=stop))
    again = begin(scope="patient", owner=patient.pk)
    rest: list[tuple[str, int, int]] = []
    assert list(reseal(again, progress=lambda *step: rest.append(step))) == []

    assert ("scheduling_appointment.reason", 2, 5) in steps
    assert again == run
    assert ("scheduling_appointment.reason", 3, 3) in rest
    assert left(run) == 0


def test_damaged_value_and_file_are_named_and_keep_the_old_key(
    records: FilePlace, patient: Patient
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_patient SET phone = set_byte(phone, 20, 0)")
        cursor.execute("UPDATE people_patient SET phone = set_byte(phone, 21, 0)")
    path = storage.path_of(records.row)
    path.write_bytes(path.read_bytes()[:-1])
    run = begin(scope="patient", owner=patient.pk)

    refused = list(reseal(run, progress=lambda what, done, whole: None))

    assert refused == [
        f"people_patient.phone of {patient.pk}",
        f"the file {records.row} of records_document",
    ]
    assert left(run) == 2
    with pytest.raises(CommandError, match="2 values do not open") as told:
        call_command("reseal", scope="patient", owner=patient.pk, stdout=StringIO())
    assert str(patient.pk) in str(told.value)
    assert DataKey.objects.filter(owner=patient.pk, wrapped__isnull=False).count() == 2


def test_file_whose_head_is_damaged_counts_as_not_done(
    records: FilePlace, patient: Patient
) -> None:
    run = run_through(patient.pk)
    path = storage.path_of(records.row)
    path.write_bytes(b"XXXX" + path.read_bytes()[4:])

    assert left(run) == 1


def test_file_removed_meanwhile_is_passed_over(records: FilePlace, patient: Patient) -> None:
    storage.remove(records.row)

    assert left(run_through(patient.pk)) == 0


def test_file_removed_at_the_last_moment_is_not_written_again(
    records: FilePlace, patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "generation", lambda place: 1)
    storage.remove(records.row)

    run_through(patient.pk)

    assert not storage.path_of(records.row).exists()


def test_key_of_the_clinic_is_renewed_for_all_that_has_no_owner(patient: Patient) -> None:
    hold = AppointmentFactory(
        hold=True, patient=None, hold_token=uuid.UUID(int=5), reason="for nobody yet"
    )
    visit = AppointmentFactory(patient=patient, reason="flu")

    call_command("reseal", scope="clinic", stdout=StringIO())

    assert DataKey.objects.filter(scope="clinic").count() == 2
    assert Appointment.objects.get(pk=hold.pk).reason == "for nobody yet"
    assert generations("scheduling_appointment", "reason") == {1, 2}
    assert Appointment.objects.get(pk=visit.pk).reason == "flu"


def test_command_tells_how_far_it_is_and_when_to_come_back(
    records: FilePlace, patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = StringIO()

    call_command("reseal", scope="patient", owner=patient.pk, stdout=out)

    assert "people_patient.phone: 1 of 1" in out.getvalue()
    assert "files: 1 of 1" in out.getvalue()
    assert "run this again after" in out.getvalue()
    monkeypatch.setattr(resealing, "SETTLING", dt.timedelta())
    call_command("reseal", scope="patient", owner=patient.pk, stdout=out)
    assert "generation 2; older ones are gone" in out.getvalue()
    assert Patient.objects.get(pk=patient.pk).phone == "+4930123"


@pytest.mark.parametrize(("scope", "owner"), [("patient", None), ("clinic", uuid.UUID(int=1))])
def test_command_wants_an_owner_exactly_for_a_patient(scope: str, owner: uuid.UUID | None) -> None:
    with pytest.raises(CommandError, match="Name a patient"):
        call_command("reseal", scope=scope, owner=owner)


def test_owner_without_a_key_or_with_a_destroyed_one_is_refused(now: dt.datetime) -> None:
    with pytest.raises(KeyMissing):
        begin(scope="patient", owner=uuid.UUID(int=9))
    datakeys.shred("patient", uuid.UUID(int=9), now=now)
    with pytest.raises(KeyShredded):
        begin(scope="patient", owner=uuid.UUID(int=9))
    with pytest.raises(CommandError, match="destroyed"):
        call_command("reseal", scope="patient", owner=uuid.UUID(int=9))


def test_generations_end_at_what_a_value_can_name(patient: Patient) -> None:
    datakeys.ensure("patient", patient.pk)
    DataKey.objects.filter(owner=patient.pk).update(gen=255)

    with pytest.raises(SealError, match="255 generations"):
        begin(scope="patient", owner=patient.pk)


def test_files_are_asked_for_once_however_often_they_are_added(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(places, "_files_of", [])

    def files_of(scope: str, owner: uuid.UUID | None) -> list[FilePlace]:
        asked.append(scope)
        return []

    places.add_files(files_of)
    places.add_files(files_of)

    assert list(places.files("patient", uuid.UUID(int=9))) == []
    assert asked == ["patient"]


def test_value_moved_from_another_patient_is_not_made_genuine(
    records: FilePlace, patient: Patient, other_patient: Patient
) -> None:
    other_patient.phone = "+4930999"
    other_patient.save()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE people_patient SET phone = "
            "(SELECT phone FROM people_patient WHERE id = %s) WHERE id = %s",
            [other_patient.pk, patient.pk],
        )

    refused = list(reseal(begin(scope="patient", owner=patient.pk), progress=lambda *_: None))

    assert refused == [f"people_patient.phone of {patient.pk}"]
    with pytest.raises(OpenRefused):
        assert Patient.objects.get(pk=patient.pk).phone
