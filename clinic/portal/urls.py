"""The address every person starts from."""

from django.urls import path

from clinic.portal import views

app_name = "portal"
urlpatterns = [path("", views.home, name="home")]
