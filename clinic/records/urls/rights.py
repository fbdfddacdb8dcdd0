"""Export, corrections, erasure."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
