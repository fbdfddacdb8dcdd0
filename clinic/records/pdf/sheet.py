"""What stands on every printed sheet: whose it is, who made it, when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import formats, translation
from django.utils.translation import gettext as _

from clinic.lib import times
from clinic.people.models import Patient


@dataclass(frozen=True, slots=True)
class Sheet:
    """The head and the foot of a document about one patient."""

    title: str
    patient: Patient
    made_at: dt.datetime
    time_zone: str
    address: str = ""
    phone: str = ""
    signed_by: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the values that `templates/betony.typ` reads, in the active language."""
        return {
            "language": translation.get_language() or settings.LANGUAGE_CODE,
            "title": self.title,
            "clinic": settings.CLINIC_NAME,
            "address": self.address,
            "phone": self.phone or settings.CLINIC_PHONE,
            "about": self._about(),
            "made": self._made(),
            "page": _("Page %(page)s of %(pages)s") % {"page": "{page}", "pages": "{pages}"},
        }

    def _about(self) -> Sequence[dict[str, str]]:
        lines = [{"label": _("Name"), "value": self.patient.full_name}]
        if self.patient.birth_date:
            born = formats.date_format(self.patient.birth_date, "DATE_FORMAT")
            lines.append({"label": _("Born"), "value": born})
        lines.append({"label": _("Record number"), "value": self.patient.record_number})
        return lines

    def _made(self) -> str:
        moment = times.to_local(self.made_at, self.time_zone)
        words = {
            "date": times.format_date(moment.date(), with_year=True),
            "time": times.format_clock(moment),
        }
        return _("Made on %(date)s at %(time)s") % words
