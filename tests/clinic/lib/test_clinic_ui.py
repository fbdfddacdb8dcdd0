"""The tags and filters of the design system."""

import datetime as dt

import pytest
from django import forms
from django.template import engines

from clinic.lib.templatetags import clinic_ui


class Registration(forms.Form):
    email = forms.EmailField(label="E-mail address", help_text="We send a code there.")
    phone = forms.CharField(label="Phone", required=False)
    secret = forms.CharField(label="Password", widget=forms.PasswordInput)
    about = forms.CharField(label="About you", widget=forms.Textarea)
    place = forms.ChoiceField(label="Where", choices=[("a", "Harbour Street")])
    times = forms.MultipleChoiceField(
        label="Times", choices=[("am", "Mornings")], widget=forms.CheckboxSelectMultiple
    )
    agreed = forms.BooleanField(label="I agree")


def rendered(source: str, **context: object) -> str:
    template = engines["django"].from_string("{% load clinic_ui %}" + source)
    return str(template.render(context))


def test_icon_points_into_the_sprite_and_is_hidden_from_readers() -> None:
    svg = clinic_ui.icon("clock", "ico--sm")

    assert svg == (
        '<svg class="ico ico--sm" aria-hidden="true">'
        '<use href="/static/icons/icons.svg#clock"/></svg>'
    )


def test_mark_is_the_brand() -> None:
    assert "#mark" in clinic_ui.mark()


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ilse Llorente", "IL"),
        ("Dr Kwame Asante-Boyle", "KA"),
        ("Prof. Noor Haddadin", "NH"),
        ("Cher", "C"),
        ("", ""),
    ],
)
def test_initials_skip_titles(name: str, letters: str) -> None:
    assert clinic_ui.initials(name) == letters


def test_time_filters_show_the_zone_of_the_site() -> None:
    instant = dt.datetime(2026, 11, 16, 23, 40, tzinfo=dt.UTC)

    assert clinic_ui.in_zone(instant, "Europe/Berlin") == dt.datetime(2026, 11, 17, 0, 40)  # noqa: DTZ001
    assert clinic_ui.clock_in(instant, "Europe/Berlin") == "00:40"
    assert "17" in clinic_ui.day_in(instant, "Europe/Berlin")
    assert clinic_ui.epoch_ms(instant) == 1794872400000


def test_field_ties_label_control_and_hint_together() -> None:
    html = rendered("{% field form.email %}", form=Registration())

    assert '<label for="id_email">E-mail address</label>' in html
    assert 'aria-describedby="id_email_helptext"' in html
    assert 'id="id_email_helptext">We send a code there.' in html
    assert 'class="input"' in html


def test_field_keeps_what_was_typed_beside_the_error() -> None:
    form = Registration({"email": "not an address"})

    html = rendered("{% field form.email %}", form=form)

    assert 'value="not an address"' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_email_error id_email_helptext"' in html
    assert 'id="id_email_error"' in html


def test_field_takes_a_hint_a_label_and_attributes_from_the_page() -> None:
    html = rendered(
        '{% field form.phone label="Mobile" hint="With area code" inputmode="tel" %}',
        form=Registration(),
    )

    assert "Mobile" in html
    assert "(optional)" in html
    assert 'inputmode="tel"' in html
    assert 'aria-describedby="id_phone_helptext"' in html


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("about", 'class="area"'),
        ("place", 'class="select"'),
        ("agreed", 'class="check"'),
        ("times", "<fieldset"),
        ("secret", "data-reveal"),
    ],
)
def test_field_draws_each_kind_of_control(name: str, part: str) -> None:
    assert part in rendered("{% field bound %}", bound=Registration()[name])


def test_form_errors_link_to_the_fields() -> None:
    good = {"secret": "y", "about": "z", "place": "a", "times": ["am"]}
    form = Registration({"email": "x", **good})

    html = rendered('{% include "components/_form_errors.html" %}', form=form)

    assert '<a href="#id_email">E-mail address</a>' in html
    assert "2 answers need another look" in html


def test_module_preloads_name_every_module() -> None:
    lines = clinic_ui.module_preloads()

    assert '<link rel="modulepreload" href="/static/js/modules/fresh.js">' in lines
    assert 'href="/static/js/modules/words.js"' in lines
