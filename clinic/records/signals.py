"""Announcements of the record, sent after commit: ids, codes and versions only."""

from django.dispatch import Signal

# patient_id, version, what (the audit action), at
record_changed = Signal()
