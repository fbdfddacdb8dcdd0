"""The pages of documents: who opens them, what they take, how a file is given out."""

from __future__ import annotations

import io

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from clinic.audit.models import AuditEvent
from clinic.crypto import storage
from clinic.records.choices import DocumentStatus, Source
from clinic.records.models import DocumentReference
from tests.factories import files
from tests.factories.clamd import FakeClamd
from tests.factories.records import DocumentFactory
from tests.factories.scheduling import AppointmentFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def base(patient):
    return f"/records/{patient.pk}/documents/"


def sent(*contents, name="letter.pdf", **more):
    uploaded = [SimpleUploadedFile(name, content) for content in contents]
    return {"file": uploaded, "category": "letter", "title": "", "note": "", **more}


@pytest.fixture
def kept(base, patient_client):
    """A letter of one page, uploaded by the patient."""
    patient_client.post(f"{base}new/", sent(files.pdf()))
    return DocumentReference.objects.get()


def body(response):
    return b"".join(response.streaming_content)


def test_patient_and_treating_doctor_open_every_page(
    patient, base, patient_client, practitioner, practitioner_client, kept
):
    AppointmentFactory(patient=patient, practitioner=practitioner)

    for path in ("", "new/", *(f"{kept.pk}/{end}" for end in ("", "edit/", "remove/", "file/"))):
        for browser in (patient_client, practitioner_client):
            response = browser.get(base + path)
            assert response.status_code == 200, path
            assert not response.streaming or body(response)


@pytest.mark.parametrize(
    "stranger",
    [
        *("other_patient", "outsider", "practitioner", "other_practitioner"),
        *("receptionist", "administrator"),
    ],
)
def test_nobody_else_finds_one(request, stranger, patient, base, kept):
    browser = request.getfixturevalue(f"{stranger}_client")

    for end in ("", "edit/", "remove/", "file/", "preview/"):
        assert browser.get(f"{base}{kept.pk}/{end}").status_code == 404, end
    assert browser.get(base).status_code == 404
    assert browser.post(f"{base}new/", sent(files.pdf())).status_code == 404
    assert browser.post(f"{base}{kept.pk}/remove/").status_code == 404
    assert DocumentReference.objects.get().status == DocumentStatus.CURRENT


def test_a_document_of_another_record_is_not_under_this_one(base, other_patient, patient_client):
    row = DocumentFactory(patient=other_patient)

    for end in ("", "edit/", "remove/", "file/", "preview/"):
        assert patient_client.get(f"{base}{row.pk}/{end}").status_code == 404


def test_the_list_asks_this_often_whatever_it_holds(
    patient, base, patient_client, django_assert_max_num_queries
):
    rows = [DocumentFactory(patient=patient) for _n in range(20)]
    patient_client.get(base)

    # Twelve statements and the savepoint that stands for the transaction in a test.
    for page in ("", f"{rows[0].pk}/", "new/"):
        with django_assert_max_num_queries(14):
            patient_client.get(base + page)


def test_an_upload_is_kept_under_its_name_and_listed(base, patient_client, kept):
    html = patient_client.get(base).content.decode()

    assert (kept.title, kept.file_name) == ("letter", "letter.pdf")
    assert (kept.source, kept.content_type, kept.pages) == (Source.PATIENT, "application/pdf", 1)
    assert "1 page, " in html
    assert "From you" in html


def test_several_files_are_kept_and_the_refused_one_is_named(base, patient_client):
    response = patient_client.post(
        f"{base}new/", sent(files.pdf(), b"MZ", files.image(), note="From the hospital")
    )

    html = response.content.decode()
    assert response.status_code == 422
    assert DocumentReference.objects.count() == 2
    assert "letter.pdf: Only PDF, JPEG, PNG and HEIC files can be kept" in html
    assert "2 documents are saved." in html
    assert "From the hospital" in html


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "This file is empty"),
        (b"<!doctype html><script>", "This one is something else"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>", "This one is something else"),
        (files.archive(), "This one is something else"),
        (b"%PDF-1.7<script>alert(1)</script>", "cannot be opened"),
        (b"\n" * 20 + files.pdf(), "This one is something else"),
        (files.acting_pdf("javascript"), "scripts, forms or attachments"),
        (files.pdf(encryption=pikepdf.Encryption(owner="o", user="u")), "locked with a password"),
        (files.pdf(pages=201), "more than 200 pages"),
        (files.image("PNG", size=(9000, 9000), mode="1"), "too many pixels"),
    ],
    ids=[
        *("empty", "html", "svg", "zip", "script", "late mark"),
        *("acts", "locked", "pages", "pixels"),
    ],
)
def test_each_refusal_is_a_sentence_beside_the_file(base, patient_client, content, words):
    response = patient_client.post(f"{base}new/", sent(content))

    [error] = response.context["form"].errors["file"]
    assert response.status_code == 422
    assert words in error
    assert not DocumentReference.objects.exists()


