from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "clinic.audit"
    label = "audit"

    def ready(self) -> None:
        from clinic.audit.receivers import note_refusal
        from clinic.crypto.signals import open_refused

        open_refused.connect(note_refusal, dispatch_uid="audit-open-refused")
