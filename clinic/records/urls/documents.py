"""Documents."""

from django.urls import path

from clinic.records.views import document_files, documents

_one = "documents/<uuid:document_id>/"

urlpatterns = [
    path("documents/", documents.document_list, name="document_list"),
    path("documents/new/", documents.document_new, name="document_new"),
    path(_one, documents.document_detail, name="document_detail"),
    path(f"{_one}edit/", documents.document_edit, name="document_edit"),
    path(f"{_one}remove/", documents.document_remove, name="document_remove"),
    path(f"{_one}file/", document_files.document_download, name="document_download"),
    path(f"{_one}preview/", document_files.document_preview, name="document_preview"),
]
