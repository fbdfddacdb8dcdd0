"""What the forms of the history have in common."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.lib.text import ParagraphField
from clinic.records.choices import HistorySection
from clinic.records.dates import PartialDate
from clinic.records.forms.dates import set_today
from clinic.records.models.base import CodedEntry
from clinic.records.services.history_entries import HistoryEntry
from clinic.terminology.coded import Coded

NOT_SAID = ("", _("I do not know"))


def note_field(**options: Any) -> ParagraphField:
    options = {
        "label": _("Anything else"),
        "required": False,
        "max_length": 2000,
        "widget": forms.Textarea(attrs={"rows": 3}),
        **options,
    }
    return ParagraphField(**options)


def choice(
    label: Any, choices: Any, *, unsaid: Any = NOT_SAID, **options: Any
) -> forms.ChoiceField:
    """Return a list to choose from that may be left open."""
    options = {"required": False, **options}
    return forms.ChoiceField(label=label, choices=[unsaid, *choices], **options)


class EntryForm(forms.Form):
    """What all of them ask. `by_doctor` shows what only a doctor is asked."""

    section: ClassVar[HistorySection]
    only_doctor: ClassVar[tuple[str, ...]] = ()

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        today: dt.date,
        by_doctor: bool,
        on_file: CodedEntry | None = None,
    ) -> None:
        super().__init__(data, initial=self.initial_of(on_file) if on_file is not None else {})
        self.on_file, self.by_doctor = on_file, by_doctor
        set_today(self, today)
        if not by_doctor:
            for name in self.only_doctor:
                del self.fields[name]

    @classmethod
    def initial_of(cls, row: CodedEntry) -> dict[str, Any]:
        """Return what a form shows of an entry that is on file."""
        return {"what": row.coded, "note": row.note, "version": row.version}

    def entry(self) -> HistoryEntry:
        raise NotImplementedError

    def coded(self) -> Coded:
        """Return what it is; unchanged words keep the code on file, of whatever system."""
        found = self.cleaned_data["what"]
        if self.on_file is not None and found.text == self.on_file.label:
            return self.on_file.coded
        return Coded(found.text, found.system, found.code)

    def said(self, name: str) -> Any:
        return self.cleaned_data.get(name, "")


def date_of(row: CodedEntry, name: str) -> PartialDate | None:
    """Return a date of an entry as its field shows it."""
    date = getattr(row, f"{name}_date")
    return PartialDate(date, getattr(row, f"{name}_precision")) if date else None
