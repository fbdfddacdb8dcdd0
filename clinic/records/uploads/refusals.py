"""Why a file is not kept. Codes only: the words stand in the form. Imported by the child process,
so nothing of the product may be imported here.
"""

from __future__ import annotations

from enum import StrEnum


class Refusal(StrEnum):
    EMPTY = "empty"
    TOO_LARGE = "too-large"
    TOGETHER_TOO_LARGE = "together-too-large"
    TOO_MANY = "too-many"
    QUOTA = "quota"
    TYPE = "type"
    BROKEN = "broken"
    PASSWORD = "password"  # noqa: S105
    ACTIVE = "active"
    PAGES = "pages"
    PIXELS = "pixels"
    TOO_COSTLY = "too-costly"
    VIRUS = "virus"


class UploadRefused(Exception):
    """A file that is not kept, and why."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(refusal)
