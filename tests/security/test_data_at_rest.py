"""Who steals the database reads no contact and no reason of a visit (HIPAA 164.312(a)(2)(iv))."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.utils import timezone

from clinic.audit.models import AuditEvent
from clinic.crypto.fields import SealedTextField
from clinic.people.services import profiles
from clinic.people.services.registration import DETAIL_NAMES, PatientDetails
from tests.factories.people import viewer
from tests.security import canaries
from tests.security.world import CANARY, World


@pytest.mark.parametrize("secret", [CANARY, "+49305550123", "49305550123"])
def test_dump_of_the_database_shows_no_sealed_text(world: World, secret: str) -> None:
    assert world.patient.address == CANARY

    dump = canaries.dump()

    assert secret not in dump
    assert secret.encode().hex() not in dump
    assert "quillfeather" in dump, "the dump holds the rows; names are documented as clear"


def test_sealed_columns_are_those_the_product_promises() -> None:
    """A new free text about a patient is sealed, or this list says why not."""
    sealed = {
        f"{model._meta.model_name}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, SealedTextField)
    }

    assert sealed >= {
        "patient.phone",
        "patient.address",
        "patient.emergency_contact_name",
        "patient.emergency_contact_phone",
        "appointment.reason",
        "appointment.notes",
    }


def test_audit_detail_never_holds_what_was_typed(world: World) -> None:
    details = {name: getattr(world.patient, name) for name in DETAIL_NAMES}
    details |= {"address": "canary street 9", "family_name": "Canaryname"}

    profiles.update_profile(
        patient_id=world.patient.pk,
        details=PatientDetails(**details),
        by=viewer(world.patient),
        now=timezone.now(),
    )

    [event] = AuditEvent.objects.filter(patient=world.patient.pk, detail__contains="address")
    assert "canary" not in " ".join(map(str, vars(event).values())).lower()
