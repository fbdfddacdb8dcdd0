"""What the pages of a record need to know besides it: the clinic's clock and the patient's age."""

from __future__ import annotations

import datetime as dt

from clinic.lib.clinic_time import NO_SITE
from clinic.lib.clinic_time import clinic_today as clinic_today
from clinic.lib.clinic_time import clinic_zone as clinic_zone
from clinic.people.models import Patient
from clinic.records.permissions import RecordAccess
from clinic.scheduling.selectors.zones import zone_of_clinic


def zone_and_birth_date(*, access: RecordAccess) -> tuple[str, dt.date | None]:
    """Return the clinic's zone and the patient's birth date. One query."""
    zone, born = (
        Patient.objects.filter(pk=access.patient_id)
        .annotate(zone=zone_of_clinic())
        .values_list("zone", "birth_date")
        .get()
    )
    return zone or NO_SITE, born
