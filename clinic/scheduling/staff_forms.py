"""Forms of the staff's side: booking for a caller, hours, absences, closures. Shapes only."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.lib import times
from clinic.lib.text import ParagraphField, PlainTextField
from clinic.scheduling.choices import Modality, WindowKind
from clinic.scheduling.models import Offering, Site
from clinic.scheduling.services.schedule import WeeklyWindow

# A year less at each end than is stored: there is still a day before and after, in every zone.
YEARS = (2001, 2198)


class PlausibleDateField(forms.DateField):
    """A date of the years that are stored; says so beside the field otherwise."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        date = super().clean(value)
        if isinstance(date, dt.date) and not YEARS[0] <= date.year <= YEARS[1]:
            raise forms.ValidationError(_("Check the year."))
        return date


def time_field(**kwargs: Any) -> forms.TimeField:
    widget = forms.TimeInput(attrs={"type": "time", "step": 300}, format="%H:%M")
    return forms.TimeField(widget=widget, **kwargs)


class BookForCallerForm(forms.Form):
    """A visit the desk books while somebody is on the phone."""

    patient = forms.UUIDField(widget=forms.HiddenInput)
    idempotency_key = forms.UUIDField(widget=forms.HiddenInput)
    visit_type = forms.ChoiceField(label=_("Kind of visit"))
    modality = forms.ChoiceField(label=_("How"), choices=Modality)
    date = PlausibleDateField(label=_("Day"))
    time = time_field(label=_("Time"))
    notes = ParagraphField(
        label=_("Note for the doctor"),
        required=False,
        max_length=2000,
        help_text=_("Only the doctor reads it."),
    )

    def __init__(self, *args: Any, offerings: Sequence[Offering], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["visit_type"].choices = [  # type: ignore[attr-defined]
            (str(offering.visit_type_id), offering.visit_type.name) for offering in offerings
        ]

    def clean_visit_type(self) -> uuid.UUID:
        return uuid.UUID(self.cleaned_data["visit_type"])


def _turned_round(starts: dt.time | None, ends: dt.time | None) -> bool:
    return starts is not None and ends is not None and ends <= starts


class AbsenceForm(forms.Form):
    """Time away: whole days, or hours of one or several days, in the site's zone."""

    first_date = PlausibleDateField(label=_("From"))
    starts = time_field(label=_("At"), required=False)
    last_date = PlausibleDateField(label=_("Until"), required=False)
    ends = time_field(label=_("At"), required=False)
    public_reason = PlainTextField(
        label=_("What patients read"),
        required=False,
        max_length=120,
        help_text=_("For example: on leave. Leave it empty to say nothing."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first = cleaned.get("first_date")
        last = cleaned.get("last_date") or first
        cleaned["last_date"] = last
        if first and last and last < first:
            self.add_error("last_date", _("The last day comes before the first."))
        elif first and last == first and _turned_round(cleaned.get("starts"), cleaned.get("ends")):
            self.add_error("ends", _("The end comes before the beginning."))
        return cleaned

    def span(self, zone: str) -> tuple[dt.datetime, dt.datetime] | None:
        """Return the instants `[start, end)`: whole local days where no time was given (T2).

        None, with an error at the field, where nothing lies between them: an end at midnight of the
        first day, or an hour that the change of clocks leaves out.
        """
        answers = self.cleaned_data
        starts_at = times.day_bounds(answers["first_date"], zone)[0]
        ends_at = times.day_bounds(answers["last_date"], zone)[1]
        if answers.get("starts"):
            starts_at = times.to_instant(answers["first_date"], answers["starts"], zone)
        if answers.get("ends"):
            ends_at = times.to_instant(answers["last_date"], answers["ends"], zone)
        if ends_at <= starts_at:
            self.add_error("ends", _("The end comes before the beginning."))
            return None
        return starts_at, ends_at


class DateForm(forms.Form):
    """One date with its own hours: instead of the weekly ones, in addition, or none at all."""

    date = PlausibleDateField(label=_("Day"))
    kind = forms.ChoiceField(label=_("These hours stand"), choices=WindowKind)
    site = forms.ChoiceField(label=_("Site"))
    starts = time_field(label=_("From"), required=False)
    ends = time_field(
        label=_("Until"), required=False, help_text=_("Leave both empty to work not at all.")
    )

    def __init__(self, *args: Any, sites: Sequence[Site], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].choices = [  # type: ignore[attr-defined]
            (str(site.pk), site.name) for site in sites
        ]

    def clean_site(self) -> uuid.UUID:
        return uuid.UUID(self.cleaned_data["site"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        starts, ends = cleaned.get("starts"), cleaned.get("ends")
        if bool(starts is None) != bool(ends is None):
            self.add_error("ends", _("Give both times, or none."))
        elif starts is None and cleaned.get("kind") == WindowKind.EXTRA:
            self.add_error("starts", _("Say when the extra hours are."))
        elif starts is not None and starts == ends:
            self.add_error("ends", _("It ends when it begins."))
        return cleaned

    def windows(self) -> list[WeeklyWindow]:
        """Return the window of that date, none for a closed day."""
        answers = self.cleaned_data
        if answers["starts"] is None:
            return []
        return [
            WeeklyWindow(
                weekday=answers["date"].isoweekday(),
                starts=answers["starts"],
                ends=answers["ends"],
                site_id=answers["site"],
            )
        ]


class ClosureForm(AbsenceForm):
    """Time a whole site is closed."""

    site = forms.ModelChoiceField(label=_("Site"), queryset=Site.objects.none())
    public_reason = PlainTextField(
        label=_("What patients read"),
        max_length=120,
        help_text=_("It stands instead of the free times: for example public holiday."),
    )
    field_order = ("site", "first_date", "starts", "last_date", "ends", "public_reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sites = Site.objects.filter(active=True).order_by("name")
        self.fields["site"].queryset = sites  # type: ignore[attr-defined]
