"""What was built to exhaust a parser ends as a refusal."""

from __future__ import annotations

import subprocess

import pikepdf
import pytest

from clinic.records.uploads import checking, pdf
from clinic.records.uploads.child import HEAD_LENGTH
from clinic.records.uploads.refusals import UploadRefused
from tests.factories import files


def refusal(ask, **arguments):
    with pytest.raises(UploadRefused) as refused:
        ask(**arguments)
    return refused.value.refusal


def test_dictionaries_inside_of_each_other_end_somewhere():
    nested = pikepdf.Dictionary(End=1)
    for _n in range(pdf.DEEPEST + 5):
        nested = pikepdf.Dictionary(In=nested)
    with pikepdf.new() as document:
        document.add_blank_page()
        document.Root.Deep = nested
        content = files.saved(document)

    assert refusal(pdf.rewritten, content=content, most_pages=9) == "too-costly"


def test_objects_without_end_end_somewhere(monkeypatch):
    monkeypatch.setattr(pdf, "MOST_OBJECTS", 20)

    assert refusal(pdf.rewritten, content=files.pdf(pages=30), most_pages=99) == "too-costly"


@pytest.fixture
def answers(monkeypatch):
    """Let the child answer what the test says."""

    def answering(*, code=0, out=b""):
        done = subprocess.CompletedProcess([], code, stdout=out, stderr=b"")
        monkeypatch.setattr(checking.subprocess, "run", lambda *a, **k: done)

    return answering


def test_a_child_that_was_killed_is_a_refusal(answers):
    answers(code=-9)

    assert refusal(checking.checked, content=files.pdf()) == "too-costly"


def test_what_grows_when_it_is_written_anew_is_refused(answers, settings):
    settings.RECORD_LIMITS = settings.RECORD_LIMITS | {"DOCUMENT_BYTES": 1000}
    head = b'{"type": "application/pdf", "pages": 1, "lengths": [2001, 0]}'
    answers(out=HEAD_LENGTH.pack(len(head)) + head + b"x" * 2001)

    assert refusal(checking.checked, content=files.pdf()) == "too-costly"
