"""Forms of who acts for whom."""

from __future__ import annotations

import datetime as dt
from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.core.exceptions import ValidationError
from django.utils import formats
from django.utils.translation import gettext_lazy as _

from clinic.people import rules
from clinic.people.choices import ProxyBasis, ProxyRelationship, ProxyScope
from clinic.people.forms.accounts import EMAIL
from clinic.people.services.proxies import Wish

# Messages between patient and clinic come later; until then nobody is asked about them.
OFFERED = (ProxyScope.VISITS, ProxyScope.RECORD_READ, ProxyScope.RECORD_WRITE)
CUSTODIANS = (ProxyRelationship.PARENT, ProxyRelationship.GUARDIAN)


class GrantForm(forms.Form):
    """Whom, what for, until when. `latest` is the last day the rules allow."""

    basis = ProxyBasis.CONSENT

    email = forms.EmailField(
        label=EMAIL, max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    relationship = forms.ChoiceField(label=_("Who this person is to you"))
    scopes = forms.MultipleChoiceField(
        label=_("What this person may do for you"),
        choices=[(scope.value, scope.label) for scope in OFFERED],
        widget=forms.CheckboxSelectMultiple,
    )
    last_day = forms.DateField(
        label=_("Until and including"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        input_formats=["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d %B %Y"],
    )

    def __init__(
        self, *args: Any, today: dt.date, birth_date: dt.date | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.latest = rules.latest_grant_day(basis=self.basis, birth_date=birth_date, today=today)
        relationship, last_day = self.fields["relationship"], self.fields["last_day"]
        assert isinstance(relationship, forms.ChoiceField)
        relationship.choices = self._relationships()
        last_day.widget.attrs |= {"min": today.isoformat(), "max": self.latest.isoformat()}
        last_day.initial = self._usual_end()

    def _relationships(self) -> list[tuple[str, Any]]:
        offered = [kind for kind in ProxyRelationship if kind is not ProxyRelationship.GUARDIAN]
        return [("", _("Please choose")), *((kind.value, kind.label) for kind in offered)]

    def _usual_end(self) -> dt.date:
        return min(rules.birthday(birth_date=self.today, age=1), self.latest)

    def clean_email(self) -> str:
        email: str = get_adapter().clean_email(self.cleaned_data["email"])
        return email

    def clean_last_day(self) -> dt.date:
        last_day: dt.date = self.cleaned_data["last_day"]
        try:
            rules.check_grant_day(last_day=last_day, today=self.today, latest=self.latest)
        except rules.GrantTooLong as refusal:
            raise ValidationError(
                _("Choose a day from today to %(latest)s."),
                code="too_long",
                params={"latest": formats.date_format(refusal.latest, "j F Y")},
            ) from refusal
        return last_day

    def wish(self) -> Wish:
        data = self.cleaned_data
        return Wish(
            email=data["email"],
            relationship=data["relationship"],
            scopes=frozenset(data["scopes"]),
            last_day=data["last_day"],
        )


class CustodyForm(GrantForm):
    """A parent whose papers were checked at the desk."""

    basis = ProxyBasis.CUSTODY

    papers_seen = forms.BooleanField(
        label=_("I have seen an identity card and proof of custody"),
        error_messages={"required": _("Look at the papers first.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].help_text = _("The address this person signs in with.")
        self.fields["relationship"].label = _("Who this person is to the child")
        self.fields["scopes"].label = _("What this person may do for the child")
        self.fields["scopes"].initial = list(OFFERED)

    def _relationships(self) -> list[tuple[str, Any]]:
        return [(kind.value, kind.label) for kind in CUSTODIANS]

    def _usual_end(self) -> dt.date:
        return self.latest


class ConfirmScopesForm(forms.Form):
    """What a young person still lets a parent do."""

    scopes = forms.MultipleChoiceField(
        required=False,
        choices=[(scope.value, scope.label) for scope in OFFERED],
        widget=forms.CheckboxSelectMultiple,
    )
