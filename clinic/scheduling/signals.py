"""Announcements of the scheduling domain.

`appointment_recorded` is sent inside the writing transaction, so that what must exist together
with a booking (its reminder rows) is written or lost with it; a receiver that fails undoes the
booking.
The others are past facts, sent after commit through `clinic.lib.announce`, ids and codes only.
"""

from django.dispatch import Signal

# appointment (instance), now, change (str: booked, requested, moved, cancelled, confirmed, late,
# status, imported)
appointment_recorded = Signal()

# practitioner_id, date (site's calendar day), version
schedule_day_changed = Signal()

# appointment_id, practitioner_id, patient_id, change, version
appointment_changed = Signal()

# patient_id or hold_token: the person whose hold or visits changed
holder_changed = Signal()

# practitioner_id: hours, absences, closures or visit types changed; every day may look different
schedule_rules_changed = Signal()
