"""Your data, corrections, erasures."""

from django.urls import URLPattern, path

from clinic.records.views import erasures, rights

urlpatterns: list[URLPattern] = [
    path("your-data/", rights.rights, name="rights"),
    path("corrections/", rights.correction_list, name="correction_list"),
    path("corrections/new/", rights.correction_new, name="correction_new"),
    path(
        "corrections/new/<slug:entry_kind>/<uuid:entry_id>/",
        rights.correction_new,
        name="correction_about",
    ),
    path(
        "corrections/<uuid:correction_id>/answer/",
        rights.correction_answer,
        name="correction_answer",
    ),
]

# Not below the record: an administrator never opens it.
apart: list[URLPattern] = [
    path("erasures/", erasures.erasure_list, name="erasure_list"),
    path("erasures/<uuid:patient_id>/execute/", erasures.erasure_execute, name="erasure_execute"),
    path("erasures/<uuid:patient_id>/refuse/", erasures.erasure_refuse, name="erasure_refuse"),
]
