"""Documents are kept sealed, opened by those who may, and never half."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from clinic.crypto import storage
from clinic.crypto.errors import OpenRefused
from clinic.records import tasks
from clinic.records.choices import DocumentCategory, DocumentStatus, Source
from clinic.records.models import DocumentReference
from clinic.records.permissions import NotAllowed, check_may_open
from clinic.records.selectors import documents as selectors
from clinic.records.services.documents import (
    About,
    NotReady,
    add_document,
    change_document,
    open_document,
    preview_place_of,
    remove_document,
)
from clinic.records.uploads.checking import Checked
from clinic.records.uploads.refusals import UploadRefused
from tests.factories.clamd import EICAR, FakeClamd
from tests.factories.people import viewer
from tests.factories.records import DocumentFactory
from tests.factories.scheduling import AppointmentFactory

pytestmark = pytest.mark.django_db

CANARY = b"HIVPOSITIVECANARY"
ABOUT = About("HIV test canarytitle", DocumentCategory.LABORATORY, "canarynote")


def letter(content=CANARY * 9000, preview=b""):
    return Checked(content, "application/pdf", 2, preview)


def add(by, patient, now, *, file=None, about=ABOUT, file_name="canaryname.pdf"):
    return add_document(
        by=by,
        patient_id=patient.pk,
        file=file or letter(),
        file_name=file_name,
        about=about,
        now=now,
    )


def content_of(by, patient, row, now, **more):
    opened = open_document(viewer=by, patient_id=patient.pk, document_id=row.pk, now=now, **more)
    return b"".join(opened.content)


def test_a_document_is_ready_at_once_where_nothing_scans(patient, own, now, trail):
    row = add(own, patient, now, file=letter(preview=b"small"))

    assert (row.status, row.source, row.checked_at) == (DocumentStatus.CURRENT, Source.PATIENT, now)
    assert content_of(own, patient, row, now) == CANARY * 9000
    assert content_of(own, patient, row, now, preview=True) == b"small"
    assert trail() == ["document.added", "document.downloaded", "document.previewed"]


def test_the_store_and_the_table_hold_nothing_in_clear(patient, own, now, file_store):
    row = add(own, patient, now, file=letter(preview=CANARY))

    stored = storage.path_of(row.pk).read_bytes()
    small = preview_place_of(document_id=row.pk, patient_id=patient.pk)
    assert CANARY not in stored + storage.path_of(small.row).read_bytes()
    names = [path.name for path in file_store.rglob("*")]
    assert not [name for name in names if "canary" in name]
    columns = str(DocumentReference.objects.filter(pk=row.pk).values("title", "file_name").get())
    assert "canary" not in columns


def test_a_name_is_cleaned_before_it_is_kept(patient, own, now):
    row = add(own, patient, now, file_name="../../etc/pass\u202ewd.pdf")

    assert row.file_name == "passwd.pdf"


@pytest.mark.parametrize(
    "stranger", ["other_patient", "outsider", "other_practitioner", "receptionist", "administrator"]
)
def test_strangers_neither_add_nor_open(request, stranger, patient, own, now):
    row = add(own, patient, now)
    by = viewer(request.getfixturevalue(stranger))

    with pytest.raises(NotAllowed):
        add(by, patient, now)
    with pytest.raises(NotAllowed):
        content_of(by, patient, row, now)


def test_a_refused_addition_leaves_no_file(patient, other_patient, own, now, file_store):
    before = {path for path in file_store.rglob("*") if path.is_file()}
    elsewhere = AppointmentFactory(patient=other_patient)

    with pytest.raises(NotAllowed):
        add(own, patient, now, about=About("x", DocumentCategory.OTHER, "", elsewhere.pk))

    assert {path for path in file_store.rglob("*") if path.is_file()} == before
    assert not DocumentReference.objects.exists()


def test_one_record_holds_so_much_and_no_more(patient, own, now, settings):
    settings.RECORD_LIMITS = settings.RECORD_LIMITS | {"DOCUMENTS_BYTES": 250_000}
    DocumentFactory(patient=patient, status=DocumentStatus.ENTERED_IN_ERROR)

    with pytest.raises(UploadRefused, match="quota"):
        add(own, patient, now)


def test_a_document_is_attached_to_a_visit_of_its_patient(patient, own, now):
    visit = AppointmentFactory(patient=patient)

    row = add(own, patient, now, about=About("x", DocumentCategory.OTHER, "", visit.pk))

    access = check_may_open(viewer=own, patient_id=patient.pk, now=now)
    assert selectors.documents_of_visit(access=access, appointment_id=visit.pk) == [row]


def test_what_is_said_about_a_document_can_change(patient, own, now, trail):
    row = DocumentFactory(patient=patient)

    change_document(
        by=own,
        patient_id=patient.pk,
        document_id=row.pk,
        about=About("MRI", DocumentCategory.IMAGING),
        now=now,
    )

    changed = DocumentReference.objects.get(pk=row.pk)
    assert (changed.title, changed.category) == ("MRI", DocumentCategory.IMAGING)
    assert trail() == ["document.changed"]


def test_a_change_that_changes_nothing_leaves_no_trace(patient, own, now, trail):
    row = DocumentFactory(patient=patient)

    change_document(
        by=own,
        patient_id=patient.pk,
        document_id=row.pk,
        about=About(row.title, DocumentCategory(row.category)),
        now=now,
    )

    assert trail() == []


def test_a_removed_document_is_gone_from_view_and_sealed_in_the_store(patient, own, now):
    row = add(own, patient, now)

    remove_document(by=own, patient_id=patient.pk, document_id=row.pk, now=now)

    access = check_may_open(viewer=own, patient_id=patient.pk, now=now)
    assert selectors.documents(access=access) == []
    assert storage.path_of(row.pk).exists()
    with pytest.raises(NotAllowed):
        content_of(own, patient, row, now)


def test_a_patient_does_not_remove_what_the_doctor_added(patient, own, doctor, now):
    row = DocumentFactory(patient=patient, source=Source.PRACTITIONER)

    with pytest.raises(NotAllowed):
        remove_document(by=own, patient_id=patient.pk, document_id=row.pk, now=now)
    remove_document(by=doctor, patient_id=patient.pk, document_id=row.pk, now=now)


@pytest.mark.parametrize("where", [60, 70_000, -1], ids=["first chunk", "middle", "last byte"])
def test_an_altered_file_gives_out_not_one_byte(patient, own, now, where):
    row = add(own, patient, now, file=letter(b"x" * 200_000))
    path = storage.path_of(row.pk)
    damaged = bytearray(path.read_bytes())
    damaged[where] ^= 1
    path.write_bytes(bytes(damaged))

    with pytest.raises(OpenRefused):
        content_of(own, patient, row, now)


def test_a_file_of_another_document_does_not_open(patient, own, now):
    mine, other = add(own, patient, now), add(own, patient, now)
    storage.path_of(mine.pk).write_bytes(storage.path_of(other.pk).read_bytes())

    with pytest.raises(OpenRefused):
        content_of(own, patient, mine, now)


def test_a_document_without_a_preview_has_none(patient, own, now):
    row = add(own, patient, now)

    with pytest.raises(NotAllowed):
        content_of(own, patient, row, now, preview=True)


@pytest.fixture
def clamd(settings):
    with FakeClamd() as daemon:
        settings.CLAMD_URL = daemon.url
        yield daemon


def test_a_scanned_document_is_ready(patient, own, now, clamd):
    row = add(own, patient, now)

    assert row.status == DocumentStatus.CURRENT
    assert clamd.received == [CANARY * 9000]


def test_a_virus_is_not_kept(patient, own, now, clamd):
    with pytest.raises(UploadRefused, match="virus"):
        add(own, patient, now, file=letter(EICAR))

    assert not DocumentReference.objects.exists()


def test_without_an_answer_a_document_waits_in_quarantine(patient, own, now, clamd, clock):
    clamd.answer = b"INSTREAM size limit exceeded. ERROR\0"
    row = add(own, patient, now)

    with pytest.raises(NotReady):
        content_of(own, patient, row, now)
    tasks.scan_waiting_documents()
    assert DocumentReference.objects.get(pk=row.pk).status == DocumentStatus.QUARANTINED

    clamd.answer = None
    tasks.scan_waiting_documents()

    ready = DocumentReference.objects.get(pk=row.pk)
    assert (ready.status, ready.checked_at) == (DocumentStatus.CURRENT, now)
    assert content_of(own, patient, row, now) == CANARY * 9000


def test_a_virus_found_later_is_refused_and_its_file_removed(
    patient, own, now, clamd, clock, trail
):
    clamd.answer = b"\0"
    row = add(own, patient, now, file=letter(EICAR))
    clamd.answer = None

    tasks.scan_waiting_documents()

    refused = DocumentReference.objects.get(pk=row.pk)
    assert (refused.status, refused.refusal) == (DocumentStatus.REFUSED, "virus")
    assert not storage.path_of(row.pk).exists()
    assert trail() == ["document.added", "document.refused"]


def test_a_damaged_file_in_quarantine_stops_no_other(patient, own, now, clamd, clock):
    clamd.answer = b"\0"
    lost, good = add(own, patient, now), add(own, patient, now + dt.timedelta(seconds=1))
    storage.remove(lost.pk)
    clamd.answer = None

    tasks.scan_waiting_documents()

    states = dict(DocumentReference.objects.values_list("pk", "status"))
    assert states == {lost.pk: DocumentStatus.QUARANTINED, good.pk: DocumentStatus.CURRENT}


def test_what_waited_is_ready_when_the_scanner_is_taken_away(patient, own, now, clamd, settings):
    clamd.answer = b"\0"
    row = add(own, patient, now)
    settings.CLAMD_URL = ""

    tasks.scan_waiting_documents()

    assert DocumentReference.objects.get(pk=row.pk).status == DocumentStatus.CURRENT


def test_open_documents_leaves_out_what_waits(patient, own, now):
    ready = DocumentFactory(patient=patient)
    DocumentFactory(patient=patient, status=DocumentStatus.QUARANTINED)
    DocumentFactory(patient=patient, status=DocumentStatus.REFUSED)
    access = check_may_open(viewer=own, patient_id=patient.pk, now=now)

    assert selectors.open_documents(access=access, limit=5) == [ready]
    assert len(selectors.documents(access=access)) == 2
    with pytest.raises(NotAllowed):
        selectors.document(access=access, document_id=uuid.uuid4())
