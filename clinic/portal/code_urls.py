"""The address of suggestions from code systems."""

from django.urls import path

from clinic.portal.codes import suggest

app_name = "terminology"
urlpatterns = [path("<slug:kind>/", suggest, name="suggest")]
