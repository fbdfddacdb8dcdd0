"""Forms of the set-up pages: sites, rooms, visit types, what a doctor offers. Shapes only."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from clinic.lib.text import ParagraphField, PlainTextField, clean_phone
from clinic.people.forms.profiles import time_zone_choices
from clinic.scheduling.choices import Modality, VisitColor
from clinic.scheduling.models import PARAMETER_NAMES, VisitType
from clinic.scheduling.selectors.setup import Inherited

HOUR, DAY = 60, 24 * 60
LONGEST_SPAN = 60 * DAY
SHORTEST_STEP = 15
MOST_STEPS = 6
NO_REMINDERS = "none"

_SPAN = re.compile(r"(\d{1,6})\s*(min|m|h|d)?", re.IGNORECASE)
_UNITS = {"": 1, "m": 1, "min": 1, "h": HOUR, "d": DAY}

ICONS = (
    ("stethoscope", _("Stethoscope")),
    ("repeat", _("Again")),
    ("heart-pulse", _("Heart")),
    ("activity", _("Curve")),
    ("syringe", _("Syringe")),
    ("flask-conical", _("Laboratory")),
    ("pill", _("Medicine")),
    ("droplet", _("Drop")),
    ("weight", _("Weight")),
    ("baby", _("Child")),
    ("clipboard-list", _("List")),
    ("file-text", _("Paper")),
    ("message-square", _("Talk")),
    ("phone", _("Phone")),
    ("video", _("Video")),
)


def read_span(text: str) -> int:
    """Return the minutes of "90", "90 min", "2 h" or "1 d", or raise ValidationError."""
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        raise ValidationError(_("Write it like 30 min, 2 h or 1 d."), code="span")
    minutes = int(match[1]) * _UNITS[(match[2] or "").lower()]
    if minutes > LONGEST_SPAN:
        raise ValidationError(_("Choose 60 days or less."), code="span")
    return minutes


def say_span(minutes: int) -> str:
    """Return minutes as `read_span` reads them, in the largest unit that divides them."""
    for unit, sign in ((DAY, "d"), (HOUR, "h")):
        if minutes and minutes % unit == 0:
            return f"{minutes // unit} {sign}"
    return f"{minutes} min"


class SpanField(PlainTextField):
    """A stretch of time as people write it: "30 min", "2 h", "1 d"."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "max_length": 20, "empty_value": None, **kwargs})

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return read_span(text) if text else None

    def prepare_value(self, value: Any) -> Any:
        return say_span(value) if isinstance(value, int) else value


class StepsField(PlainTextField):
    """Moments before a visit, "7 d, 1 d, 2 h"; "none" is no reminder at all."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "max_length": 100, "empty_value": None, **kwargs})

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        if text.strip().lower() in (NO_REMINDERS, gettext("none")):
            return []
        steps = {read_span(one) for one in re.split(r"[,;]", text) if one.strip()}
        if any(step < SHORTEST_STEP for step in steps):
            raise ValidationError(_("A reminder comes 15 minutes before or earlier."), code="near")
        if not steps or len(steps) > MOST_STEPS:
            raise ValidationError(_("Write one to six of them, like 7 d, 1 d, 2 h."), code="many")
        return sorted(steps, reverse=True)

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, (list, tuple)):
            return value
        return ", ".join(say_span(step) for step in value) or gettext("none")


class NumberField(forms.IntegerField):
    """A whole number that may be left out."""

    default_error_messages = {
        "invalid": _("Write a whole number."),
        "min_value": _("Choose %(limit_value)s or more."),
        "max_value": _("Choose %(limit_value)s or less."),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "min_value": 0, **kwargs})
        self.widget.attrs["inputmode"] = "numeric"


class AnswerField(forms.TypedChoiceField):
    """Yes, no, or as it is said elsewhere."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{
                "required": False,
                "choices": (("", ""), ("yes", _("Yes")), ("no", _("No"))),
                "coerce": lambda answer: answer == "yes",
                "empty_value": None,
                **kwargs,
            }
        )

    def prepare_value(self, value: Any) -> Any:
        return {True: "yes", False: "no"}.get(value, value)


