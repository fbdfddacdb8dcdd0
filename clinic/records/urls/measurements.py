"""Measurements and their charts."""

from django.urls import path

from clinic.records.views import measurement_edit, measurements

_value = "measurements/value/<uuid:observation_id>/"

urlpatterns = [
    path("measurements/", measurements.measurement_list, name="measurement_list"),
    path("measurements/units/", measurements.measurement_units, name="measurement_units"),
    path(_value, measurements.measurement_like, name="measurement_like"),
    path(f"{_value}edit/", measurement_edit.measurement_edit, name="measurement_edit"),
    path(f"{_value}mistake/", measurement_edit.measurement_mistake, name="measurement_mistake"),
    path(
        "measurements/<slug:measure>/", measurements.measurement_detail, name="measurement_detail"
    ),
    path(
        "measurements/<slug:measure>/add/", measurement_edit.measurement_new, name="measurement_new"
    ),
]
