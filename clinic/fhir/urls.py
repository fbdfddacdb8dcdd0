"""Addresses of the copy, below the patient like those of the record."""

from django.urls import path

from clinic.fhir import views

app_name = "fhir"

urlpatterns = [
    path("records/<uuid:patient_id>/export/", views.export, name="export"),
    path("records/<uuid:patient_id>/export/record.zip", views.export_file, name="export_file"),
]
