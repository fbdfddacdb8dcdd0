"""Data keys: one per patient, one for the clinic and one per further use, stored wrapped."""

from __future__ import annotations

from django.db import models

from clinic.lib.datetimes import instants_within_range
from clinic.lib.ids import uuid7


class DataKey(models.Model):
    """One generation of one owner's key, wrapped by FIELD_ENCRYPTION_KEY.

    `owner` is a plain copy of an id, so that nothing cascades here. A shredded key keeps its row
    as a tombstone without `wrapped`: were the row gone, the next write would quietly make a new
    key.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    scope = models.CharField(max_length=20)
    owner = models.UUIDField(null=True)
    gen = models.PositiveSmallIntegerField(default=1)
    wrapped = models.BinaryField(null=True)
    shredded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "owner", "gen"],
                nulls_distinct=False,
                name="data_key_unique",
            ),
            models.CheckConstraint(
                condition=models.Q(gen__gte=1, gen__lte=255),
                name="data_key_gen_fits_a_byte",
            ),
            models.CheckConstraint(
                condition=models.Q(wrapped__isnull=False, shredded_at__isnull=True)
                | models.Q(wrapped__isnull=True, shredded_at__isnull=False),
                name="data_key_wrapped_or_shredded",
            ),
            instants_within_range("data_key", "shredded_at"),
        ]

    def __str__(self) -> str:
        return f"DataKey {self.pk}"
