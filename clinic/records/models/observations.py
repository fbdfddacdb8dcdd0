"""Measurements, laboratory values, questionnaires and lifestyle."""

from __future__ import annotations

from django.db import models

from clinic.records.choices import ObservationCategory
from clinic.records.models.base import CodedEntry, sealed_json
from clinic.records.models.history import entry_instants


class Observation(CodedEntry):
    """One value or a panel of values (FHIR Observation). `concept` says what was observed.

    `code_token` is a keyed hash of patient and code: a chart finds its series by it, and the
    database cannot tell one kind of measurement from another, nor two patients' alike.
    `value` holds {"number": "82.5", "unit": "kg"}, {"text": ...}, {"coded": {...}} or
    {"parts": {<LOINC code>: {"number": ..., "unit": ...}}}; numbers are text, units UCUM.
    """

    category = models.CharField(
        max_length=16, choices=ObservationCategory, default=ObservationCategory.VITAL_SIGNS
    )
    code_token = models.BinaryField(max_length=16)
    effective_at = models.DateTimeField()
    status = models.CharField(max_length=16, default="final")  # FHIR observation-status
    value = sealed_json()

    class Meta:
        indexes = [
            models.Index(
                fields=["patient", "code_token", "-effective_at"], name="observation_series"
            ),
            models.Index(
                fields=["patient", "category", "-effective_at"], name="observation_of_patient"
            ),
        ]
        constraints = [entry_instants("observation", "effective_at")]
