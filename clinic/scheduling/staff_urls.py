"""Addresses of the staff's side of scheduling; included by `urls`."""

from django.urls import path, register_converter

from clinic.lib.converters import IsoDateConverter
from clinic.scheduling.views import board

register_converter(IsoDateConverter, "isodate")

urlpatterns = [
    path("board/<uuid:practitioner_id>/<isodate:date>/", board.day_board, name="day_board"),
    path("board/<uuid:practitioner_id>/<isodate:date>/week/", board.week_board, name="week_board"),
    path(
        "visits/<uuid:appointment_id>/status/", board.appointment_status, name="appointment_status"
    ),
    path("visits/<uuid:appointment_id>/undo/", board.appointment_undo, name="appointment_undo"),
]
