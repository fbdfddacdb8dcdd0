"""SealedTextField: lazy, bound to its row, and loud wherever plaintext would be needed."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.core import serializers
from django.core.exceptions import FieldDoesNotExist, FieldError, ValidationError
from django.db import connection, models, transaction
from django.db.models import F, Value
from pytest_django import DjangoAssertNumQueries

from clinic.crypto import datakeys, fields
from clinic.crypto.envelope import seal
from clinic.crypto.errors import OpenRefused, OwnerMoved, SealedFieldMisuse
from clinic.crypto.fields import Sealed, SealedTextField, sealed_value
from tests.clinic.crypto.letters import REGISTRY, Diary, Letter, LetterView

PATIENT = uuid.UUID(int=7)
OTHER = uuid.UUID(int=8)
pytestmark = pytest.mark.usefixtures("letters")


def stored(letter: models.Model, column: str = "body") -> bytes | None:
    table = letter._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{column}" FROM "{table}" WHERE id = %s', [letter.pk])
        [value] = cursor.fetchone()
    return None if value is None else bytes(value)


def written(**values: Any) -> Letter:
    letter: Letter = Letter.objects.create(**{"patient_id": PATIENT, "body": "flu"} | values)
    return letter


def test_database_holds_ciphertext_and_the_row_reads_plain() -> None:
    letter = written(body="HIV positive\x00")

    blob = stored(letter)

    assert blob is not None
    assert blob[:2] == b"\x01\x01"
    assert b"HIV" not in blob
    assert Letter.objects.get().body == "HIV positive\x00"


def test_owner_may_be_set_after_construction() -> None:
    letter = Letter(body="flu")
    letter.patient_id = PATIENT
    letter.save()

    assert Letter.objects.get().body == "flu"
    assert datakeys.for_opening("patient", PATIENT, 1)


def test_owner_given_as_text_is_the_same_owner() -> None:
    Letter(id=str(uuid.UUID(int=3)), patient_id=str(PATIENT), body="flu").save()

    assert Letter.objects.get().body == "flu"


def test_row_without_owner_is_sealed_by_the_clinic() -> None:
    """An anonymous hold."""
    written(patient_id=None)

    assert Letter.objects.get().body == "flu"
    assert not datakeys.DataKey.objects.filter(scope="patient").exists()


@pytest.mark.parametrize("looked_at_first", [True, False])
def test_row_that_finds_its_owner_is_sealed_anew(looked_at_first: bool) -> None:
    """A hold becomes a patient's visit: what was typed follows, read before or not."""
    written(patient_id=None)
    letter = Letter.objects.get()
    if looked_at_first:
        assert letter.body == "flu"

    letter.patient_id = PATIENT
    letter.save()

    assert Letter.objects.get().body == "flu"
    assert Letter.objects.get().answer == ""
    with pytest.raises(OpenRefused):
        Letter.objects.filter(pk=letter.pk).update(patient_id=OTHER)
        datakeys.ensure("patient", OTHER)
        assert Letter.objects.get().body


def test_saving_the_owner_without_the_sealed_columns_is_refused() -> None:
    written(patient_id=None)
    letter = Letter.objects.get()
    letter.patient_id = PATIENT

    with pytest.raises(OwnerMoved, match="body"):
        letter.save(update_fields=["patient_id"])
    letter.save(update_fields=["patient_id", "body", "title"])

    assert Letter.objects.get().body == "flu"


def test_saving_the_same_owner_or_other_columns_alone_is_fine() -> None:
    written()
    letter = Letter.objects.get()

    letter.save(update_fields=["patient_id"])
    letter.save(update_fields=["title"])
    Letter(patient_id=OTHER).save()

    assert Letter.objects.get(pk=letter.pk).body == "flu"


def test_unchanged_value_keeps_its_ciphertext() -> None:
    written()
    before = stored(Letter.objects.get())

    unread = Letter.objects.get()
    unread.title = "changed"
    unread.save()
    read = Letter.objects.get()
    assert read.body == "flu"
    read.body = "flu"
    read.save()

    assert stored(read) == before


def test_changed_value_is_sealed_anew() -> None:
    written()
    before = stored(Letter.objects.get())
    letter = Letter.objects.get()

    letter.body = "cold"
    letter.save()

    assert stored(letter) != before
    assert Letter.objects.get().body == "cold"


def test_copy_of_a_row_is_sealed_for_its_own_id() -> None:
    written()
    copy = Letter.objects.get()
    copy.pk = uuid.uuid4()
    copy._state.adding = True
    copy.save()

    assert [letter.body for letter in Letter.objects.all()] == ["flu", "flu"]


