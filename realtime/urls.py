"""HTTP addresses of the live connection."""

from django.urls import path

from realtime import views

app_name = "realtime"
urlpatterns = [path("live/renew/", views.renew, name="renew")]
