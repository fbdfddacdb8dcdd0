"""The product's addresses and one page of the tests: a form with a field that offers codes."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from clinic.people.permissions import SIGNED_IN, access
from clinic.terminology.choices import Kind
from clinic.terminology.fields import ConceptField
from config.urls import urlpatterns as product

PAGE = """{% extends "base.html" %}{% load clinic_ui %}
{% block title %}Conditions{% endblock %}
{% block main %}<div class="wrap stack"><h1>Conditions</h1>
<form method="post" class="stack">{% csrf_token %}{% field form.condition %}
<button class="btn btn--primary" type="submit">Save</button></form>
<p id="saved">{{ saved.text }} {{ saved.code }}</p></div>{% endblock %}"""


class ConditionForm(forms.Form):
    condition = ConceptField(kind=Kind.CONDITION, help_text="In your own words is fine.")


@access(SIGNED_IN)
def condition_page(request: HttpRequest) -> HttpResponse:
    form = ConditionForm(request.POST or None)
    saved = form.cleaned_data["condition"] if form.is_valid() else None
    template = engines["django"].from_string(PAGE)
    return HttpResponse(template.render({"form": form, "saved": saved}, request))


urlpatterns = [*product, path("test/condition/", condition_page, name="test_condition")]
