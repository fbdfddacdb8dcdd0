"""What an administrator may ask the trail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from clinic.audit.selectors import Question
from clinic.lib import times
from clinic.lib.text import PlainTextField
from clinic.people.viewer import Viewer
from clinic.portal import trail
from clinic.portal.trail_words import SENTENCES, THINGS, words_for

DAYS = [MinValueValidator(dt.date(2000, 1, 1)), MaxValueValidator(dt.date(2199, 12, 31))]
NOBODY = _("Nobody found. Check the spelling, or type less of the name.")


def _day(label: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget, validators=DAYS)


class TrailForm(forms.Form):
    """Search by who, about whom, what and when. Days are those of the reader's time zone."""

    who = PlainTextField(label=_("Who"), required=False, max_length=100)
    patient = PlainTextField(label=_("Patient"), required=False, max_length=100)
    action = PlainTextField(label=_("What"), required=False, max_length=60)
    since = _day(_("From"))
    until = _day(_("To"))

    def __init__(self, data: Any, *, by: Viewer, zone: str) -> None:
        super().__init__(data)
        self.by, self.zone = by, zone
        self.fields["who"].widget.attrs["placeholder"] = _("Name or e-mail address")
        self.fields["patient"].widget.attrs["placeholder"] = _("Name or record number")
        self.fields["action"].widget = forms.Select(choices=_actions(self.data.get("action", "")))

    def clean_who(self) -> Any:
        return self._found(trail.accounts_named, "who")

    def clean_patient(self) -> Any:
        return self._found(trail.patients_named, "patient")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", _("This day is before the first one."))
        return cleaned

    def question(self) -> Question:
        """Return what was asked; the form must be valid."""
        asked = self.cleaned_data
        return Question(
            actors=asked["who"],
            patients=asked["patient"],
            action=asked["action"] or None,
            since=self._midnight(asked["since"]),
            before=self._midnight(asked["until"], dt.timedelta(days=1)),
        )

    def _found(self, search: Any, name: str) -> Any:
        text = self.cleaned_data[name]
        if not text:
            return None
        found = search(text=text, by=self.by)
        if not found:
            raise forms.ValidationError(NOBODY)
        return found

    def _midnight(self, day: dt.date | None, later: dt.timedelta = dt.timedelta(0)) -> Any:
        return None if day is None else times.day_bounds(day + later, self.zone)[0]


def _actions(chosen: str) -> list[tuple[Any, Any]]:
    """Return kinds of actions and single ones, and the chosen one even if it has no words."""
    kinds = _sorted({f"{thing}.": words for thing, words in THINGS.items()})
    single = _sorted(SENTENCES)
    known = {code for code, _words in (*kinds, *single)}
    extra = [(chosen, words_for(chosen))] if chosen and chosen not in known else []
    return [("", _("Anything")), *extra, (_("All about"), kinds), (_("Only"), single)]


def _sorted(words: Mapping[str, Any]) -> list[tuple[str, str]]:
    return sorted(((code, str(text)) for code, text in words.items()), key=itemgetter(1))
