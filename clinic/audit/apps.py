from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    name = "clinic.audit"
    label = "audit"

    def ready(self) -> None:
        from clinic.audit.grants import apply_grants
        from clinic.audit.receivers import note_refusal
        from clinic.crypto.signals import open_refused

        open_refused.connect(note_refusal, dispatch_uid="audit-open-refused")
        # Sent for the last app's migrations only when those of all others are done.
        post_migrate.connect(apply_grants, sender=self, dispatch_uid="audit-grants")
