"""Addresses of the reminders."""

from django.urls import path

from reminders import views

app_name = "reminders"
urlpatterns = [
    path("v/<str:token>/", views.link, name="link"),
    path("visits/<uuid:appointment_id>/messages/", views.ledger, name="ledger"),
]
