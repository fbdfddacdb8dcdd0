"""The address every person starts from."""

from django.urls import path

from clinic.portal.views import home

app_name = "portal"
urlpatterns = [path("", home, name="home")]