def test_empty_text_is_stored_as_null_without_a_key() -> None:
    letter = written(body="", answer=None)

    assert stored(letter) is None
    assert stored(letter, "answer") is None
    assert Letter.objects.get().body == Letter.objects.get().answer == ""
    assert not datakeys.DataKey.objects.filter(owner=PATIENT).exists()
    assert Letter.objects.filter(body__isnull=True).exists()


THEFTS = {
    "row": "UPDATE {table} SET body = (SELECT body FROM {table} WHERE title = 'mine')",
    "column": "UPDATE {table} SET body = answer",
    "patient": "UPDATE {table} SET patient_id = '{other}'",
}


@pytest.mark.parametrize("what", THEFTS)
def test_swapped_rows_columns_and_patients_do_not_open(what: str) -> None:
    written(title="mine", body="my letter", answer="my answer")
    written(title="theirs", body="their letter", answer="their answer")
    datakeys.ensure("patient", OTHER)

    with connection.cursor() as cursor:
        cursor.execute(THEFTS[what].format(table=Letter._meta.db_table, other=OTHER))

    with pytest.raises(OpenRefused):
        assert Letter.objects.get(title="theirs").body


def test_row_opens_only_what_is_looked_at(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    written()
    datakeys.forget_all()

    with django_assert_num_queries(1):
        letter = Letter.objects.get()
    with django_assert_num_queries(1):
        assert letter.body == "flu"
    with django_assert_num_queries(0):
        assert letter.body == letter.body == "flu"


def test_deferred_columns_and_owner_open_when_asked() -> None:
    written()

    assert Letter.objects.defer("body").get().body == "flu"
    assert Letter.objects.only("body").get().body == "flu"
    assert Letter.objects.only("title").get().body == "flu"


def test_deferred_column_can_be_written_by_name() -> None:
    written()

    Letter.objects.defer("body").get().save(update_fields=["body"])

    assert Letter.objects.get().body == "flu"


def test_deferred_owner_is_fetched_before_writing() -> None:
    written()
    letter = Letter.objects.defer("patient_id").get()

    letter.save(update_fields=["body"])
    letter.patient_id = PATIENT
    letter.save(update_fields=["patient_id"])

    assert Letter.objects.get().body == "flu"


def test_refresh_shows_what_is_stored() -> None:
    letter = written()
    other = Letter.objects.get()
    other.body = "cold"
    other.save()

    letter.refresh_from_db()

    assert letter.body == "cold"
    letter.save()
    assert Letter.objects.get().body == "cold"


def test_proxy_model_opens_and_follows_its_owner() -> None:
    written(patient_id=None)
    view = LetterView.objects.get()
    view.patient_id = PATIENT

    view.save()

    assert LetterView.objects.get().body == "flu"


def test_bulk_create_seals_every_row() -> None:
    Letter.objects.bulk_create(
        [Letter(patient_id=PATIENT, body=f"letter {n}" if n else "") for n in range(3)]
    )

    assert sorted(letter.body for letter in Letter.objects.all()) == ["", "letter 1", "letter 2"]


def test_own_row_can_be_the_owner_and_the_clinic_may_own_a_field() -> None:
    diary = Diary.objects.create(remark="for the desk")

    again = Diary.objects.get()

    assert (again.entry, again.remark) == ("n/a", "for the desk")
    assert datakeys.DataKey.objects.filter(scope="patient", owner=diary.pk).exists()


def test_padded_field_stores_short_values_at_one_length() -> None:
    diaries = [Diary.objects.create(remark="-", mood=mood) for mood in ("low", "very low")]

    assert {len(stored(diary, "mood") or b"") for diary in diaries} == {30 + 32}
    assert {diary.mood for diary in Diary.objects.all()} == {"low", "very low"}
    assert Diary._meta.get_field("mood").deconstruct()[3]["padded"] is True


def test_value_stored_before_padding_was_set_still_opens() -> None:
    diary = Diary.objects.create(remark="-")
    place = Diary._meta.get_field("mood").place(diary)
    Diary.objects.filter(pk=diary.pk).update(mood=Sealed(seal("low", place)))

    assert Diary.objects.get().mood == "low"


@pytest.mark.parametrize(
    "query",
    [
        lambda: Letter.objects.filter(body="flu"),
        lambda: Letter.objects.filter(body__icontains="flu"),
        lambda: Letter.objects.exclude(body__in=["flu"]),
        lambda: Letter.objects.filter(body__lower="flu"),
        lambda: Letter.objects.filter(body__lower__contains="flu"),
        lambda: Letter.objects.get_or_create(body="flu"),
        lambda: Letter.objects.update(body="flu"),
        lambda: Letter.objects.update(body=Value("flu")),
        lambda: Letter.objects.bulk_update(Letter.objects.all(), ["body"]),
    ],
)
def test_whatever_needs_plaintext_in_sql_raises(query: Any) -> None:
    letter = written()

    with pytest.raises(FieldError, match="sealed|Sealed"), transaction.atomic():
        query()

    assert Letter.objects.get(pk=letter.pk).body == "flu"


def test_values_give_something_that_cannot_be_shown() -> None:
    written()
    [(value,)] = Letter.objects.values_list("body")

    assert isinstance(value, Sealed)
    assert repr(value) == "<Sealed>"
    with pytest.raises(SealedFieldMisuse):
        str(value)
    with pytest.raises(SealedFieldMisuse):
        f"{value}"


def test_fixtures_are_refused_both_ways() -> None:
    letter = written()

    with pytest.raises(SealedFieldMisuse, match="fixtures"):
        serializers.serialize("json", [letter])
    with pytest.raises(SealedFieldMisuse):
        letter.save_base(raw=True)


@pytest.mark.parametrize("value", [7, b"flu", F("title"), ["flu"]])
def test_only_text_is_sealed(value: Any) -> None:
    with pytest.raises(SealedFieldMisuse, match="holds text"):
        written(body=value)


def test_row_without_an_id_is_not_sealed() -> None:
    with pytest.raises(SealedFieldMisuse, match="needs the row's id"):
        sealed_value(Letter(id=None, body="flu"), "body")


def test_sealed_value_may_be_written_by_update() -> None:
    letter = written()
    letter.body = "cold"

    Letter.objects.filter(pk=letter.pk).update(
        body=sealed_value(letter, "body"), answer=sealed_value(letter, "answer")
    )

    assert Letter.objects.get().body == "cold"
    with pytest.raises(FieldDoesNotExist):
        sealed_value(letter, "title")


def test_sealed_values_compare_by_their_bytes() -> None:
    assert Sealed(b"a") == Sealed(b"a")
    assert len({Sealed(b"a"), Sealed(b"a"), Sealed(b"b")}) == 2
    assert Sealed(b"a") != b"a"


def test_form_field_and_validation_see_the_text() -> None:
    field = Letter._meta.get_field("body")
    letter = written()

    letter.full_clean()
    assert field.formfield().clean(" flu ") == "flu"
    with pytest.raises(ValidationError):
        Diary(remark="").full_clean()


def test_names_are_frozen_in_the_migration() -> None:
    _, path, _, keywords = Letter._meta.get_field("body").deconstruct()

    assert path == "clinic.crypto.fields.SealedTextField"
    assert keywords == {
        "scope": "patient",
        "owner": "patient_id",
        "sealed_as": "letters_letter.body",
        "blank": True,
        "default": "",
    }
    assert "owner" not in Diary._meta.get_field("remark").deconstruct()[3]


def test_renamed_table_still_opens_under_its_frozen_name() -> None:
    letter = written()

    class Message(models.Model):
        id = models.UUIDField(primary_key=True, default=uuid.uuid4)
        patient_id = models.UUIDField(null=True)
        body = SealedTextField(scope="patient", owner="patient_id", sealed_as="letters_letter.body")

        class Meta:
            app_label = "letters"
            apps = REGISTRY
            db_table = "letters_letter"

    assert Message.objects.get(pk=letter.pk).body == "flu"


def test_abstract_model_names_each_of_its_tables() -> None:
    class Note(models.Model):
        id = models.UUIDField(primary_key=True, default=uuid.uuid4)
        text = SealedTextField(scope="clinic")

        class Meta:
            app_label = "letters"
            apps = REGISTRY
            abstract = True

    class DeskNote(Note):
        class Meta(Note.Meta):
            abstract = False

    class DoctorNote(Note):
        class Meta(Note.Meta):
            abstract = False

    names = [model._meta.get_field("text").sealed_as for model in (DeskNote, DoctorNote)]
    assert names == ["letters_desknote.text", "letters_doctornote.text"]


def test_system_check_wants_a_uuid_made_before_the_insert() -> None:
    class Numbered(models.Model):
        text = SealedTextField(scope="patient", owner="patient_id")

        class Meta:
            app_label = "letters"
            apps = REGISTRY

    class Unmade(models.Model):
        id = models.UUIDField(primary_key=True)
        text = SealedTextField(scope="patient", owner="id")

        class Meta:
            app_label = "letters"
            apps = REGISTRY

    def ids(model: type[models.Model]) -> list[str | None]:
        return [message.id for message in model._meta.get_field("text").check()]

    assert Letter._meta.get_field("body").check() == []
    assert ids(Numbered) == ["crypto.E001", "crypto.E002"]
    assert ids(Unmade) == ["crypto.E001"]


def test_class_access_gives_the_descriptor() -> None:
    assert isinstance(Letter.body, fields.SealedAttribute)
