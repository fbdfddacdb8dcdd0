"""Forms of what people say about themselves."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from clinic.lib.text import ParagraphField, PhoneField, PlainTextField
from clinic.people import rules
from clinic.people.choices import SPOKEN_LANGUAGES, Sex, Theme, Units
from clinic.people.forms.accounts import name_field
from clinic.people.models import Patient, Practitioner, User
from clinic.people.services.profiles import PractitionerPage, Preferences
from clinic.people.services.registration import DETAIL_NAMES, PatientDetails


class BirthDateField(forms.DateField):
    """A day on which someone living can have been born."""

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "autocomplete": "bday"})
    default_error_messages = {  # noqa: RUF012
        "invalid": _("There is no such day. Check the day, the month and the year."),
        "implausible": _("Nobody was born that day and can be here. Check the year."),
    }

    def __init__(self, **kwargs: Any) -> None:
        formats = ["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d %B %Y"]
        super().__init__(input_formats=formats, **kwargs)
        self.today: dt.date | None = None

    def validate(self, value: dt.date | None) -> None:
        super().validate(value)
        if value is None or self.today is None:
            return
        if not rules.is_plausible_birth_date(birth_date=value, today=self.today):
            raise ValidationError(self.error_messages["implausible"], code="implausible")


class TimeZoneField(forms.ChoiceField):
    """A time zone of the time-zone database, listed by continent; empty follows the clinic."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Time zone"))
        super().__init__(choices=time_zone_choices, required=False, **kwargs)

    def valid_value(self, value: str) -> bool:
        """Take every name the database knows: a browser may say an alias not in the list."""
        return not value or rules.is_time_zone(name=value)


def time_zone_choices() -> list[Any]:
    groups: dict[str, list[tuple[str, str]]] = {}
    for name in rules.time_zones():
        area, _slash, place = name.partition("/")
        groups.setdefault(area, []).append((name, place.replace("_", " ").replace("/", ", ")))
    return [("", _("The clinic’s time")), *groups.items()]


def language_field() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)


class ProfileForm(forms.Form):
    """A patient's details. Only what a visit cannot do without is required, and says why."""

    given_name = name_field("given-name")
    family_name = name_field("family-name")
    birth_date = BirthDateField(
        label=_("Birth date"),
        help_text=_("So that the clinic never mixes you up with someone of the same name."),
    )
    sex = forms.ChoiceField(
        label=_("Sex in your health record"), choices=Sex.choices, initial=Sex.UNKNOWN
    )
    phone = PhoneField(
        label=_("Phone"),
        help_text=_("For the day itself: when your doctor is ill or the way is blocked."),
    )
    address = ParagraphField(
        label=_("Address"),
        required=False,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "street-address"}),
        help_text=_("For letters and prescriptions."),
    )
    emergency_contact_name = PlainTextField(
        label=_("Who to call in an emergency"),
        required=False,
        max_length=120,
        help_text=_("A name, for example your partner or a neighbour."),
    )
    emergency_contact_phone = PhoneField(label=_("Their phone"), required=False)
    language = language_field()
    time_zone = TimeZoneField(
        help_text=_("Only for video visits from elsewhere. Visits show the clinic’s own time.")
    )
    reminders_by_email = forms.BooleanField(
        label=_("Remind me of visits by e-mail"),
        required=False,
        initial=True,
        help_text=_("Mails about a booking, a change or a cancellation always come."),
    )

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _limit_birth_date(self.fields["birth_date"], today)
        self.fields["phone"].widget.attrs["autocomplete"] = "tel"

    @classmethod
    def initial_of(cls, patient: Patient) -> dict[str, Any]:
        return {name: getattr(patient, name) for name in DETAIL_NAMES}

    def details(self) -> PatientDetails:
        data = self.cleaned_data
        return PatientDetails(**{name: data.get(name, "") for name in DETAIL_NAMES})


class PatientByPhoneForm(ProfileForm):
    """A patient who called: the desk writes down what the caller says."""

    email = forms.EmailField(label=_("E-mail address"), required=False, max_length=254)
    field_order = ("given_name", "family_name", "birth_date", "phone", "email")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["birth_date"].help_text = _("Read it back: it tells people of one name apart.")
        self.fields["phone"].help_text = ""
        self.fields["email"].help_text = _("Without it no reminder can be sent.")
        # The caller's details, not those of whoever sits at this browser.
        for field in self.fields.values():
            field.widget.attrs["autocomplete"] = "off"


class PractitionerPageForm(forms.Form):
    """What a doctor says about themself."""

    title = PlainTextField(label=_("Title"), required=False, max_length=20)
    given_name = name_field("given-name")
    family_name = name_field("family-name")
    languages = forms.MultipleChoiceField(
        label=_("Languages you see patients in"),
        required=False,
        choices=SPOKEN_LANGUAGES,
        widget=forms.CheckboxSelectMultiple,
    )
    bio = ParagraphField(
        label=_("About you"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Patients read this when they choose a doctor."),
    )

    @classmethod
    def initial_of(cls, practitioner: Practitioner) -> dict[str, Any]:
        return {name: getattr(practitioner, name) for name in cls.base_fields}

    def page(self) -> PractitionerPage:
        data = self.cleaned_data
        return PractitionerPage(
            title=data["title"],
            given_name=data["given_name"],
            family_name=data["family_name"],
            bio=data["bio"],
            languages=tuple(data["languages"]),
        )


class PreferencesForm(forms.Form):
    """How the product looks and behaves for this account."""

    theme = forms.ChoiceField(label=_("Colours"), choices=Theme.choices)
    language = language_field()
    time_zone = TimeZoneField()
    units = forms.ChoiceField(label=_("Units of measurements"), choices=Units.choices)
    single_keys = forms.BooleanField(
        label=_("Single-key shortcuts"),
        required=False,
        help_text=_("Off if you use speech input or a key is pressed by mistake."),
    )

    @classmethod
    def initial_of(cls, user: User) -> dict[str, Any]:
        return {name: getattr(user, name) for name in cls.base_fields}

    def preferences(self) -> Preferences:
        data = self.cleaned_data
        return Preferences(
            theme=data["theme"],
            single_keys=data["single_keys"],
            language=data["language"],
            time_zone=data["time_zone"],
            units=data["units"],
        )


def _limit_birth_date(field: forms.Field, today: dt.date) -> None:
    assert isinstance(field, BirthDateField)
    field.today = today
    earliest = today.replace(year=today.year - rules.OLDEST_AGE_YEARS, day=1)
    field.widget.attrs |= {"min": earliest.isoformat(), "max": today.isoformat()}
