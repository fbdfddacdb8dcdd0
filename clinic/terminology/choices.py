"""What a concept is about, and the code systems it may come from."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What somebody is looking for when they type."""

    CONDITION = "condition", _("Condition")
    MEDICINE = "medicine", _("Medicine")
    ALLERGEN = "allergen", _("Allergen")
    VACCINE = "vaccine", _("Vaccine")
    PROCEDURE = "procedure", _("Procedure")
    OBSERVATION = "observation", _("Measurement")
    UNIT = "unit", _("Unit")


class System(models.TextChoices):
    """Code systems by their FHIR address (https://hl7.org/fhir/R4/terminologies-systems.html)."""

    ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm", "ICD-10-CM"
    RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm", "RxNorm"
    NDC = "http://hl7.org/fhir/sid/ndc", "NDC"
    CVX = "http://hl7.org/fhir/sid/cvx", "CVX"
    LOINC = "http://loinc.org", "LOINC"
    # Recognized in what others send; its content needs a licence and never ships.
    SNOMED = "http://snomed.info/sct", "SNOMED CT"
    UCUM = "http://unitsofmeasure.org", "UCUM"
    # FHIR names no address for the Orange Book's application and product numbers.
    ORANGE_BOOK = "urn:betony:orange-book", "FDA Orange Book"
    BETONY = "urn:betony:codes", "Betony"
