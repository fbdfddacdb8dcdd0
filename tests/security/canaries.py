"""Write one tell-tale text into a record in every way the product has, and look for it outside."""

from __future__ import annotations

import datetime as dt
import io
import json
import uuid
from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import ProgrammingError, connection, models, transaction
from redis import Redis

from clinic.crypto.fields import SealedTextField
from clinic.crypto.jsonfield import SealedJSONField
from clinic.people.viewer import Viewer
from clinic.records.choices import (
    CorrectionStatus,
    DocumentCategory,
    EmergencyReason,
    LifestyleTopic,
    Release,
)
from clinic.records.dosage import Dosage
from clinic.records.models import Encounter
from clinic.records.note_templates import GENERAL
from clinic.records.rules.notes import TEXTS, Choice
from clinic.records.services import (
    corrections,
    documents,
    emergency,
    encounters,
    history,
    medications,
    note_signing,
    notes,
    observations,
    prescribing,
    proposals,
)
from clinic.records.services import history_entries as entries
from clinic.records.uploads.checking import Checked
from clinic.terminology.coded import Coded

SECRET = "canarykaposisarcoma"  # noqa: S105
SAID = Coded(SECRET)


def write_through_services(
    *,
    patient_id: uuid.UUID,
    own: Viewer,
    doctor: Viewer,
    appointment_id: uuid.UUID,
    now: dt.datetime,
) -> None:
    """Write it wherever somebody can type something of a record."""
    of: dict[str, Any] = {"patient_id": patient_id, "now": now}
    _history(own, doctor, of)
    encounter = encounters.open_encounter(by=doctor, appointment_id=appointment_id, now=now)
    _medicines(own, doctor, encounter, of)
    _note(doctor, encounter, of)
    _around(own, doctor, of)


def _history(own: Viewer, doctor: Viewer, of: dict[str, Any]) -> None:
    for entry in (
        entries.ConditionEntry(coded=SAID, note=SECRET, severity="mild"),
        entries.ProcedureEntry(coded=SAID, note=SECRET),
        entries.ImmunizationEntry(coded=SAID, dose_number="2", lot_number=SECRET),
        entries.FamilyEntry(coded=SAID, relationship="MTH", onset_age=SECRET),
    ):
        history.add_entry(by=own, entry=entry, **of)
    allergy = entries.AllergyEntry(coded=SAID, reaction=SECRET, reaction_severity="severe")
    history.add_entry(by=doctor, entry=allergy, **of)
    asked = LifestyleTopic.OCCUPATION
    said = entries.LifestyleEntry.about(topic=asked, answer=SAID, note=SECRET)
    history.answer_lifestyle(by=own, entries=[said], **of)
    reading = observations.Reading(
        kind="weight", numbers=(Decimal("71.4"),), measured_at=of["now"], note=SECRET
    )
    observations.record_observation(by=own, reading=reading, **of)


def _medicines(own: Viewer, doctor: Viewer, encounter: Encounter, of: dict[str, Any]) -> None:
    dosage = Dosage(amount="1", frequency="once", text=SECRET)
    entry = medications.MedicationEntry(
        coded=SAID, dosage=dosage, reason=SECRET, prescriber_text=SECRET, note=SECRET
    )
    row = medications.add_medication(by=doctor, entry=entry, **of)
    medications.pause_medication(by=doctor, statement_id=row.pk, reason=SECRET, **of)
    order = prescribing.Order(
        coded=Coded(f"{SECRET} forte"), dosage=dosage, reason=SECRET, note=SECRET, in_spite=SECRET
    )
    written = prescribing.prescribe(by=doctor, encounter_id=encounter.pk, order=order, **of)
    prescribing.cancel_prescription(by=doctor, request_id=written.pk, reason=SECRET, **of)
    proposed = proposals.Proposed(
        kind="allergy", action="add", said={"concept": {"text": f"{SECRET} 2"}}, note=SECRET
    )
    proposals.propose(by=own, proposed=proposed, **of)


