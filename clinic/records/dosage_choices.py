"""Codes of a dosage: how often, by which way, with what meal, in which unit."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Frequency(models.TextChoices):
    """How often a dose is taken. `WORDS` is whatever a label says that none of the others can."""

    ONCE = "once", _("Once a day")
    TWICE = "twice", _("Twice a day")
    THREE_TIMES = "three-times", _("Three times a day")
    FOUR_TIMES = "four-times", _("Four times a day")
    AT_TIMES = "at-times", _("At set times of the day")
    EVERY_HOURS = "every-hours", _("Every few hours")
    WEEKDAYS = "weekdays", _("On certain days of the week")
    AS_NEEDED = "as-needed", _("Only when needed")
    WORDS = "words", _("As written below")


class Route(models.TextChoices):
    """The ways that the words and the form know."""

    UNKNOWN = "", _("Not said")
    ORAL = "oral", _("By mouth")
    SUBLINGUAL = "sublingual", _("Under the tongue")
    INHALED = "inhaled", _("Breathed in")
    NASAL = "nasal", _("In the nose")
    EYE = "eye", _("In the eye")
    EAR = "ear", _("In the ear")
    SKIN = "skin", _("On the skin")
    RECTAL = "rectal", _("In the rectum")
    VAGINAL = "vaginal", _("In the vagina")
    SUBCUTANEOUS = "subcutaneous", _("Under the skin")
    INTRAMUSCULAR = "intramuscular", _("Into the muscle")
    INTRAVENOUS = "intravenous", _("Into the vein")


class Meal(models.TextChoices):
    """http://hl7.org/fhir/event-timing: C, AC, PC."""

    ANY = "", _("Does not matter")
    WITH = "C", _("With food")
    BEFORE = "AC", _("Before food")
    AFTER = "PC", _("After food")


class Unit(models.TextChoices):
    """What one takes one of. Units of weight and volume are UCUM codes."""

    TABLET = "tablet", _("tablet")
    CAPSULE = "capsule", _("capsule")
    DROP = "drop", _("drop")
    PUFF = "puff", _("puff")
    SPRAY = "spray", _("spray")
    PATCH = "patch", _("patch")
    SACHET = "sachet", _("sachet")
    SUPPOSITORY = "suppository", _("suppository")
    INJECTION = "injection", _("injection")
    APPLICATION = "application", _("application")
    MILLILITER = "mL", _("ml")
    MILLIGRAM = "mg", _("mg")
    GRAM = "g", _("g")
    MICROGRAM = "ug", _("µg")
    INTERNATIONAL_UNIT = "[iU]", _("units")
