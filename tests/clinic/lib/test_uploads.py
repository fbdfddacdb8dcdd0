"""Files stay in memory, and only where a view asks for them."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from django.test import RequestFactory

from clinic.lib.uploads import takes_files


@takes_files
def _view(request):
    """A view that receives files."""


def received(files, view=_view):
    request: HttpRequest = RequestFactory().post("/", {"file": files})
    request.resolver_match = type("Match", (), {"func": view})
    return request.FILES.getlist("file")


def sent(size):
    return SimpleUploadedFile("scan.pdf", b"x" * size)


@pytest.fixture(autouse=True)
def limits(settings):
    settings.RECORD_LIMITS = {"DOCUMENT_BYTES": 200_000, "UPLOAD_BYTES": 300_000}


def test_a_file_is_kept_in_memory():
    [file] = received([sent(150_000)])

    assert file.read() == b"x" * 150_000
    assert not hasattr(file, "temporary_file_path")
    assert file.was_cut == ""


def test_a_file_beyond_the_limit_is_counted_and_dropped():
    [large, small] = received([sent(500_000), sent(100)])

    assert (large.size, large.was_cut, large.read()) == (500_000, "file", b"")
    assert (small.size, small.was_cut) == (100, "")


def test_files_together_beyond_the_limit_are_dropped_from_there_on():
    first, second, third = received([sent(190_000), sent(190_000), sent(90_000)])

    assert [file.was_cut for file in (first, second, third)] == ["", "request", ""]


def test_a_view_that_takes_no_files_gets_none():
    assert received([sent(100)], view=lambda request: None) == []


def test_an_empty_file_is_a_file():
    [file] = received([sent(0)])

    assert (file.size, file.was_cut) == (0, "")