def _note(doctor: Viewer, encounter: Encounter, of: dict[str, Any]) -> None:
    note = notes.start_note(by=doctor, encounter_id=encounter.pk, **of)
    for tab, version in ((uuid.uuid4(), note.version), (uuid.uuid4(), note.version)):
        draft = notes.Draft(
            base_version=version,
            tab=tab,
            template_slug=GENERAL.slug,
            texts=dict.fromkeys(notes.TEXTS, f"{SECRET} {tab}"),
        )
        notes.save_note(by=doctor, note_id=note.pk, draft=draft, **of)
    note.refresh_from_db()
    note = notes.settle_revision(
        by=doctor,
        revision_id=note.revisions.get().pk,
        choices=dict.fromkeys(TEXTS, Choice.BOTH),
        version=note.version,
        **of,
    )
    signed = {"note_id": note.pk, **of}
    note_signing.sign_note(by=doctor, version=note.version, release=Release.AT_ONCE, **signed)
    note_signing.add_addendum(by=doctor, text=SECRET, **signed)


def _around(own: Viewer, doctor: Viewer, of: dict[str, Any]) -> None:
    content = f"%PDF-1.7 {SECRET}".encode()
    documents.add_document(
        by=own,
        file=Checked(content=content, content_type="application/pdf", pages=1, preview=content),
        file_name=f"{SECRET}.pdf",
        about=documents.About(title=SECRET, category=DocumentCategory.LETTER, note=SECRET),
        **of,
    )
    asked = corrections.file_correction(by=own, about=None, text=SECRET, **of)
    corrections.answer_correction(
        by=doctor, correction_id=asked.pk, outcome=CorrectionStatus.DECLINED, answer=SECRET, **of
    )


def break_glass(*, patient_id: uuid.UUID, by: Viewer, now: dt.datetime) -> None:
    """Open the record in an emergency; the reason is a secret too."""
    emergency.break_glass(
        patient_id=patient_id, category=EmergencyReason.TREATMENT, reason=SECRET, by=by, now=now
    )


def write_into_every_column(secret: str) -> set[str]:
    """Write it past the services into every sealed column of every row there is; name them."""
    written = set()
    for model in apps.get_models():
        fields = [f for f in model._meta.local_concrete_fields if isinstance(f, SealedTextField)]
        for row in model._base_manager.all() if fields else ():
            for field in fields:
                setattr(row, field.attname, _value(row, field, secret))
            # Signed notes are locked: their columns are written by the services above.
            with suppress(ProgrammingError), transaction.atomic():
                row.save(update_fields=[field.name for field in fields])
                written |= {field.sealed_as for field in fields}
    return written


def _value(row: models.Model, field: SealedTextField, secret: str) -> Any:
    return {"text": secret} if isinstance(field, SealedJSONField) else secret


def sealed_columns() -> set[str]:
    """Name every sealed column of the product."""
    return {
        field.sealed_as
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, SealedTextField) and not model._meta.proxy
    }


def dump() -> str:
    """Return every table as text, bytea as hexadecimal, the way a stolen backup reads."""
    out = io.StringIO()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            with cursor.copy(f'COPY "{table}" TO STDOUT') as rows:
                for row in rows:
                    out.write(bytes(row).decode("utf-8", "replace"))
    return out.getvalue().lower()


def valkey() -> Iterator[bytes]:
    """Give every key and value that this test process may have put into Valkey."""
    client = Redis.from_url(settings.REDIS_URL)
    own = settings.CACHES["default"].get("KEY_PREFIX", "").partition(":")[0]
    for key in client.scan_iter(match=f"*{own}*"):
        yield bytes(key)
        yield bytes(client.dump(key) or b"")


def files(folder: Path) -> Iterator[bytes]:
    """Give every path below a folder and what the files hold."""
    for path in folder.rglob("*"):
        yield str(path).encode()
        if path.is_file():
            yield path.read_bytes()


def as_stored(secret: str) -> list[bytes]:
    """Return the forms in which a text could lie somewhere."""
    plain = secret.encode()
    return [plain, plain.hex().encode(), json.dumps(secret).encode()[1:-1]]
