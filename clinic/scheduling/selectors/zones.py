"""The zones of the sites."""

from __future__ import annotations

from django.db.models import QuerySet, Subquery

from clinic.lib.clinic_time import NO_SITE
from clinic.scheduling.models import Site


def zone_of_clinic() -> Subquery:
    """Return the clinic's zone as a column of another query; NULL where there is no site."""
    return Subquery(_zones()[:1])


def oldest_zone() -> str:
    """Return the zone in which the clinic counts its days: that of the oldest site. One query."""
    return _zones().first() or NO_SITE


def _zones() -> QuerySet[Site, str]:
    return Site.objects.filter(active=True).order_by("id").values_list("time_zone", flat=True)
