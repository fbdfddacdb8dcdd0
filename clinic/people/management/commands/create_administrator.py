"""`manage.py create_administrator EMAIL`: a link with which the first administrator comes in."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.forms import EmailField
from django.urls import reverse
from django.utils import timezone

from clinic.people import mails, rules, selectors
from clinic.people.choices import Role
from clinic.people.services import invitations
from clinic.people.viewer import SYSTEM


class Command(BaseCommand):
    help = "Print a link that works once and makes whoever has the address an administrator."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address to sign in with")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        try:
            email = EmailField(max_length=254).clean(email).lower()
            rules.check_roles_mix(held=selectors.roles_held(email=email), added=Role.ADMINISTRATOR)
        except ValidationError as error:
            raise CommandError(f"{email} is no e-mail address.") from error
        except rules.RolesDoNotMix as error:
            raise CommandError(
                f"{email} is a doctor's account. An administrator needs another address."
            ) from error
        if Role.ADMINISTRATOR in selectors.roles_held(email=email):
            raise CommandError(f"{email} is an administrator already.")
        issued = invitations.invite(
            email=email, role=Role.ADMINISTRATOR, by=SYSTEM, now=timezone.now()
        )
        path = reverse("people:invitation_accept", args=[issued.secret])
        until = issued.invitation.expires_at
        self.stdout.write(f"Open this link and choose a password. It works once, until {until:%F}:")
        self.stdout.write(mails.absolute(path))
