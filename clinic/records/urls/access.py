"""Who may open the record and who did."""

from django.urls import URLPattern, path

from clinic.records.views import access, emergency, emergency_review

urlpatterns: list[URLPattern] = [
    path("access/", access.access_log, name="access_log"),
    path("emergency/", emergency.emergency_open, name="emergency_open"),
    path("emergency/end/", emergency.emergency_end, name="emergency_end"),
]

# Not below one patient: the search before, the review after.
apart: list[URLPattern] = [
    path("records/emergency/", emergency.emergency_find, name="emergency_find"),
    path("emergency-access/", emergency_review.emergency_list, name="emergency_list"),
    path(
        "emergency-access/<uuid:glass_id>/",
        emergency_review.emergency_review,
        name="emergency_review",
    ),
]
