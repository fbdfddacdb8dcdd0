"""The overview, the time line and the summary."""

from django.urls import path

from clinic.records.views import overview, patients, timeline

urlpatterns = [
    path("", overview.record_overview, name="overview"),
    path("summary/", overview.record_summary, name="summary"),
    path("timeline/", timeline.record_timeline, name="timeline"),
]

# Named by the visit, for pages that know no patient's record.
visit_patterns = [
    path("summary/", overview.visit_summary, name="visit_summary"),
]

# Of no patient.
apart = [path("records/", patients.patient_list, name="patient_list")]
