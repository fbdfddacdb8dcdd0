"""The one kind of datetime column the product uses.

A stored year 9999 in UTC makes every list that contains it fail to load, so each table carries a
CHECK.
"""

import datetime as dt

from django.db import models
from django.db.models import F, Q

EARLIEST = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
LATEST = dt.datetime(2200, 1, 1, tzinfo=dt.UTC)
# What a record tells of lies further back: nobody alive was born before.
EARLIEST_HISTORY = dt.datetime(1870, 1, 1, tzinfo=dt.UTC)


def instants_within_range(
    prefix: str, *names: str, earliest: dt.datetime = EARLIEST
) -> models.CheckConstraint:
    """Return a CHECK that keeps the named columns in 2000 <= year < 2200 (NULL passes).

    `earliest` moves the lower end, for columns that tell of times before the clinic.
    """
    condition = Q()
    for name in names:
        inside = Q(**{f"{name}__gte": earliest, f"{name}__lt": LATEST})
        condition &= inside | Q(**{f"{name}__isnull": True})
    return models.CheckConstraint(condition=condition, name=f"{prefix}_instants_in_range")


def ends_after_start(prefix: str, *, most: dt.timedelta | None = None) -> models.CheckConstraint:
    """Return a CHECK that `ends_at` lies after `starts_at`, at most `most` later."""
    condition = Q(ends_at__gt=F("starts_at"))
    if most is not None:
        condition &= Q(ends_at__lte=F("starts_at") + most)
    return models.CheckConstraint(condition=condition, name=f"{prefix}_ends_after_start")
