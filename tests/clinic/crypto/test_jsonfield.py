"""SealedJSONField: values of any shape, with every guarantee of a sealed text."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.core.exceptions import FieldError
from django.db import connection, models
from hypothesis import given
from hypothesis import strategies as st

from clinic.crypto import datakeys
from clinic.crypto.errors import SealedFieldMisuse
from clinic.crypto.jsonfield import SealedJSONField
from tests.clinic.crypto.letters import REGISTRY, Form

PATIENT = uuid.UUID(int=7)
pytestmark = pytest.mark.usefixtures("letters")

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda part: st.lists(part) | st.dictionaries(st.text(st.characters(codec="utf-8")), part),
    max_leaves=12,
)


def stored(form: Form, column: str = "answers") -> bytes | None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM letters_form WHERE id = %s", [form.pk])
        [value] = cursor.fetchone()
    return None if value is None else bytes(value)


def written(**values: Any) -> Form:
    form: Form = Form.objects.create(**{"patient_id": PATIENT} | values)
    return form


def test_database_holds_ciphertext_and_the_row_reads_the_value() -> None:
    form = written(answers={"smokes": True, "since": [2004, "spring"]}, choices=["HIV"], score=7.5)

    assert b"smokes" not in (stored(form) or b"")
    again = Form.objects.get()
    assert again.answers == {"smokes": True, "since": [2004, "spring"]}
    assert (again.choices, again.score) == (["HIV"], 7.5)


@given(value=JSON)
def test_any_json_value_has_one_text_and_comes_back(value: Any) -> None:
    field = SealedJSONField(scope="patient", owner="id")

    text = field.to_text(value)

    assert text == "" if value is None else field.from_text(text) == value
    assert text == "" or field.to_text(field.from_text(text)) == text


def test_empty_values_are_null_and_read_as_the_field_says() -> None:
    form = written()

    assert [stored(form, column) for column in ("answers", "choices", "score")] == [None] * 3
    again = Form.objects.get()
    assert (again.answers, again.choices, again.score) == ({}, [], None)
    assert not datakeys.DataKey.objects.filter(owner=PATIENT).exists()


def test_none_empties_a_field_that_has_a_default() -> None:
    form = written(answers={"smokes": True})
    form.answers = None

    assert form.answers == {}
    form.save()
    assert stored(form) is None


@pytest.mark.parametrize("value", [0, False, "", [], {}])
def test_what_is_empty_elsewhere_is_a_value_of_its_own(value: Any) -> None:
    form = written(score=value)

    assert stored(form, "score") is not None
    assert Form.objects.get().score == value


def test_two_rows_do_not_share_an_empty_value() -> None:
    written()
    written()
    one, other = Form.objects.all()

    one.answers["smokes"] = True

    assert other.answers == {}


def test_change_deep_inside_is_noticed_at_save() -> None:
    form = written(answers={"drugs": [{"name": "ibuprofen"}]})
    before = stored(form)
    form = Form.objects.get()

    form.answers["drugs"][0]["name"] = "naproxen"
    form.save()

    assert stored(form) != before
    assert Form.objects.get().answers == {"drugs": [{"name": "naproxen"}]}


def test_unchanged_value_keeps_its_ciphertext() -> None:
    form = written(answers={"a": 1, "b": 2})
    before = stored(form)

    unread = Form.objects.get()
    unread.save()
    read = Form.objects.get()
    assert read.answers["a"] == 1
    read.save()

    assert stored(form) == before


def test_equal_value_set_after_reading_keeps_its_ciphertext() -> None:
    form = written(answers={"a": 1, "b": 2})
    before = stored(form)
    read = Form.objects.get()
    assert read.answers["a"] == 1

    read.answers = {"b": 2, "a": 1}
    read.save()

    assert stored(form) == before


@pytest.mark.parametrize(
    "value",
    [
        {1: "a"},
        [{"a": {None: 1}}],
        {"a": dt.date(2026, 3, 2)},
        float("nan"),
        [float("inf")],
        {"secret"},
    ],
)
def test_what_json_cannot_say_is_refused_without_being_repeated(value: Any) -> None:
    with pytest.raises(SealedFieldMisuse, match="holds what JSON can say") as refusal:
        written(answers=value)

    assert "secret" not in str(refusal.value)


def test_searching_in_it_is_refused() -> None:
    with pytest.raises(FieldError, match="sealed"):
        Form.objects.filter(answers__smokes=True)


def test_form_field_speaks_json() -> None:
    field = Form._meta.get_field("answers").formfield()

    assert field.clean('{"smokes": false}') == {"smokes": False}


def test_shared_default_is_named_by_the_system_check() -> None:
    class Shared(models.Model):
        id = models.UUIDField(primary_key=True, default=uuid.uuid4)
        answers = SealedJSONField(scope="clinic", default={})

        class Meta:
            app_label = "letters"
            apps = REGISTRY

    assert [m.id for m in Shared._meta.get_field("answers").check()] == ["fields.E010"]
    assert Form._meta.get_field("answers").check() == []


def test_migration_names_the_field_by_its_own_module() -> None:
    _, path, _, keywords = Form._meta.get_field("choices").deconstruct()

    assert path == "clinic.crypto.jsonfield.SealedJSONField"
    assert keywords["sealed_as"] == "letters_form.choices"
    assert keywords["default"] is list
