"""The copy a patient takes along: whole, readable, streamed, and nobody else's."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import zipfile
from typing import Any

import pikepdf
import pytest
from django.urls import reverse

from clinic.audit.models import AuditEvent
from clinic.crypto import storage
from clinic.fhir.exporting.copy import make_copy
from clinic.people import stepup
from clinic.people.choices import ProxyScope
from clinic.people.permissions import NotAllowed
from clinic.records.models import DocumentReference
from tests.clinic.fhir import rich
from tests.factories.people import ProxyGrantFactory, acting_for, viewer

pytestmark = pytest.mark.django_db


@pytest.fixture
def record(patient, practitioner):
    rich.fill(patient, practitioner)
    return patient


@pytest.fixture
def copy(record, now):
    def made() -> zipfile.ZipFile:
        found = make_copy(viewer=viewer(record), patient_id=record.pk, now=now)
        return zipfile.ZipFile(io.BytesIO(b"".join(found.pieces())))

    return made


@pytest.fixture
def confirmed(sign_in, clock):
    """Return a browser whose owner confirmed a moment ago who they are."""

    def signed_in(person: Any) -> Any:
        browser = sign_in(person)
        session = browser.session
        session[stepup.SESSION_KEY] = {
            "user": str(person.user_id),
            "factor": "password",
            "at": clock.now.timestamp(),
        }
        session.save()
        return browser

    return signed_in


def address(record, name="export_file"):
    return reverse(f"fhir:{name}", args=[record.pk])


def test_copy_holds_the_record_for_programs_and_for_people(copy):
    found = copy()

    letter = "documents/2026-01-12 Brief- Klinik 2026"
    names = [re.sub(r" [0-9a-f]{6}\.pdf$", "", name) for name in found.namelist()]
    assert names == ["README.txt", "record.html", "summary.pdf", "record.json", letter]
    assert found.testzip() is None
    assert found.read(found.namelist()[-1]) == rich.LETTER
    assert json.loads(found.read("record.json"))["type"] == "collection"


def test_document_of_the_bundle_lies_where_it_says(copy):
    found = copy()

    bundle = json.loads(found.read("record.json"))
    [document] = [
        one["resource"]
        for one in bundle["entry"]
        if one["resource"]["resourceType"] == "DocumentReference"
    ]
    assert document["content"][0]["attachment"]["url"] in found.namelist()


def test_page_of_the_copy_stands_alone_and_runs_nothing(copy):
    page = copy().read("record.html").decode()

    assert "<script" not in page
    assert not re.search(r'(?:src|href)="(?!#|documents/)', page)
    assert "@import" not in page
    assert "url(" not in page
    for told in ("Penicillin", "Asthma", "Ramipril 5 mg", "X-ray was clear", "71.4 kg", "Hives"):
        assert told in page
    assert "Cough &lt;b&gt;for&lt;/b&gt; a week" in page
    assert "a draft nobody may see" not in page


def test_sheet_of_the_copy_is_a_tagged_pdf(copy):
    made = pikepdf.open(io.BytesIO(copy().read("summary.pdf")))

    assert made.Root.MarkInfo.Marked


def test_empty_record_has_a_copy_too(patient, now):
    found = make_copy(viewer=viewer(patient), patient_id=patient.pk, now=now)

    archive = zipfile.ZipFile(io.BytesIO(b"".join(found.pieces())))

    assert "Nothing is on file yet." in archive.read("record.html").decode()


def test_file_that_does_not_open_is_named_and_the_rest_comes(record, copy):
    row = DocumentReference.objects.get()
    path = storage.path_of(row.pk)
    path.write_bytes(path.read_bytes()[:-1])

    found = copy()

    assert found.testzip() is None
    assert "Brief- Klinik 2026" in found.read("MISSING.txt").decode()


def test_nothing_is_written_to_the_disk(record, copy, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    copy()

    assert list(tmp_path.iterdir()) == []


def test_copy_is_sent_in_pieces(record, now, monkeypatch):
    row = DocumentReference.objects.get()
    storage.write(
        source=[bytes(1_000_000)],
        place=storage_place(row),
        replace=True,
    )
    found = make_copy(viewer=viewer(record), patient_id=record.pk, now=now)

    sizes = [len(piece) for piece in found.pieces()]

    assert len(sizes) > 3
    assert max(sizes) < 500_000


def storage_place(row):
    from clinic.records.services.documents import place_of

    return place_of(document_id=row.pk, patient_id=row.patient_id)


# --- Who gets it ---------------------------------------------------------------------------------


def test_patient_downloads_it_after_confirming_and_it_is_on_the_trail(record, confirmed):
    response = confirmed(record).get(address(record))

    assert response.status_code == 200
    assert response["Content-Disposition"] == 'attachment; filename="health-record-2026-03-02.zip"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "no-store"
    content = b"".join(response.streaming_content)
    assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None
    event = AuditEvent.objects.get(action="record.exported")
    assert (event.actor, event.patient) == (record.user_id, record.pk)
    assert json.loads(event.detail) == {"ground": "own", "what": "export"}


@pytest.mark.parametrize("name", ["export", "export_file"])
def test_it_asks_for_the_password_first(record, name, sign_in, clock):
    response = sign_in(record).get(address(record, name))

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("people:step_up"))
    assert not AuditEvent.objects.filter(action="record.exported").exists()


def test_a_confirmation_lasts_five_minutes(record, confirmed, clock):
    browser = confirmed(record)
    clock.advance(minutes=5)

    assert browser.get(address(record)).status_code == 302


def test_page_before_it_says_what_it_holds(record, confirmed):
    page = confirmed(record).get(address(record, "export"))

    assert page.status_code == 200
    assert address(record) in page.content.decode()


def test_nobody_else_takes_it(
    record, other_patient, outsider, practitioner, other_practitioner, confirmed
):
    for person in (other_patient, outsider, practitioner, other_practitioner):
        assert confirmed(person).get(address(record)).status_code == 404
    assert not AuditEvent.objects.filter(action="record.exported").exists()


def test_doctor_who_treats_has_the_record_not_its_copy(record, practitioner, now):
    with pytest.raises(NotAllowed):
        make_copy(viewer=viewer(practitioner), patient_id=record.pk, now=now)


def test_carer_who_reads_the_record_takes_it_in_their_place(record, other_patient, now):
    grant = ProxyGrantFactory(patient=record, user=other_patient.user)

    found = make_copy(viewer=acting_for(grant, now=now), patient_id=record.pk, now=now)

    assert b"".join(found.pieces())[:2] == b"PK"
    assert json.loads(AuditEvent.objects.get(action="record.exported").detail)["ground"] == "proxy"


def test_carer_for_visits_only_does_not(record, other_patient, now):
    grant = ProxyGrantFactory(patient=record, user=other_patient.user, scopes=[ProxyScope.VISITS])

    with pytest.raises(NotAllowed):
        make_copy(viewer=acting_for(grant, now=now), patient_id=record.pk, now=now)


def test_carer_can_confirm_while_acting(record, other_patient, sign_in, clock):
    """The way to the copy leads over a page that asks for the carer's own password."""
    grant = ProxyGrantFactory(patient=record, user=other_patient.user)
    browser = sign_in(other_patient)
    browser.post(reverse("people:acting_start", args=[grant.pk]))

    response = browser.get(address(record, "export"), follow=True)

    assert response.status_code == 200
    assert response.request["PATH_INFO"] == reverse("people:step_up")


def test_name_of_a_file_never_leaves_its_folder(patient):
    from clinic.fhir.exporting.documents import file_path

    row = DocumentReference(
        patient=patient,
        file_name="../../etc/passwd\\..\\x.exe",
        content_type="image/jpeg",
        uploaded_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    )

    path = file_path(row)

    assert path.startswith("documents/2026-01-01 ")
    assert path.endswith(".jpg")
    assert path.count("/") == 1
    assert "\\" not in path
