"""The scanner's answer counts only when it is clear (attack 82)."""

from __future__ import annotations

import pytest

from clinic.records.uploads.clamd import ScannerUnavailable, is_clean
from tests.factories.clamd import EICAR, FakeClamd


@pytest.fixture
def clamd():
    with FakeClamd() as daemon:
        yield daemon


def test_a_clean_file_is_clean(clamd):
    assert is_clean(url=clamd.url, chunks=[b"a" * 70_000, b"letter"])

    assert clamd.received == [b"a" * 70_000 + b"letter"]


@pytest.mark.parametrize("chunks", [[EICAR], [EICAR[:20], EICAR[20:]]])
def test_a_virus_is_found_in_one_piece_or_two(clamd, chunks):
    assert not is_clean(url=clamd.url, chunks=chunks)


@pytest.mark.parametrize(
    "answer",
    [b"INSTREAM size limit exceeded. ERROR\0", b"", b"OK\0", b"stream: OK but\0", b"stream: \0"],
)
def test_an_unclear_answer_is_none(clamd, answer):
    clamd.answer = answer

    with pytest.raises(ScannerUnavailable):
        is_clean(url=clamd.url, chunks=[b"letter"])


def test_a_daemon_that_is_not_there_is_no_answer(clamd):
    url = clamd.url
    clamd.close()

    with pytest.raises(ScannerUnavailable):
        is_clean(url=url, chunks=[b"letter"])


def test_a_socket_file_works_too(tmp_path):
    with FakeClamd(path=tmp_path / "clamd.ctl") as daemon:
        assert is_clean(url=daemon.url, chunks=[b"letter"])
