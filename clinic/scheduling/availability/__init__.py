"""Availability: windows minus blocks minus claims, with a reason for every start refused.

Pure functions over values: no ORM, no settings, no clock; instants are whole epoch seconds.
Selectors read the rows and ask here; the commit path asks `check_start` of the same engine (C2).

This is the engine's one door; its parts are not imported from elsewhere.
"""

from clinic.scheduling.availability.parameters import (
    SYSTEM_PARAMETERS,
    Parameters,
    resolve_parameters,
)
from clinic.scheduling.availability.query import Case
from clinic.scheduling.availability.refusals import Refusal
from clinic.scheduling.availability.rows import Block, Busy, DateWindow, Rules, Weekly
from clinic.scheduling.availability.slots import (
    Start,
    check_start,
    day_counts,
    first_free,
    starts,
)

__all__ = [
    "SYSTEM_PARAMETERS",
    "Block",
    "Busy",
    "Case",
    "DateWindow",
    "Parameters",
    "Refusal",
    "Rules",
    "Start",
    "Weekly",
    "check_start",
    "day_counts",
    "first_free",
    "resolve_parameters",
    "starts",
]
