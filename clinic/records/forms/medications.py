"""Forms of the medicines: what is taken, a prescription, a stop, a new pack."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.lib.text import ParagraphField, PlainTextField
from clinic.records.choices import DatePrecision
from clinic.records.dates import PartialDate
from clinic.records.dosage import Dosage, Supply
from clinic.records.forms.dates import PartialDateField, set_today
from clinic.records.forms.dosage import AmountField, DosageForm
from clinic.records.models import MedicationStatement
from clinic.records.services.medications import MedicationEntry
from clinic.terminology.choices import Kind
from clinic.terminology.coded import Coded
from clinic.terminology.fields import ConceptField

WHAT_HELP = _(
    "As it says on the pack. Choosing a suggestion adds the code; your own words are fine."
)


class MedicationForm(DosageForm):
    """A medicine that is taken: what, how, why, since when."""

    what = ConceptField(kind=Kind.MEDICINE, label=_("Medicine"), help_text=WHAT_HELP)
    reason = PlainTextField(label=_("What it is for"), required=False, max_length=200)
    since = PartialDateField(label=_("Since when"), required=False)
    prescriber_text = PlainTextField(label=_("Who prescribed it"), required=False, max_length=200)
    note = ParagraphField(
        label=_("Remark"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        today: dt.date,
        on_file: MedicationStatement | None = None,
        **kwargs: Any,
    ) -> None:
        dosage = Dosage.from_json(on_file.dosage) if on_file else None
        super().__init__(*args, dosage=dosage, **kwargs)
        self.on_file = on_file
        if on_file is not None:
            self.initial.update(_shown(on_file))
        set_today(self, today)

    def entry(self) -> MedicationEntry:
        """Return what was answered."""
        data, since = self.cleaned_data, self.cleaned_data["since"]
        return MedicationEntry(
            coded=self.coded(),
            dosage=self.dosage(),
            reason=data["reason"],
            starts_on=since.date if since else None,
            starts_precision=since.precision if since else DatePrecision.DAY,
            prescriber_text=data["prescriber_text"],
            supply=Supply.from_json(self.on_file.supply) if self.on_file else Supply(),
            note=data["note"],
        )

    def coded(self) -> Coded:
        """Return the medicine. Unchanged words keep the code on file, also a foreign one."""
        found = self.cleaned_data["what"]
        if self.on_file is not None and found.text == self.on_file.label:
            return self.on_file.coded
        return Coded(found.text, found.system, found.code)


class PrescriptionForm(DosageForm):
    """A prescription. `in_spite` is asked once something severe speaks against it."""

    what = ConceptField(kind=Kind.MEDICINE, label=_("Medicine"), help_text=WHAT_HELP)
    reason = PlainTextField(label=_("What it is for"), required=False, max_length=200)
    quantity = AmountField(
        label=_("How much is handed out"), required=False, help_text=_("For example 30 tablets: 30")
    )
    refills = forms.IntegerField(label=_("Refills"), initial=0, min_value=0, max_value=12)
    note = ParagraphField(
        label=_("Note to the pharmacy"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    in_spite = ParagraphField(
        label=_("Why it is right all the same"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, on_file: MedicationStatement | None = None, **kwargs: Any
    ) -> None:
        dosage = Dosage.from_json(on_file.dosage) if on_file else None
        super().__init__(*args, dosage=dosage, **kwargs)
        self.fields["amount"].required = True
        self.on_file = on_file
        if on_file is not None:
            supply = Supply.from_json(on_file.supply)
            self.initial.update(
                what=on_file.coded,
                reason=on_file.reason,
                quantity=supply.quantity,
                version=on_file.version,
            )

    def coded(self) -> Coded:
        found = self.cleaned_data["what"]
        if self.on_file is not None and found.text == self.on_file.label:
            return self.on_file.coded
        return Coded(found.text, found.system, found.code)

    def supply(self) -> Supply:
        return Supply(self.cleaned_data["quantity"], None, self.cleaned_data["refills"])


class EndForm(forms.Form):
    """Stop or pause: why, and for a stop since when."""

    reason = PlainTextField(label=_("Why"), required=False, max_length=300)
    ends_on = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Today, unless you say otherwise."),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, today: dt.date, asks_day: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        if not asks_day:
            del self.fields["ends_on"]

    def clean_ends_on(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data["ends_on"]
        if day and day > self.today:
            raise forms.ValidationError(_("This day is yet to come. Check the date."))
        if day and day.year < 1900:
            raise forms.ValidationError(_("This is too long ago. Check the year."))
        return day


class FilledForm(forms.Form):
    """A new pack: how much is in it, and since when."""

    quantity = AmountField(label=_("How much is in it"))
    filled_on = forms.DateField(
        label=_("Begun on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = self.initial["filled_on"] = today

    def clean_filled_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["filled_on"]
        if not self.today - dt.timedelta(days=366) <= day <= self.today:
            raise forms.ValidationError(_("Choose a day of the last year, up to today."))
        return day


class RenewForm(forms.Form):
    """How often a prescription may be filled again."""

    refills = forms.IntegerField(label=_("Refills"), initial=0, min_value=0, max_value=12)


class CancelForm(forms.Form):
    """Why a prescription is taken back."""

    reason = PlainTextField(label=_("Why"), max_length=300)


def _shown(row: MedicationStatement) -> dict[str, Any]:
    since = None
    if row.starts_on:
        since = PartialDate(row.starts_on, DatePrecision(row.starts_precision))
    return {
        "what": row.coded,
        "reason": row.reason,
        "since": since,
        "prescriber_text": row.prescriber_text,
        "note": row.note,
        "version": row.version,
    }
