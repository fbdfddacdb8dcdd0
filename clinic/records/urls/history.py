"""Conditions, allergies, procedures, vaccinations, family history, lifestyle."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
