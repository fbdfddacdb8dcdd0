"""Addresses of scheduling: the patient's side here, the staff's in `staff_urls`."""

from django.urls import include, path

from clinic.scheduling.views import book, find, hold, move, review, visits

app_name = "scheduling"

_visit = "visits/<uuid:appointment_id>/"

urlpatterns = [
    path("doctors/", find.practitioner_list, name="practitioner_list"),
    path("doctors/<uuid:practitioner_id>/", book.slot_list, name="slot_list"),
    path("doctors/<uuid:practitioner_id>/hold/", hold.slot_hold, name="slot_hold"),
    path("hold/release/", hold.hold_release, name="hold_release"),
    path("hold/extend/", hold.hold_extend, name="hold_extend"),
    path("hold/ended/", hold.hold_ended, name="hold_ended"),
    # One address: looking (GET) and booking (POST).
    path("book/", review.appointment_review, name="appointment_review"),
    path("book/", review.appointment_review, name="appointment_book"),
    path("visits/", visits.appointment_list, name="appointment_list"),
    path(_visit, visits.appointment_detail, name="appointment_detail"),
    path(f"{_visit}cancel/", visits.appointment_cancel, name="appointment_cancel"),
    path(f"{_visit}confirm/", visits.appointment_confirm, name="appointment_confirm"),
    path(f"{_visit}late/", visits.appointment_late, name="appointment_late"),
    path(f"{_visit}calendar.ics", visits.appointment_calendar, name="appointment_calendar"),
    path(f"{_visit}move/", move.appointment_move, name="appointment_move"),
    path(f"{_visit}move/hold/", move.move_hold, name="move_hold"),
    path(f"{_visit}move/review/", move.move_review, name="move_review"),
    path("setup/", include("clinic.scheduling.setup_urls")),
    path("", include("clinic.scheduling.staff_urls")),
]
