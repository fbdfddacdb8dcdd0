"""Who may open the record and who did."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
