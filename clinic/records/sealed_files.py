"""Which files of the store belong to a patient: what gives an owner a new key asks it.

A file that nobody names here would be left behind, and its key destroyed under it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from clinic.crypto import datakeys
from clinic.crypto.fileformat import FilePlace
from clinic.records.models import DocumentReference
from clinic.records.services.documents import place_of, preview_place_of


def files_of(scope: str, owner: uuid.UUID | None) -> Iterator[FilePlace]:
    """Give the places of a patient's documents and previews, those taken out of the lists too."""
    if scope != datakeys.PATIENT or owner is None:
        return
    rows = DocumentReference.objects.filter(patient_id=owner).order_by("pk")
    for document_id, has_preview in rows.values_list("pk", "has_preview"):
        yield place_of(document_id=document_id, patient_id=owner)
        if has_preview:
            yield preview_place_of(document_id=document_id, patient_id=owner)
