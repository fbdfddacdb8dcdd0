"""Runs the typesetter: a layout of this package and values go in, the bytes of a PDF come out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
FONTS = HERE / "fonts"
# PDF/UA-1: tagged, with a title, a language and a reading order that a screen reader can follow.
ACCESSIBLE = "ua-1"
NAME = re.compile(r"[a-z][a-z_]*")


class PdfFailed(Exception):
    """The document could not be set; the reason names no content."""


def render(template_name: str, data: Mapping[str, Any]) -> bytes:
    """Return the PDF of `templates/<template_name>.typ` with these values (JSON types only).

    Fonts without a letter of somebody's name would break the accessibility standard; the document
    is then made without it rather than not at all. Raises PdfFailed.
    """
    values = {"data": json.dumps(data, ensure_ascii=False)}
    for standards in ([ACCESSIBLE], []):
        try:
            return _compile(template_name, values, standards)
        except RuntimeError as error:
            failure = error
    # The message of the typesetter may quote what it was given.
    raise PdfFailed(f"{template_name}: {type(failure).__name__}") from None


def _compile(template_name: str, values: dict[str, str], standards: list[Any]) -> bytes:
    if not NAME.fullmatch(template_name):
        raise PdfFailed("no such layout")
    made = typst.compile(
        str(TEMPLATES / f"{template_name}.typ"),
        root=str(TEMPLATES),
        font_paths=_fonts(),
        format="pdf",
        sys_inputs=values,
        pdf_standards=standards,
    )
    assert isinstance(made, bytes)
    return made


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """Return our own faces, then what the machine has for scripts that they lack."""
    return typst.Fonts(
        include_system_fonts=True, include_embedded_fonts=True, font_paths=[str(FONTS)]
    )
