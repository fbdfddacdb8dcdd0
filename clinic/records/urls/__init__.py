"""Addresses of the record: one module for each part, all below the patient."""

from django.urls import include, path

from clinic.records.urls import (
    access,
    documents,
    history,
    measurements,
    medications,
    notes,
    overview,
    rights,
)

app_name = "records"

_parts = [
    *overview.urlpatterns,
    *history.urlpatterns,
    *medications.urlpatterns,
    *measurements.urlpatterns,
    *notes.urlpatterns,
    *documents.urlpatterns,
    *access.urlpatterns,
    *rights.urlpatterns,
]

_of_visit = [*overview.visit_patterns, *notes.visit_patterns]

urlpatterns = [
    *overview.apart,
    *access.apart,
    *rights.apart,
    path("records/visit/<uuid:appointment_id>/", include(_of_visit)),
    path("records/<uuid:patient_id>/", include(_parts)),
]
