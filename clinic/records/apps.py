from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecordsConfig(AppConfig):
    name = "clinic.records"
    label = "records"
    verbose_name = _("Medical record")

    def ready(self) -> None:
        from clinic.crypto import places
        from clinic.records import receivers, sealed_files
        from clinic.records.choices import ProposalKind
        from clinic.records.presenters.medications import medication_lines
        from clinic.records.presenters.proposals import register_lines
        from clinic.records.services import allergy_proposals, medication_proposals, proposals
        from clinic.scheduling.signals import appointment_changed

        appointment_changed.connect(
            receivers.follow_appointment, dispatch_uid="records.follow_appointment"
        )
        proposals.register_applier(
            ProposalKind.ALLERGY,
            allergy_proposals.apply,
            allergy_proposals.snapshot,
            allergy_proposals.check,
        )
        proposals.register_applier(
            ProposalKind.MEDICATION, medication_proposals.apply, medication_proposals.snapshot
        )
        register_lines(ProposalKind.MEDICATION, medication_lines)
        places.add_files(sealed_files.files_of)