def test_the_virus_scanner_has_a_sentence_too(base, patient_client, settings):
    with FakeClamd() as clamd:
        clamd.answer = b"stream: Something FOUND\0"
        settings.CLAMD_URL = clamd.url
        response = patient_client.post(f"{base}new/", sent(files.pdf()))

    assert "virus scanner found something" in response.content.decode()
    assert "Something" not in response.content.decode()


@pytest.mark.parametrize(
    ("limits", "count", "words"),
    [
        ({"DOCUMENT_BYTES": 400}, 1, "larger than 400"),
        ({"UPLOAD_BYTES": 900}, 3, "too large for one go"),
        ({"DOCUMENTS_BYTES": 400}, 1, "There is no room left"),
    ],
)
def test_what_is_too_large_is_said_and_the_rest_is_kept(
    base, patient_client, settings, limits, count, words
):
    settings.RECORD_LIMITS = settings.RECORD_LIMITS | limits
    content = files.pdf()
    assert 450 < len(content) < 900

    response = patient_client.post(f"{base}new/", sent(*[content] * count))

    errors = response.context["form"].errors["file"]
    assert all(words in error for error in errors)
    assert DocumentReference.objects.count() == count - len(errors)


def test_a_file_of_26_megabytes_is_said_to_be_too_large(base, patient_client):
    response = patient_client.post(f"{base}new/", sent(b"%PDF-" + b"9" * 26 * 1024 * 1024))

    assert response.status_code == 422
    assert "This file is larger than 20.0" in response.content.decode().replace("\xa0", " ")


def test_six_files_at_once_are_refused_as_a_whole(base, patient_client):
    response = patient_client.post(f"{base}new/", sent(*[files.pdf()] * 6))

    assert response.status_code == 400
    assert not DocumentReference.objects.exists()


@pytest.mark.parametrize(
    "name", ["../../x.pdf", "..\\..\\x.pdf", "x\u202e.pdf", "n" * 400 + ".pdf"]
)
def test_a_name_leads_nowhere(base, patient_client, name):
    patient_client.post(f"{base}new/", sent(files.pdf(), name=name))

    row = DocumentReference.objects.get()
    assert "/" not in row.file_name
    assert storage.path_of(row.pk).name == str(row.pk)


def test_nothing_chosen_is_said_beside_the_input(base, patient_client):
    response = patient_client.post(f"{base}new/", sent())

    assert response.status_code == 422
    assert "Choose a file" in response.content.decode()


def test_a_wrong_answer_elsewhere_keeps_no_file(base, patient_client):
    response = patient_client.post(f"{base}new/", sent(files.pdf(), category="nonsense"))

    assert response.status_code == 422
    assert not DocumentReference.objects.exists()


def test_the_script_is_told_file_by_file(base, patient_client):
    headers = {"X-Upload": "1"}

    good = patient_client.post(f"{base}new/", sent(files.pdf()), headers=headers)
    bad = patient_client.post(f"{base}new/", sent(b"MZ"), headers=headers)

    assert (good.status_code, good.json()) == (200, {})
    assert bad.status_code == 422
    assert bad.json()["message"].startswith("Only PDF")


def test_a_visit_can_be_named_by_a_link_and_is_kept(patient, base, patient_client):
    visit = AppointmentFactory(patient=patient)

    form = patient_client.get(f"{base}new/?visit={visit.pk}").content.decode()
    patient_client.post(f"{base}new/", sent(files.pdf(), visit=str(visit.pk)))

    assert f'<option value="{visit.pk}" selected>' in form
    row = DocumentReference.objects.get()
    assert row.appointment_id == visit.pk
    assert "Follow-up with Dr" in patient_client.get(f"{base}{row.pk}/").content.decode()


def test_a_visit_of_somebody_else_is_refused(base, patient_client, other_patient):
    visit = AppointmentFactory(patient=other_patient)

    response = patient_client.post(f"{base}new/", sent(files.pdf(), visit=str(visit.pk)))

    assert response.status_code in (302, 422)
    assert not DocumentReference.objects.filter(appointment=visit).exists()


