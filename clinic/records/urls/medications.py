"""Medicines, doses, the medication plan."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
