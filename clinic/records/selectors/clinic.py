"""What a record needs to know of the clinic: in which zone its clocks run."""

from __future__ import annotations

from clinic.scheduling.models import Site


def clinic_zone() -> str:
    """Return the zone in which times of a record are typed and shown: that of the oldest site."""
    zones = Site.objects.filter(active=True).order_by("id").values_list("time_zone", flat=True)
    return zones.first() or "UTC"