def test_a_file_is_given_out_as_an_attachment_that_runs_nothing(base, patient_client, kept):
    response = patient_client.get(f"{base}{kept.pk}/file/")

    with pikepdf.open(io.BytesIO(body(response))) as document:
        assert len(document.pages) == 1
    assert response["Content-Disposition"] == 'attachment; filename="letter.pdf"'
    assert response["Content-Type"] == "application/pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert response["Cache-Control"] == "no-store"
    assert AuditEvent.objects.filter(
        action="document.downloaded", object_id=kept.pk, actor=kept.uploaded_by_id
    ).exists()


def test_a_name_of_any_script_survives_the_header(patient, base, patient_client):
    patient_client.post(f"{base}new/", sent(files.heic(), name='Rönt"gen\r\nX: 1 化验.HEIC'))
    row = DocumentReference.objects.get()

    response = patient_client.get(f"{base}{row.pk}/file/")

    disposition = response["Content-Disposition"]
    assert body(response).startswith(b"\xff\xd8\xff")
    assert disposition.startswith("attachment; filename*=utf-8''")
    assert disposition.endswith(".jpg")
    assert "X" not in response.headers


def test_a_picture_has_a_small_one_in_the_page(base, patient_client):
    patient_client.post(f"{base}new/", sent(files.photo(size=(2000, 1000)), name="rash.jpg"))
    row = DocumentReference.objects.get()

    page = patient_client.get(f"{base}{row.pk}/").content.decode()
    preview = patient_client.get(f"{base}{row.pk}/preview/")

    assert f"{base}{row.pk}/preview/" in page
    assert Image.open(io.BytesIO(body(preview))).size == (360, 720)
    assert preview["Content-Type"] == "image/jpeg"
    assert preview["Content-Disposition"] == 'inline; filename="preview.jpg"'


def test_a_document_in_quarantine_says_so(patient, base, patient_client):
    row = DocumentFactory(patient=patient, status=DocumentStatus.QUARANTINED)

    listed = patient_client.get(base).content.decode()
    response = patient_client.get(f"{base}{row.pk}/file/")

    assert "Being checked" in listed
    assert response.status_code == 409
    assert "still being checked" in response.content.decode()


@pytest.mark.parametrize("harm", ["flipped", "cut", "gone"])
def test_a_damaged_file_is_an_error_page_and_not_one_byte(base, patient_client, kept, harm):
    path = storage.path_of(kept.pk)
    stored = bytearray(path.read_bytes())
    if harm == "gone":
        path.unlink()
    else:
        stored[-20] ^= 1
        path.write_bytes(bytes(stored if harm == "flipped" else stored[:-5]))

    response = patient_client.get(f"{base}{kept.pk}/file/")

    assert response.status_code == 410
    assert "This file is damaged" in response.content.decode()


def test_details_can_be_changed(base, patient_client, kept):
    response = patient_client.post(
        f"{base}{kept.pk}/edit/", {"title": "MRI", "category": "imaging", "note": "Left knee"}
    )
    refused = patient_client.post(f"{base}{kept.pk}/edit/", {"category": "x", "title": "Typed"})

    changed = DocumentReference.objects.get()
    assert response["Location"] == f"{base}{kept.pk}/"
    assert (changed.title, changed.category, changed.note) == ("MRI", "imaging", "Left knee")
    assert refused.status_code == 422
    assert "Typed" in refused.content.decode()


def test_a_category_narrows_the_list(patient, base, patient_client):
    DocumentFactory(patient=patient, title="Knee", category="imaging")
    DocumentFactory(patient=patient, title="From the hospital")

    html = patient_client.get(f"{base}?category=imaging").content.decode()
    every = patient_client.get(f"{base}?category=nonsense").content.decode()

    assert "Knee" in html
    assert "From the hospital" not in html
    assert "From the hospital" in every


def test_a_document_is_removed_after_a_question(base, patient_client, kept):
    asked = patient_client.get(f"{base}{kept.pk}/remove/").content.decode()
    patient_client.post(f"{base}{kept.pk}/remove/")

    assert "Remove this document?" in asked
    assert DocumentReference.objects.get().status == DocumentStatus.ENTERED_IN_ERROR
    assert patient_client.get(f"{base}{kept.pk}/").status_code == 404


def test_the_first_page_says_what_documents_are_for(base, patient_client):
    html = patient_client.get(base).content.decode()

    assert "No documents yet" in html
    assert f"{base}new/" in html
