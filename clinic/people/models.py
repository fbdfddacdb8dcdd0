"""People: accounts, roles, patients and practitioners."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.crypto.fields import SealedTextField
from clinic.lib.datetimes import instants_within_range
from clinic.lib.ids import uuid7
from clinic.people.choices import (
    ApprovalStatus,
    ProxyBasis,
    ProxyRelationship,
    ProxyScope,
    Role,
    Sex,
    Specialty,
    Theme,
    Units,
)


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, email: str | None) -> User:
        return self.get(email__iexact=email)


class User(AbstractBaseUser):
    """An account. Signs in by e-mail; what it may do follows from its role grants."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(_("e-mail address"), max_length=254)
    is_active = models.BooleanField(default=True)
    language = models.CharField(max_length=12, default="en-gb")
    time_zone = models.CharField(max_length=64, blank=True)
    theme = models.CharField(_("colours"), max_length=5, choices=Theme, default=Theme.AUTO)
    units = models.CharField(_("units"), max_length=6, choices=Units, default=Units.METRIC)
    # Keys without Ctrl or Alt can be switched off (WCAG 2.1.4).
    single_keys = models.BooleanField(_("single-key shortcuts"), default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique"),
            instants_within_range("user", "date_joined", "last_login"),
        ]

    def __str__(self) -> str:
        return f"User {self.pk}"


class RoleGrant(models.Model):
    """One role of one person. A person can hold several; ending one keeps the row."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="role_grants")
    role = models.CharField(max_length=20, choices=Role)
    granted_at = models.DateTimeField(default=timezone.now)
    granted_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "user",
                "role",
                condition=Q(ended_at__isnull=True),
                name="role_grant_unique",
            ),
            instants_within_range("role_grant", "granted_at", "ended_at"),
        ]

    def __str__(self) -> str:
        return f"{self.role} of {self.user_id}"


def _contact() -> SealedTextField:
    """Return a column of the patient's own; on lists it reads as empty once it was destroyed."""
    return SealedTextField(
        scope="patient", owner="id", blank=True, default="", empty_once_shredded=True
    )


class Patient(models.Model):
    """A person who receives care. May exist without an account (booked by phone)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.OneToOneField(User, null=True, on_delete=models.PROTECT, related_name="patient")
    record_number = models.CharField(max_length=16, unique=True)
    given_name = models.CharField(_("given name"), max_length=100)
    family_name = models.CharField(_("family name"), max_length=100)
    birth_date = models.DateField(_("birth date"), null=True)
    sex = models.CharField(_("sex"), max_length=10, choices=Sex, default=Sex.UNKNOWN)
    email = models.EmailField(_("e-mail address"), max_length=254, blank=True)
    phone = _contact()
    address = _contact()
    emergency_contact_name = _contact()
    emergency_contact_phone = _contact()
    language = models.CharField(max_length=12, default="en-gb")
    time_zone = models.CharField(max_length=64, blank=True)
    reminders_by_email = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(birth_date__gte=dt.date(1870, 1, 1)) | Q(birth_date__isnull=True),
                name="patient_birth_date_plausible",
            ),
            instants_within_range("patient", "created_at"),
        ]

    def __str__(self) -> str:
        return f"Patient {self.pk}"

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.family_name}"


class Practitioner(models.Model):
    """A person who gives care. Bookable only while approved."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.OneToOneField(
        User, null=True, on_delete=models.PROTECT, related_name="practitioner"
    )
    title = models.CharField(_("title"), max_length=20, blank=True)
    given_name = models.CharField(_("given name"), max_length=100)
    family_name = models.CharField(_("family name"), max_length=100)
    specialty = models.CharField(_("specialty"), max_length=40, choices=Specialty)
    bio = models.TextField(_("about"), max_length=2000, blank=True)
    languages = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    license_number = models.CharField(_("licence number"), max_length=40, blank=True)
    approval = models.CharField(
        max_length=10, choices=ApprovalStatus, default=ApprovalStatus.PENDING
    )
    approval_decided_at = models.DateTimeField(null=True)
    approval_decided_by = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [instants_within_range("practitioner", "created_at", "approval_decided_at")]

    def __str__(self) -> str:
        return f"Practitioner {self.pk}"

    @property
    def full_name(self) -> str:
        return " ".join(filter(None, (self.title, self.given_name, self.family_name)))

    @property
    def short_name(self) -> str:
        return " ".join((self.title or self.given_name, self.family_name))

    @property
    def initials(self) -> str:
        return f"{self.given_name[:1]}{self.family_name[:1]}".upper()


class Invitation(models.Model):
    """An administrator's invitation to hold a role. Only the hash of its secret is stored."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=20, choices=Role)
    secret_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    invited_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            instants_within_range(
                "invitation", "invited_at", "expires_at", "accepted_at", "withdrawn_at"
            )
        ]

    def __str__(self) -> str:
        return f"Invitation {self.pk}"


class ProxyGrant(models.Model):
    """Somebody may act in a patient's place: how far, on what basis, until when.

    FHIR: RelatedPerson (who) with Consent (what for). Without `user` it is an invitation that
    nobody has accepted; only the hash of its secret is stored. Ending keeps the row.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="proxies")
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="proxy_for")
    email = models.EmailField(max_length=254)
    relationship = models.CharField(max_length=12, choices=ProxyRelationship)
    basis = models.CharField(max_length=8, choices=ProxyBasis)
    scopes = ArrayField(models.CharField(max_length=16, choices=ProxyScope))
    # What a young person with an own account still lets a parent do.
    confirmed_scopes = ArrayField(
        models.CharField(max_length=16, choices=ProxyScope), default=list, blank=True
    )
    granted_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    granted_at = models.DateTimeField()
    secret_hash = models.CharField(max_length=64, unique=True, null=True)
    invitation_ends_at = models.DateTimeField(null=True)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [
            models.Index(
                fields=["patient"],
                condition=Q(revoked_at__isnull=True),
                name="proxy_of_patient",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                "patient",
                "user",
                condition=Q(revoked_at__isnull=True, user__isnull=False),
                name="proxy_grant_unique",
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False, starts_at__isnull=False)
                | Q(user__isnull=True, starts_at__isnull=True, secret_hash__isnull=False),
                name="proxy_grant_starts_with_its_user",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("granted_at")), name="proxy_grant_ends_after_it_began"
            ),
            models.CheckConstraint(
                condition=~Q(scopes__len=0), name="proxy_grant_is_for_something"
            ),
            instants_within_range(
                "proxy_grant",
                "granted_at",
                "invitation_ends_at",
                "starts_at",
                "ends_at",
                "revoked_at",
            ),
        ]

    def __str__(self) -> str:
        return f"ProxyGrant {self.pk}"

    def waits(self, now: dt.datetime) -> bool:
        """Say whether this is an invitation that can still be taken up."""
        until = self.invitation_ends_at
        waiting = self.user_id is None and self.revoked_at is None
        return waiting and until is not None and now < until
