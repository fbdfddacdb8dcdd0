"""The overview, the time line and the summary."""

from django.urls import path

from clinic.records.views import overview, timeline

urlpatterns = [
    path("", overview.record_overview, name="overview"),
    path("timeline/", timeline.record_timeline, name="timeline"),
]
