"""One form for how somebody lives: every topic at once, filled with what was said last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.lib.text import PlainTextField
from clinic.records.choices import LifestyleTopic, TobaccoStatus
from clinic.records.models import Observation
from clinic.records.presenters.lifestyle import answer_text
from clinic.records.services.history_entries import SNOMED, LifestyleEntry
from clinic.terminology.coded import Coded


def words_field(label: Any, hint: Any) -> PlainTextField:
    return PlainTextField(label=label, required=False, max_length=200, help_text=hint)


class LifestyleForm(forms.Form):
    """An answer left empty stays unsaid; a changed one is added, and the former one is kept."""

    tobacco = forms.ChoiceField(
        label=_("Tobacco"),
        required=False,
        choices=[("", _("I would rather not say")), *TobaccoStatus.choices],
        widget=forms.RadioSelect,
    )
    tobacco_note = words_field(
        _("How much, since when or until when"), _("For example: 10 a day from 1998 to 2015")
    )
    alcohol = words_field(_("Alcohol"), _("For example: none, or two glasses of wine a week"))
    activity = words_field(_("Exercise"), _("For example: cycling to work, 30 minutes a day"))
    occupation = words_field(_("Work"), _("What you do, and what you did most of your life"))
    diet = words_field(_("Food and diet"), _("For example: vegetarian, low in salt"))

    TOPICS = {
        "alcohol": LifestyleTopic.ALCOHOL,
        "activity": LifestyleTopic.ACTIVITY,
        "occupation": LifestyleTopic.OCCUPATION,
        "diet": LifestyleTopic.DIET,
    }

    def __init__(self, data: Any = None, *, on_file: Sequence[Observation]) -> None:
        super().__init__(data, initial=self.initial_of(on_file))

    @classmethod
    def initial_of(cls, on_file: Sequence[Observation]) -> dict[str, Any]:
        """Return the last answers by field."""
        last = {row.coded.code: row for row in on_file}
        initial = {
            name: answer_text(last[topic]) for name, topic in cls.TOPICS.items() if topic in last
        }
        if (smokes := last.get(LifestyleTopic.TOBACCO)) is not None:
            initial["tobacco"] = (smokes.value.get("coded") or {}).get("code", "")
            initial["tobacco_note"] = smokes.note
        return initial

    def entries(self) -> list[LifestyleEntry]:
        """Return the answers that were changed."""
        changed = set(self.changed_data)
        said = self.cleaned_data
        entries = [
            LifestyleEntry.about(topic=topic, answer=Coded(said[name]))
            for name, topic in self.TOPICS.items()
            if name in changed and said[name]
        ]
        if said["tobacco"] and changed & {"tobacco", "tobacco_note"}:
            status = TobaccoStatus(said["tobacco"])
            answer = Coded(str(status.label), SNOMED, status.value)
            note = said["tobacco_note"]
            entries.insert(
                0, LifestyleEntry.about(topic=LifestyleTopic.TOBACCO, answer=answer, note=note)
            )
        return entries
