"""Mail about a record. It says that something happened and where to read it, never what."""

from __future__ import annotations

from django.urls import reverse
from django.utils import translation

from clinic.people.mails import absolute, send
from clinic.people.models import Patient


def send_emergency_opened(patient: Patient) -> bool:
    """Tell a patient that a doctor opened the record in an emergency; say whether the mail left.

    It names neither the doctor nor the reason: those stand behind the sign-in.
    """
    with translation.override(patient.language):
        return send(
            template_prefix="account/email/emergency_opened",
            to=patient.email,
            context={"privacy_url": absolute(reverse("records:access_log", args=[patient.pk]))},
        )
