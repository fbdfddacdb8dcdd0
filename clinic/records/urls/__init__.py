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

urlpatterns = [path("records/<uuid:patient_id>/", include(_parts))]
