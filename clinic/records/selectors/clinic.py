"""What the pages of a record need to know besides it: the clinic's clock and the patient's age."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet, Subquery

from clinic.people.models import Patient
from clinic.records.permissions import RecordAccess
from clinic.scheduling.models import Site

NO_SITE = "UTC"


def clinic_zone() -> str:
    """Return the zone in which times of a record are typed and shown: that of the oldest site."""
    return _zones().first() or NO_SITE


def zone_and_birth_date(*, access: RecordAccess) -> tuple[str, dt.date | None]:
    """Return the clinic's zone and the patient's birth date. One query."""
    zone, born = (
        Patient.objects.filter(pk=access.patient_id)
        .annotate(zone=Subquery(_zones()[:1]))
        .values_list("zone", "birth_date")
        .get()
    )
    return zone or NO_SITE, born


def _zones() -> QuerySet[Site, str]:
    return Site.objects.filter(active=True).order_by("id").values_list("time_zone", flat=True)
