"""What patients send: parsing and shape only. Whether a time can be had is the services' answer."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from clinic.lib import times
from clinic.lib.text import ParagraphField, PlainTextField
from clinic.people.choices import Specialty
from clinic.scheduling.choices import PATIENT_REASONS, CancellationReason
from clinic.scheduling.presenters.find import WHEN
from clinic.scheduling.presenters.slots import LETTERS, MODALITIES

# Epoch seconds of the years 2000 to 2199, the only ones that are stored.
EARLIEST, LATEST = 946_684_800, 7_258_118_400
REASON_LENGTH = 200
NOTES_LENGTH = 2000


class InstantField(forms.IntegerField):
    """An instant as epoch seconds, on a whole minute."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=EARLIEST, max_value=LATEST, step_size=60, **kwargs)

    def clean(self, value: Any) -> dt.datetime | None:
        # A longer number is no instant, and Python refuses to parse a very long one at all.
        if value and len(str(value)) > 12:
            raise ValidationError(_("Choose a time from the list."), code="invalid")
        moment = super().clean(value)
        return None if moment is None else times.from_seconds(moment)


class DayField(forms.DateField):
    """A calendar day within the years that are stored."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%d"], **kwargs)

    def to_python(self, value: Any) -> dt.date | None:
        date = super().to_python(value)
        if date is not None and not 2000 <= date.year < 2200:
            raise ValidationError(_("There are no visits in that year."), code="invalid")
        return date


class LetterField(forms.TypedChoiceField):
    """How to meet, as the one letter that addresses carry."""

    def __init__(self, **kwargs: Any) -> None:
        choices = [(letter, modality) for modality, letter in LETTERS.items()]
        super().__init__(choices=choices, coerce=MODALITIES.__getitem__, empty_value=None, **kwargs)


class SearchForm(forms.Form):
    """Finding a doctor. `place` is a site, "video" or "phone"."""

    q = PlainTextField(required=False, max_length=100, label=_("Doctor"))
    specialty = forms.ChoiceField(
        required=False, label=_("Specialty"), choices=[("", _("Any specialty")), *Specialty.choices]
    )
    place = forms.CharField(required=False, max_length=40, label=_("Where"))
    type = forms.UUIDField(required=False)
    when = forms.ChoiceField(required=False, label=_("When"), choices=WHEN)
    page = forms.IntegerField(required=False, min_value=1, max_value=1000)

    def clean_place(self) -> uuid.UUID | str:
        place: str = self.cleaned_data["place"]
        if place in ("", "video", "phone"):
            return place
        try:
            return uuid.UUID(place)
        except ValueError:
            raise ValidationError(_("Choose a place from the list."), code="invalid") from None


class SlotQueryForm(forms.Form):
    """Which times of a doctor are looked at; everything may be left out."""

    type = forms.UUIDField(required=False)
    how = LetterField(required=False)
    day = DayField(required=False)
    since = DayField(required=False)


class SlotForm(forms.Form):
    """A chosen time. What else it takes (end, place, price) is never asked of a form (C2)."""

    start = InstantField()
    type = forms.UUIDField()
    how = LetterField()


class MoveForm(forms.Form):
    start = InstantField()
    version = forms.IntegerField(required=False, min_value=1, max_value=1_000_000)


class BookingForm(forms.Form):
    """What the patient writes about the visit, and the time it is for.

    `whose` is the patient for whom the page was rendered: a carer may act for another by now.
    """

    practitioner = forms.UUIDField(widget=forms.HiddenInput)
    whose = forms.UUIDField(widget=forms.HiddenInput, required=False)
    type = forms.UUIDField(widget=forms.HiddenInput)
    how = LetterField(widget=forms.HiddenInput)
    start = InstantField(widget=forms.HiddenInput)
    key = forms.UUIDField(widget=forms.HiddenInput)
    choose = InstantField(required=False, widget=forms.HiddenInput)
    reason = PlainTextField(
        max_length=REASON_LENGTH,
        label=_("What is the visit about?"),
        help_text=_("A few words. Only the doctor reads them."),
        error_messages={"required": _("Write in a few words what the visit is about.")},
    )
    notes = ParagraphField(
        required=False,
        max_length=NOTES_LENGTH,
        label=_("Anything the doctor should know before?"),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class CancelForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("Why can you not come?"),
        choices=[(reason.value, reason.label) for reason in PATIENT_REASONS],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the reason that fits best.")},
    )

    def clean_reason(self) -> CancellationReason:
        return CancellationReason(self.cleaned_data["reason"])


class LateForm(forms.Form):
    minutes = forms.TypedChoiceField(
        choices=[(minutes, minutes) for minutes in (5, 10, 15, 20, 30)], coerce=int
    )
