"""Addresses of the staff's side of scheduling; included by `urls`."""

from django.urls import path, register_converter

from clinic.lib.converters import IsoDateConverter
from clinic.scheduling.views import board, closures, desk, hours

register_converter(IsoDateConverter, "isodate")

urlpatterns = [
    path("desk/", desk.desk, name="desk"),
    path("patients/", desk.patient_search, name="patient_search"),
    path("patients/<uuid:patient_id>/", desk.patient_detail, name="patient_detail"),
    path("board/<uuid:practitioner_id>/book/", desk.book_for_caller, name="book_for_caller"),
    path("hours/<uuid:practitioner_id>/", hours.hours_edit, name="hours_edit"),
    path("hours/<uuid:practitioner_id>/absence/", hours.absence_add, name="absence_add"),
    path("hours/<uuid:practitioner_id>/date/", hours.date_set, name="date_set"),
    path("hours/absence/<uuid:absence_id>/remove/", hours.absence_remove, name="absence_remove"),
    path(
        "hours/<uuid:practitioner_id>/date/<isodate:date>/<slug:kind>/remove/",
        hours.date_remove,
        name="date_remove",
    ),
    path("closures/", closures.closure_list, name="closure_list"),
    path("closures/<uuid:closure_id>/remove/", closures.closure_remove, name="closure_remove"),
    path("board/<uuid:practitioner_id>/<isodate:date>/", board.day_board, name="day_board"),
    path("board/<uuid:practitioner_id>/<isodate:date>/week/", board.week_board, name="week_board"),
    path(
        "visits/<uuid:appointment_id>/status/", board.appointment_status, name="appointment_status"
    ),
    path("visits/<uuid:appointment_id>/undo/", board.appointment_undo, name="appointment_undo"),
]
