"""Mail about accounts: codes, notices and invitations. Subject, text and HTML come from templates.

Addresses in a mail start with SITE_URL, never with the Host header of a request: whoever sends the
request chooses that. No mail says anything about a person's health or visits.
"""

from __future__ import annotations

import datetime as dt
import logging
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from clinic.people.choices import Role

logger = logging.getLogger(__name__)


def send(*, template_prefix: str, to: str, context: dict[str, Any]) -> bool:
    """Send one mail and say whether the server took it; a refusal is logged without address."""
    message = render(template_prefix=template_prefix, to=to, context=context)
    try:
        message.send()
    except (SMTPException, OSError) as error:
        logger.error("account mail not sent", extra={"template": template_prefix}, exc_info=error)
        return False
    return True


def render(*, template_prefix: str, to: str, context: dict[str, Any]) -> EmailMultiAlternatives:
    """Return the message in text and HTML."""
    values = {**context, **_common()}
    subject = " ".join(render_to_string(f"{template_prefix}_subject.txt", values).split())
    text = render_to_string(f"{template_prefix}_message.txt", values).strip()
    message = EmailMultiAlternatives(subject, f"{text}\n", settings.DEFAULT_FROM_EMAIL, [to])
    html = render_to_string(f"{template_prefix}_message.html", {**values, "subject": subject})
    message.attach_alternative(html, "text/html")
    return message


def absolute(path: str) -> str:
    """Return a path of the site as an address that works from a mail."""
    return f"{settings.SITE_URL.rstrip('/')}{path}"


def _common() -> dict[str, Any]:
    # Only these reach a template: allauth's own contexts hold addresses made from the Host header.
    return {
        "clinic_name": settings.CLINIC_NAME,
        "clinic_phone": settings.CLINIC_PHONE,
        "site_url": settings.SITE_URL.rstrip("/"),
        "signin_url": absolute(reverse("account_login")),
        "signup_url": absolute(reverse("account_signup")),
        "password_reset_url": absolute(reverse("account_reset_password")),
    }


def send_invitation(*, to: str, role: Role, secret: str, expires_at: dt.datetime) -> bool:
    """Send the link to an invitation; say whether the mail server took it."""
    return send(
        template_prefix="account/email/invitation",
        to=to,
        context={
            "role": role.label,
            "invitation_url": absolute(reverse("people:invitation_accept", args=[secret])),
            "expires_at": expires_at,
        },
    )


def send_carer_invitation(*, to: str, name: str, secret: str) -> bool:
    """Send a carer the link to an invitation; say whether the mail server took it."""
    return send(
        template_prefix="account/email/carer_invitation",
        to=to,
        context={
            "patient_name": name,
            "invitation_url": absolute(reverse("people:grant_accept", args=[secret])),
        },
    )


def send_carer_granted(*, to: str, name: str) -> bool:
    """Tell a parent that the clinic lets them act for a child."""
    return send(
        template_prefix="account/email/carer_granted",
        to=to,
        context={
            "patient_name": name,
            "acting_url": absolute(reverse("people:acting_for")),
        },
    )
