"""The one zip that a patient takes along: for programs, for people, and the files themselves."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import formats
from django.utils.translation import gettext as _

from clinic.crypto import datakeys, storage
from clinic.crypto.errors import SealError
from clinic.fhir.exporting.bundle import to_bundle
from clinic.fhir.exporting.documents import file_path
from clinic.fhir.exporting.gathering import Gathered, gather
from clinic.fhir.exporting.reading import Part, parts_of, summary_json
from clinic.fhir.exporting.zipping import Member, zipped
from clinic.lib import times
from clinic.people.viewer import Viewer
from clinic.records import pdf
from clinic.records.models import DocumentReference
from clinic.records.permissions import check_is_patient_side, check_may_open
from clinic.records.selectors.clinic import clinic_zone
from clinic.records.services.documents import place_of
from clinic.records.services.reading import record_look


@dataclass(slots=True)
class Copy:
    """Everything but the files, made and in memory; `pieces` sends it with them."""

    texts: dict[str, bytes]
    documents: list[DocumentReference]
    made_at: dt.datetime
    # Files that are damaged or gone, found while they are read.
    missing: list[str] = field(default_factory=list)

    def pieces(self) -> Iterator[bytes]:
        """Give the zip. Each file is opened when its turn has come and never stored in clear."""
        return zipped(self._members(), now=self.made_at)

    def _members(self) -> Iterator[Member]:
        for name, content in self.texts.items():
            yield Member(name, partial(_once, content))
        for row in self.documents:
            yield Member(file_path(row), partial(self._file, row), compress=False)
        if self.missing:
            yield Member("MISSING.txt", partial(_once, _missing_text(self.missing)))

    def _file(self, row: DocumentReference) -> Iterator[bytes]:
        try:
            yield from storage.Content(place_of(document_id=row.pk, patient_id=row.patient_id))
        except (SealError, FileNotFoundError):
            self.missing.append(file_path(row))


def make_copy(*, viewer: Viewer, patient_id: uuid.UUID, now: dt.datetime) -> Copy:
    """Make the copy of a record for the patient or for who may read it in their place.

    Writes into the trail that it was made. Raises NotAllowed, for doctors too: they have the
    record itself. The caller has asked who sits there (step-up).
    """
    with transaction.atomic():
        access = check_may_open(viewer=viewer, patient_id=patient_id, now=now)
        check_is_patient_side(access)
        datakeys.preload([patient_id])
        found = gather(access=access)
        record_look(access=access, what="export", now=now, action="record.exported")
        return Copy(_texts(found, now), list(found.documents), now)


def _texts(found: Gathered, now: dt.datetime) -> dict[str, bytes]:
    tz = clinic_zone()
    bundle = to_bundle(gathered=found, now=now)
    parts = parts_of(found, tz=tz)
    context = {
        "patient": found.patient,
        "parts": parts,
        "clinic_name": settings.CLINIC_NAME,
        "made_at": times.to_local(now, tz).replace(tzinfo=None),
        "entries": len(bundle["entry"]),
    }
    return {
        "README.txt": render_to_string("fhir/copy_readme.txt", context).encode(),
        "record.html": render_to_string("fhir/copy.html", context).encode(),
        "summary.pdf": _sheet(found, parts, now, tz),
        "record.json": json.dumps(bundle, ensure_ascii=False, indent=1).encode(),
    }


def _sheet(found: Gathered, parts: list[Part], now: dt.datetime, tz: str) -> bytes:
    sheet = pdf.Sheet(_("Health record, summary"), found.patient, now, tz)
    words = {
        "parts": summary_json(parts),
        "empty": _("Nothing is on file yet."),
        "notes": [
            _("From the patient’s own copy of %(date)s. Everything else is in record.html.")
            % {"date": formats.date_format(times.local_date(now, tz), "DATE_FORMAT")}
        ],
    }
    return pdf.render("record", sheet.as_json() | words)


def _missing_text(names: list[str]) -> bytes:
    head = _("These files could not be opened and are not in this copy. Please call the clinic.")
    return "\n".join([head, "", *names, ""]).encode()


def _once(content: bytes) -> Iterator[bytes]:
    yield content
