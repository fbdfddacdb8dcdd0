"""Models for the tests of sealed fields: one owned by a patient, one owned by itself."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import models

from clinic.crypto.fields import SealedTextField
from clinic.crypto.jsonfield import SealedJSONField
from clinic.lib.ids import uuid7

REGISTRY = Apps()


class Letter(models.Model):
    """Belongs to a patient, or for now to nobody."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    patient_id = models.UUIDField(null=True)
    title = models.CharField(max_length=50, default="", blank=True)
    body = SealedTextField(scope="patient", owner="patient_id", blank=True, default="")
    answer = SealedTextField(scope="patient", owner="patient_id", blank=True, default="")

    class Meta:
        app_label = "letters"
        apps = REGISTRY


class LetterView(Letter):
    class Meta:
        app_label = "letters"
        apps = REGISTRY
        proxy = True


class Diary(models.Model):
    """Owned by itself, with a field of the clinic beside it."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    entry = SealedTextField(scope="patient", owner="id", blank=True, default="n/a")
    remark = SealedTextField(scope="clinic")
    mood = SealedTextField(scope="patient", owner="id", blank=True, padded=True)

    class Meta:
        app_label = "letters"
        apps = REGISTRY


class Form(models.Model):
    """Structured answers: one that is a dict, one that is a list, one that may be anything."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    patient_id = models.UUIDField(null=True)
    answers = SealedJSONField(scope="patient", owner="patient_id", blank=True, default=dict)
    choices = SealedJSONField(scope="patient", owner="patient_id", blank=True, default=list)
    score = SealedJSONField(scope="patient", owner="patient_id", blank=True)

    class Meta:
        app_label = "letters"
        apps = REGISTRY


MODELS = (Letter, Diary, Form)
