"""Forms of documents: the files and what is said about them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clinic.lib.text import ParagraphField, PlainTextField
from clinic.records.choices import DocumentCategory
from clinic.records.services.documents import About
from clinic.records.uploads.refusals import Refusal

ACCEPT = "application/pdf,image/jpeg,image/png,image/heic,image/heif,.pdf,.jpg,.jpeg,.png,.heic"

REFUSALS: Mapping[str, Promise] = {
    Refusal.EMPTY: _("This file is empty. Choose another one."),
    Refusal.TOO_LARGE: _(
        "This file is larger than %(most)s. Make a smaller scan or split it and try again."
    ),
    Refusal.TOGETHER_TOO_LARGE: _(
        "Together these files are too large for one go. Send this one by itself."
    ),
    Refusal.QUOTA: _("There is no room left for it: %(together)s is the most for one record."),
    Refusal.TYPE: _("Only PDF, JPEG, PNG and HEIC files can be kept. This one is something else."),
    Refusal.BROKEN: _("This file cannot be opened. It may be damaged: save it again and retry."),
    Refusal.PASSWORD: _(
        "This PDF is locked with a password. Save a copy without one and send that."
    ),
    Refusal.ACTIVE: _(
        "This PDF holds scripts, forms or attachments, which can do harm."
        " Print it into a new PDF and send that."
    ),
    Refusal.PAGES: _("This PDF has more than %(pages)s pages. Split it and send the parts."),
    Refusal.PIXELS: _("This picture has too many pixels. Make it smaller and try again."),
    Refusal.TOO_COSTLY: _("This file takes too long to check, so it cannot be kept."),
    Refusal.VIRUS: _("The virus scanner found something in this file. It was not kept."),
}


def refusal_text(*, refusal: str, limits: Mapping[str, int]) -> str:
    """Return the sentence for a refusal."""
    return str(REFUSALS[refusal]) % {
        "most": filesizeformat(limits["DOCUMENT_BYTES"]),
        "together": filesizeformat(limits["DOCUMENTS_BYTES"]),
        "pages": limits["DOCUMENT_PAGES"],
    }


class FilesInput(forms.FileInput):
    """A file input for several files; a telephone offers its camera."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[UploadedFile]:
        return files.getlist(name) if hasattr(files, "getlist") else []


class FilesField(forms.Field):
    """One file or several, as they were sent: what they are is found out later."""

    widget = FilesInput
    default_error_messages = {  # noqa: RUF012
        "required": _("Choose a file, or take a picture of the page."),
    }

    def __init__(self, **options: Any) -> None:
        attrs = {"accept": ACCEPT, "multiple": True}
        super().__init__(widget=FilesInput(attrs=attrs), **options)


class AboutForm(forms.Form):
    """What is said about a document."""

    title = PlainTextField(
        label=_("Title"),
        required=False,
        max_length=120,
        help_text=_("Without one, the file’s name is used."),
    )
    category = forms.ChoiceField(
        label=_("What is it?"), choices=DocumentCategory.choices, initial=DocumentCategory.OTHER
    )
    visit = forms.ChoiceField(label=_("Belongs to a visit"), required=False)
    note = ParagraphField(
        label=_("Remark"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, visits: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["visit"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("No visit")), *visits]
        if not visits:
            del self.fields["visit"]

    def about(self, *, title: str = "") -> About:
        """Return what is said; `title` stands in where none was typed."""
        data = self.cleaned_data
        visit = data.get("visit")
        return About(
            title=data["title"] or title,
            category=DocumentCategory(data["category"]),
            note=data["note"],
            appointment_id=uuid.UUID(visit) if visit else None,
        )


class UploadForm(AboutForm):
    """New documents: the same is said about all of them."""

    file = FilesField(label=_("Files"))
    field_order = ("file", "category", "title", "visit", "note")

    def add_refusals(self, texts: Sequence[str]) -> None:
        """Say beside the file input what was not kept."""
        self.add_error("file", [ValidationError(text) for text in texts])