class ParametersForm(forms.Form):
    """The parameters that inherit (A4). An empty field shows what it inherits, and from where."""

    duration_minutes = NumberField(label=_("Length in minutes"), min_value=5, max_value=12 * HOUR)
    grid_minutes = NumberField(label=_("A start every … minutes"), min_value=5, max_value=12 * HOUR)
    buffer_before_minutes = NumberField(label=_("Free minutes before"), max_value=4 * HOUR)
    buffer_after_minutes = NumberField(label=_("Free minutes after"), max_value=4 * HOUR)
    lead_minutes = SpanField(label=_("Shortest notice"))
    horizon_days = NumberField(label=_("Days ahead"), min_value=1, max_value=730)
    cancel_cutoff_minutes = SpanField(label=_("Cancel until … before"))
    move_cutoff_minutes = SpanField(label=_("Move until … before"))
    max_moves = NumberField(label=_("Moves of one visit"), max_value=99)
    online = AnswerField(label=_("Patients book online"))
    new_patients = AnswerField(label=_("New patients too"))
    needs_approval = AnswerField(label=_("The clinic confirms first"))

    inherits_as = _("As the clinic")

    def __init__(self, *args: Any, inherited: Mapping[str, Inherited], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, value in inherited.items():
            field: Any = self.fields[name]
            words = f"{self.inherits_as}: {say(name, value)}".removesuffix(": ")
            if isinstance(field.widget, forms.Select):
                field.choices = [("", words), *field.choices[1:]]
            else:
                field.widget.attrs["placeholder"] = words

    def parameters(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in PARAMETER_NAMES}


def say(name: str, inherited: Inherited) -> str:
    """Return an inherited value in the words its field is written in; "" where sites differ."""
    value = inherited.value
    if inherited.varies:
        return ""
    if value is None:
        return gettext("the length")
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if name in ("lead_minutes", "cancel_cutoff_minutes", "move_cutoff_minutes"):
        return say_span(value)
    return str(value)


class SiteForm(ParametersForm):
    name = PlainTextField(label=_("Name"), max_length=120)
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        help_text=_("Hours and visits are told in the clock of this place."),
    )
    address = PlainTextField(label=_("Address"), required=False, max_length=300)
    directions = PlainTextField(
        label=_("How to find it"),
        required=False,
        max_length=300,
        help_text=_("For example: second floor, the lift is beside the entrance."),
    )
    phone = PlainTextField(
        label=_("Phone"), required=False, max_length=40, widget=forms.TextInput({"type": "tel"})
    )
    active = forms.BooleanField(label=_("Open for booking"), required=False, initial=True)

    field_order = ("name", "time_zone", "address", "directions", "phone", "active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones: list[Any] = [("", _("Choose a time zone")), *time_zone_choices()[1:]]
        stored = self.initial.get("time_zone")
        if stored and not any((stored in dict(group)) for _area, group in zones[1:]):
            zones.append((stored, stored))
        self.fields["time_zone"].choices = zones  # type: ignore[attr-defined]

    def clean_phone(self) -> str:
        """Keep the number as it is written, because people read it; refuse what is none."""
        number: str = self.cleaned_data["phone"]
        if number:
            clean_phone(number)
        return number


class RoomForm(forms.Form):
    name = PlainTextField(label=_("Name of the room"), max_length=60)


class VisitTypeForm(ParametersForm):
    inherits_as = _("As the site")

    name = PlainTextField(label=_("Name"), max_length=80)
    description = PlainTextField(
        label=_("What it is for"),
        required=False,
        max_length=300,
        help_text=_("Patients read it when they choose."),
    )
    preparation = ParagraphField(
        label=_("What to bring or to do before"),
        required=False,
        max_length=1000,
        help_text=_("Patients read it on their visit."),
    )
    icon = forms.ChoiceField(
        label=_("Icon"), choices=ICONS, initial="stethoscope", widget=forms.RadioSelect
    )
    color = forms.ChoiceField(
        label=_("Colour"), choices=VisitColor, initial=VisitColor.ACT, widget=forms.RadioSelect
    )
    modalities = forms.MultipleChoiceField(
        label=_("How you meet"),
        choices=Modality,
        initial=[Modality.IN_PERSON],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one way to meet.")},
    )
    reminder_steps_minutes = StepsField(
        label=_("Reminders before the visit"),
        help_text=_("Like 7 d, 1 d, 2 h, or none. Counts for visits booked from now on."),
    )
    position = NumberField(
        label=_("Place in the list"), max_value=999, help_text=_("Smaller numbers come first.")
    )
    active = forms.BooleanField(label=_("Offered"), required=False, initial=True)

    field_order = (
        *("name", "description", "preparation", "modalities", "icon", "color", "position"),
        *("active", "reminder_steps_minutes"),
    )

    def __init__(self, *args: Any, steps: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usual = ", ".join(say_span(step) for step in steps)
        field = self.fields["reminder_steps_minutes"]
        field.widget.attrs["placeholder"] = gettext("As the clinic: %(steps)s") % {"steps": usual}
        stored = self.initial.get("icon")
        if stored and stored not in dict(ICONS):
            self.fields["icon"].choices = [*ICONS, (stored, stored)]  # type: ignore[attr-defined]

    def clean_position(self) -> int:
        return self.cleaned_data["position"] or 0


class OfferingForm(ParametersForm):
    inherits_as = _("As the visit type")


class OfferingsForm(forms.Form):
    """Which visit types a doctor offers."""

    visit_types = forms.MultipleChoiceField(
        label=_("Visit types"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, kinds: Sequence[VisitType], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["visit_types"].choices = [  # type: ignore[attr-defined]
            (str(kind.pk), kind.name) for kind in kinds
        ]


def own_rules(parameters: Mapping[str, Any]) -> str:
    """Return in a few words how many rules are somebody's own, "" for none."""
    count = sum(parameters[name] is not None for name in PARAMETER_NAMES)
    if not count:
        return ""
    return ngettext("%(count)d own rule", "%(count)d own rules", count) % {"count": count}
