"""What the message about a dose says: that it is time, and nothing of what it is for.

No name, no amount and no number of medicines stands in it; they are behind the sign-in (N5).
"""

from __future__ import annotations

from django.conf import settings
from django.template.loader import get_template
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from reminders import links
from reminders.delivery import Message
from reminders.messages import Words, address_of
from reminders.models import Reminder


def compose(*, reminder: Reminder, doses: int) -> Message:
    """Return the message of a row, which may speak for several doses of one time."""
    patient = reminder.patient
    with translation.override(patient.language):
        words = _words(patient.given_name, several=doses > 1)
        context = {
            "words": words,
            "language": patient.language,
            "clinic_name": settings.CLINIC_NAME,
            "clinic_phone": settings.CLINIC_PHONE,
            "tick_url": links.absolute(reverse("records:medication_list", args=[patient.pk])),
        }
        return Message(
            to=address_of(patient),
            subject=words.subject,
            text=get_template("reminders/dose.txt").render(context),
            html=get_template("reminders/dose.html").render(context),
            calendars=(),
        )


def _words(name: str, *, several: bool) -> Words:
    title = _("It is time for your medicines") if several else _("It is time for a medicine")
    return Words(title, title, _("Hello %(name)s, you asked us to remind you.") % {"name": name})
