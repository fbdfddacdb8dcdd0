"""Forms of visit notes. Shapes only."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from clinic.lib.text import JOINERS, LINE_CHARACTERS, ParagraphField, PlainTextField
from clinic.records.choices import Release
from clinic.records.note_templates import TEMPLATES
from clinic.records.rules.notes import TEXTS, Choice
from clinic.scheduling.models import VisitType

LONGEST = 20_000
FOLLOW_UP_WEEKS = (1, 2, 4, 6, 8, 12, 26, 52)


class NoteTextField(ParagraphField):
    """A section of a note. Hidden characters, which come along with pasted text, are left out: a
    save that nobody pressed must not be refused for what nobody sees.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "strip": False, "max_length": LONGEST, **kwargs})

    def to_python(self, value: Any) -> Any:
        return super().to_python(_visible(str(value))) if value else ""


def _visible(text: str) -> str:
    kept = JOINERS | LINE_CHARACTERS
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        one for one in lines if one in kept or unicodedata.category(one) not in ("Cc", "Cf", "Cs")
    )


class NoteForm(forms.Form):
    """The whole note, as one tab holds it."""

    subjective = NoteTextField(label=_("Subjective"))
    objective = NoteTextField(label=_("Objective"))
    assessment = NoteTextField(label=_("Assessment"))
    plan = NoteTextField(label=_("Plan"))
    instructions = NoteTextField(label=_("For the patient"))
    template = forms.ChoiceField(
        label=_("Template"), choices=[(one.slug, one.name) for one in TEMPLATES]
    )
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
    tab = forms.UUIDField(widget=forms.HiddenInput)

    def texts(self) -> Mapping[str, str]:
        """Return the texts by section."""
        return {name: self.cleaned_data[name] for name in TEXTS}


def _choice() -> forms.ChoiceField:
    return forms.ChoiceField(choices=[(one, one) for one in Choice], required=False)


class CompareForm(forms.Form):
    """What to keep of each section that two tabs have written; without an answer, both."""

    revision = forms.UUIDField(widget=forms.HiddenInput)
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
    subjective = _choice()
    objective = _choice()
    assessment = _choice()
    plan = _choice()
    instructions = _choice()

    def choices(self) -> Mapping[str, str]:
        """Return the decision by section, as far as there is one."""
        chosen = {name: self.cleaned_data.get(name, "") for name in TEXTS}
        return {name: choice for name, choice in chosen.items() if choice}


class SignForm(forms.Form):
    """Signing: at which version, and when the patient may read it."""

    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
    release = forms.ChoiceField(
        label=_("The patient reads it"),
        choices=[
            (Release.AT_ONCE, _("At once")),
            (Release.AFTER_REVIEW, _("Later, when you release it")),
        ],
        widget=forms.RadioSelect,
        initial=Release.AT_ONCE,
    )
    finish = forms.BooleanField(label=_("The visit is over"), required=False, initial=True)


class AddendumForm(forms.Form):
    """An addition to a signed note; `revision` names the kept text that it takes over."""

    text = NoteTextField(label=_("Addition"), required=True)
    revision = forms.UUIDField(required=False, widget=forms.HiddenInput)


class FollowUpForm(forms.Form):
    """What the patient is to book."""

    visit_type = forms.TypedChoiceField(label=_("Kind of visit"), coerce=uuid.UUID)
    weeks = forms.TypedChoiceField(
        label=_("When"),
        coerce=int,
        initial=4,
    )
    note = PlainTextField(label=_("A word to the patient"), required=False, max_length=200)

    def __init__(self, *args: Any, visit_types: Sequence[VisitType], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds: Any = self.fields["visit_type"]
        kinds.choices = [(str(one.pk), one.name) for one in visit_types]
        weeks: Any = self.fields["weeks"]
        weeks.choices = [(number, _weeks_text(number)) for number in FOLLOW_UP_WEEKS]


def _weeks_text(weeks: int) -> str:
    words = ngettext("In %(weeks)s week", "In %(weeks)s weeks", weeks)
    return words % {"weeks": weeks}
