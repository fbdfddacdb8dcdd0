"""Code systems as rows. They are public, so they are stored in clear and know no person."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Func, Q, Value

from clinic.terminology.choices import Kind, System

CODE_LENGTH = 64


class Concept(models.Model):
    """One code of a code system, with the words by which people find it."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    system = models.CharField(max_length=64, choices=System.choices)
    code = models.CharField(max_length=CODE_LENGTH)
    display = models.TextField()
    # Lower-case words of code, display and synonyms, single spaces between (words.searchable).
    words = models.TextField()
    # An array of words instead of a parsed text: what was typed is cut by the same Python function.
    lexemes = models.GeneratedField(
        expression=Func(
            Func(F("words"), Value(" "), function="string_to_array"), function="array_to_tsvector"
        ),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    # `names` (plain words) and `terms` (synonyms) of all; `billable` of conditions; `ingredients`,
    # `classes`, `strength`, `form`, `route`, `brands` of medicines; `unit` of measurements.
    details = models.JSONField(default=dict)
    # The smaller, the earlier among suggestions.
    rank = models.PositiveIntegerField()
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["system", "code"], name="concept_once_a_system"),
        ]
        indexes = [
            GinIndex(fields=["lexemes"], name="concept_lexemes"),
            # A short prefix matches thousands: reading in the order of the answer ends early.
            models.Index(
                fields=["kind", "rank", "id"], name="concept_ranked", condition=Q(active=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_system_display()} {self.code}"


class Word(models.Model):
    """A word that occurs in active concepts of a kind: what a mistyped word may have meant."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    text = models.TextField()
    uses = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "text"], name="word_once_a_kind"),
        ]
        indexes = [
            models.Index(
                F("kind"), OpClass(F("text"), name="text_pattern_ops"), name="word_beginnings"
            ),
            GinIndex(OpClass(F("text"), name="gin_trgm_ops"), name="word_likeness"),
        ]

    def __str__(self) -> str:
        return self.text
