"""Receive files in memory, and only where a view asks for them.

Django's own handlers write what is larger than 2.5 MB to a temporary file, in clear. Here a file
never reaches a disk: what exceeds the limit is counted and dropped, so that the form can say so.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile

View = TypeVar("View", bound=Callable[..., Any])


def takes_files(view: View) -> View:
    """Let a view receive files; everywhere else they are dropped as they arrive."""
    view.takes_files = True  # type: ignore[attr-defined]
    return view


class MemoryOnlyHandler(FileUploadHandler):
    """Keeps a file in memory as far as the limits go. `UploadedFile.size` is what was sent.

    A file that was cut has `was_cut`: larger than one file may be ("file"), or no room left in this
    request ("request").
    """

    chunk_size = 64 * 1024

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._kept_of_request = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        match = getattr(self.request, "resolver_match", None)
        if match is None or not getattr(match.func, "takes_files", False):
            raise SkipFile
        self._kept: io.BytesIO | None = io.BytesIO()
        self._was_cut = ""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self._kept is None:
            return
        limits = settings.RECORD_LIMITS
        if start + len(raw_data) > limits["DOCUMENT_BYTES"]:
            self._drop("file")
        elif self._kept_of_request + len(raw_data) > limits["UPLOAD_BYTES"]:
            self._drop("request")
        else:
            self._kept_of_request += len(raw_data)
            self._kept.write(raw_data)

    def _drop(self, why: str) -> None:
        assert self._kept is not None
        self._kept_of_request -= self._kept.tell()
        self._kept, self._was_cut = None, why

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        content = self._kept or io.BytesIO()
        content.seek(0)
        sent = InMemoryUploadedFile(
            file=content,
            field_name=self.field_name,
            name=self.file_name or "",
            content_type=self.content_type,
            size=file_size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )
        sent.was_cut = self._was_cut  # type: ignore[attr-defined]
        return sent
