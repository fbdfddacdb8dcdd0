"""The form field: free text always, a code only when it is real and named so."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from django import forms
from django.template import engines

from clinic.terminology.choices import Kind, System
from clinic.terminology.coded import Coded
from clinic.terminology.fields import ConceptField


class ConditionForm(forms.Form):
    condition = ConceptField(kind=Kind.CONDITION, max_length=60)
    other = ConceptField(kind=Kind.CONDITION, required=False)


def clean(text: str, system: str = "", code: str = "") -> ConditionForm:
    form = ConditionForm({"condition": text, "condition_system": system, "condition_code": code})
    form.is_valid()
    return form


class Inputs(HTMLParser):
    """Collects the attributes of the inputs of a page, by their name."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str | None]] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "input":
            self.found[told["name"] or ""] = told


def rendered(form: forms.Form) -> dict[str, dict[str, str | None]]:
    template = engines["django"].from_string(
        "{% load clinic_ui %}{% field form.condition %}{% field form.other %}"
    )
    return Inputs(template.render({"form": form})).found


def test_free_text_is_kept_as_it_was_said(db: None) -> None:
    form = clean("  my   bad  knee ")

    assert form.cleaned_data["condition"] == Coded("my bad knee")


def test_a_chosen_code_is_kept_with_its_text(conditions: None) -> None:
    form = clean("High blood pressure", System.ICD10CM, "I10")

    assert form.cleaned_data["condition"] == Coded("High blood pressure", System.ICD10CM, "I10")


@pytest.mark.parametrize(
    ("text", "system", "code"),
    [
        ("High blood pressure", System.ICD10CM, "Z99.999"),
        ("Broken leg", System.ICD10CM, "I10"),
        ("High blood pressure", "http://snomed.info/sct", "I10"),
        ("High blood pressure", "", "I10"),
    ],
)
def test_a_forged_code_becomes_free_text(
    conditions: None, text: str, system: str, code: str
) -> None:
    form = clean(text, system, code)

    assert form.cleaned_data["condition"] == Coded(text)


def test_nothing_typed_is_refused_only_where_it_is_required(db: None) -> None:
    form = clean("", System.ICD10CM, "I10")

    assert list(form.errors) == ["condition"]
    assert form.cleaned_data["other"] == Coded("")


def test_a_long_text_is_refused_with_what_to_do(db: None) -> None:
    form = clean("a" * 61)

    assert form.errors["condition"] == ["This is longer than 60 characters. Please shorten it."]


def test_a_refused_form_shows_everything_again(conditions: None) -> None:
    form = ConditionForm(
        {
            "condition": "a" * 61,
            "other": "High blood pressure",
            "other_system": System.ICD10CM,
            "other_code": "I10",
        }
    )
    form.is_valid()

    inputs = rendered(form)

    assert inputs["condition"]["value"] == "a" * 61
    assert inputs["condition"]["aria-invalid"] == "true"
    assert inputs["other"]["value"] == "High blood pressure"
    assert inputs["other_system"]["value"] == System.ICD10CM
    assert inputs["other_code"]["value"] == "I10"


def test_without_script_the_field_is_a_plain_input() -> None:
    inputs = rendered(ConditionForm(initial={"condition": Coded("Flu", System.ICD10CM, "J11.1")}))

    assert inputs["condition"]["type"] == "text"
    assert inputs["condition"]["value"] == "Flu"
    assert inputs["condition"]["id"] == "id_condition"
    assert inputs["condition"]["maxlength"] == "60"
    assert "required" in inputs["condition"]
    assert "role" not in inputs["condition"]
    assert inputs["condition_code"]["value"] == "J11.1"


def test_a_change_is_noticed() -> None:
    form = ConditionForm(
        {"condition": "Flu"}, initial={"condition": Coded("Flu"), "other": Coded("Cold")}
    )

    assert form.changed_data == ["other"]


def test_what_was_not_sent_is_known() -> None:
    widget = ConditionForm().fields["condition"].widget

    assert widget.value_omitted_from_data({}, {}, "condition") is True
    assert widget.value_omitted_from_data({"condition": ""}, {}, "condition") is False


@pytest.mark.parametrize("coded", [Coded("Flu", System.ICD10CM, "J11.1"), Coded("my knee")])
def test_what_is_stored_comes_back_equal(coded: Coded) -> None:
    assert Coded.from_json(coded.as_json()) == coded
    assert str(coded) == coded.text


def test_nothing_stored_is_the_empty_one() -> None:
    assert Coded.from_json(None) == Coded("")
    assert not Coded("")
