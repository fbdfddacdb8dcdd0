"""Addresses of the set-up; included by `urls`."""

from django.urls import path

from clinic.scheduling.views import setup, setup_sites

_site = "sites/<uuid:site_id>/"
_doctor = "doctors/<uuid:practitioner_id>/"

urlpatterns = [
    path("", setup.setup, name="setup"),
    path("sites/new/", setup_sites.site_new, name="setup_site_new"),
    path(_site, setup_sites.site_edit, name="setup_site"),
    path(f"{_site}rooms/", setup_sites.room_add, name="setup_room_add"),
    path("rooms/<uuid:room_id>/", setup_sites.room_edit, name="setup_room"),
    path("visit-types/new/", setup.visit_type_new, name="setup_visit_type_new"),
    path("visit-types/<uuid:visit_type_id>/", setup.visit_type_edit, name="setup_visit_type"),
    path(_doctor, setup.doctor_edit, name="setup_doctor"),
    path(f"{_doctor}<uuid:visit_type_id>/", setup.offering_edit, name="setup_offering"),
]
