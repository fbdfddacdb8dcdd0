"""The address every person starts from."""

from django.urls import path

from clinic.portal.trail_views import trail_export, trail_list
from clinic.portal.views import home

app_name = "portal"
urlpatterns = [
    path("", home, name="home"),
    path("trail/", trail_list, name="trail_list"),
    path("trail/export/", trail_export, name="trail_export"),
]
