"""Codes of the record. Stored values are FHIR R4 codes where FHIR has them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Verification(models.TextChoices):
    """FHIR verification status, http://hl7.org/fhir/condition-ver-status."""

    UNCONFIRMED = "unconfirmed", _("Not confirmed yet")
    CONFIRMED = "confirmed", _("Confirmed")
    REFUTED = "refuted", _("Ruled out")
    ENTERED_IN_ERROR = "entered-in-error", _("Entered by mistake")


class Source(models.TextChoices):
    """Who the information came from."""

    PATIENT = "patient", _("Patient")
    PROXY = "proxy", _("Carer")
    PRACTITIONER = "practitioner", _("Doctor")
    IMPORT = "import", _("Imported")


class DatePrecision(models.TextChoices):
    """How exactly a date is known (FHIR dateTime may be a year, a month or a day)."""

    DAY = "day", _("Day")
    MONTH = "month", _("Month")
    YEAR = "year", _("Year")


class ClinicalStatus(models.TextChoices):
    """http://terminology.hl7.org/CodeSystem/condition-clinical."""

    ACTIVE = "active", _("Current")
    RECURRENCE = "recurrence", _("Came back")
    RELAPSE = "relapse", _("Relapse")
    INACTIVE = "inactive", _("Not active")
    REMISSION = "remission", _("In remission")
    RESOLVED = "resolved", _("Past")


class AllergyKind(models.TextChoices):
    """http://hl7.org/fhir/allergy-intolerance-type."""

    ALLERGY = "allergy", _("Allergy")
    INTOLERANCE = "intolerance", _("Intolerance")


class AllergyCategory(models.TextChoices):
    """http://hl7.org/fhir/allergy-intolerance-category."""

    MEDICATION = "medication", _("Medicine")
    FOOD = "food", _("Food")
    ENVIRONMENT = "environment", _("Environment")
    BIOLOGIC = "biologic", _("Biologic")


class Criticality(models.TextChoices):
    """http://hl7.org/fhir/allergy-intolerance-criticality."""

    LOW = "low", _("Low risk")
    HIGH = "high", _("High risk")
    UNABLE = "unable-to-assess", _("Risk not known")


class ReactionSeverity(models.TextChoices):
    """http://hl7.org/fhir/reaction-event-severity."""

    MILD = "mild", _("Mild")
    MODERATE = "moderate", _("Moderate")
    SEVERE = "severe", _("Severe")


class MedicationStatus(models.TextChoices):
    """http://hl7.org/fhir/CodeSystem/medication-statement-status."""

    ACTIVE = "active", _("Taking")
    ON_HOLD = "on-hold", _("Paused")
    STOPPED = "stopped", _("Stopped")
    COMPLETED = "completed", _("Finished")
    INTENDED = "intended", _("To be started")
    ENTERED_IN_ERROR = "entered-in-error", _("Entered by mistake")


class RequestStatus(models.TextChoices):
    """http://hl7.org/fhir/CodeSystem/medicationrequest-status."""

    DRAFT = "draft", _("Draft")
    ACTIVE = "active", _("Active")
    ON_HOLD = "on-hold", _("Paused")
    STOPPED = "stopped", _("Stopped")
    COMPLETED = "completed", _("Finished")
    CANCELLED = "cancelled", _("Cancelled")
    ENTERED_IN_ERROR = "entered-in-error", _("Entered by mistake")


class DoseStatus(models.TextChoices):
    """http://terminology.hl7.org/CodeSystem/medication-admin-status."""

    TAKEN = "completed", _("Taken")
    SKIPPED = "not-done", _("Skipped")


class ObservationCategory(models.TextChoices):
    """http://terminology.hl7.org/CodeSystem/observation-category."""

    VITAL_SIGNS = "vital-signs", _("Vital signs")
    LABORATORY = "laboratory", _("Laboratory")
    SURVEY = "survey", _("Questionnaires")
    SOCIAL_HISTORY = "social-history", _("Lifestyle")
    PROCEDURE = "procedure", _("Procedures")
    IMAGING = "imaging", _("Imaging")
    EXAM = "exam", _("Examination")
    THERAPY = "therapy", _("Therapy")


class ProposalStatus(models.TextChoices):
    PROPOSED = "proposed", _("Waiting for your doctor")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Taken back")


class ProposalKind(models.TextChoices):
    MEDICATION = "medication", _("Medicine")
    ALLERGY = "allergy", _("Allergy")


class ProposalAction(models.TextChoices):
    ADD = "add", _("New")
    CHANGE = "change", _("Change")
    STOP = "stop", _("Stop")


class EncounterStatus(models.TextChoices):
    """http://hl7.org/fhir/encounter-status, those the product uses."""

    PLANNED = "planned", _("Planned")
    IN_PROGRESS = "in-progress", _("In progress")
    FINISHED = "finished", _("Finished")
    CANCELLED = "cancelled", _("Cancelled")
    ENTERED_IN_ERROR = "entered-in-error", _("Entered by mistake")


class NoteStatus(models.TextChoices):
    """http://hl7.org/fhir/composition-status."""

    PRELIMINARY = "preliminary", _("Draft")
    FINAL = "final", _("Signed")
    AMENDED = "amended", _("Signed, with an addition")
    ENTERED_IN_ERROR = "entered-in-error", _("Entered by mistake")


class Release(models.TextChoices):
    """When the patient may read a signed note."""

    AT_ONCE = "at-once", _("At once")
    AFTER_REVIEW = "after-review", _("After review")


class DocumentStatus(models.TextChoices):
    QUARANTINED = "quarantined", _("Being checked")
    CURRENT = "current", _("Ready")
    REFUSED = "refused", _("Refused")
    ENTERED_IN_ERROR = "entered-in-error", _("Removed")


class DocumentCategory(models.TextChoices):
    LETTER = "letter", _("Letter")
    LABORATORY = "laboratory", _("Laboratory result")
    IMAGING = "imaging", _("Image or scan")
    PRESCRIPTION = "prescription", _("Prescription")
    VACCINATION = "vaccination", _("Vaccination record")
    INSURANCE = "insurance", _("Insurance")
    PHOTO = "photo", _("Photo")
    OTHER = "other", _("Other")


class FollowUpStatus(models.TextChoices):
    """http://hl7.org/fhir/request-status, those the product uses."""

    ACTIVE = "active", _("To be booked")
    COMPLETED = "completed", _("Booked")
    REVOKED = "revoked", _("No longer needed")


class CorrectionStatus(models.TextChoices):
    OPEN = "open", _("Waiting for an answer")
    ACCEPTED = "accepted", _("Corrected")
    DECLINED = "declined", _("Declined")


class ErasureStatus(models.TextChoices):
    REQUESTED = "requested", _("Waits for a second person")
    REFUSED = "refused", _("Refused")
    EXECUTED = "executed", _("Done")


class ErasureBasis(models.TextChoices):
    """Why a record is destroyed. Only orders of a court or an authority end retention early."""

    REQUEST = "request", _("The patient asks for it (GDPR Art. 17)")
    RETENTION_OVER = "retention-over", _("The retention period is over")
    UNLAWFUL = "unlawful", _("It was kept without a right to (GDPR Art. 17 (1) d)")
    COURT_ORDER = "court-order", _("Order of a court")
    AUTHORITY = "authority", _("Order of a supervisory authority")


ENDS_RETENTION = frozenset({ErasureBasis.COURT_ORDER, ErasureBasis.AUTHORITY})


class ReviewOutcome(models.TextChoices):
    JUSTIFIED = "justified", _("Justified")
    NOT_JUSTIFIED = "not-justified", _("Not justified")


class HistorySection(models.TextChoices):
    """The sections of the history page; the values stand in its addresses."""

    CONDITIONS = "conditions", _("Conditions")
    ALLERGIES = "allergies", _("Allergies")
    PROCEDURES = "procedures", _("Operations and procedures")
    VACCINATIONS = "vaccinations", _("Vaccinations")
    FAMILY = "family", _("Family")
    LIFESTYLE = "lifestyle", _("Lifestyle")


class LifestyleTopic(models.TextChoices):
    """What is asked about how somebody lives, by its LOINC code."""

    TOBACCO = "72166-2", _("Tobacco")
    ALCOHOL = "11331-6", _("Alcohol")
    ACTIVITY = "73985-4", _("Exercise")
    OCCUPATION = "11341-5", _("Work")
    DIET = "61144-2", _("Food and diet")


class TobaccoStatus(models.TextChoices):
    """The answers of LOINC 72166-2, by their SNOMED CT codes (US core, smoking status)."""

    NEVER = "266919005", _("Never smoked")
    FORMER = "8517006", _("Used to smoke")
    SOME_DAYS = "428041000124106", _("Smokes on some days")
    EVERY_DAY = "449868002", _("Smokes every day")


class Relationship(models.TextChoices):
    """http://terminology.hl7.org/CodeSystem/v3-RoleCode, the near relatives."""

    MOTHER = "MTH", _("Mother")
    FATHER = "FTH", _("Father")
    SISTER = "SIS", _("Sister")
    BROTHER = "BRO", _("Brother")
    DAUGHTER = "DAU", _("Daughter")
    SON = "SON", _("Son")
    GRANDMOTHER = "GRMTH", _("Grandmother")
    GRANDFATHER = "GRFTH", _("Grandfather")
    AUNT = "AUNT", _("Aunt")
    UNCLE = "UNCLE", _("Uncle")
    COUSIN = "COUSN", _("Cousin")
    OTHER = "FAMMEMB", _("Another relative")


CURRENT_STATUSES = (ClinicalStatus.ACTIVE, ClinicalStatus.RECURRENCE, ClinicalStatus.RELAPSE)


class EmergencyReason(models.TextChoices):
    """Why a doctor opens a record without a visit. The patient reads this, not the words."""

    TREATMENT = "treatment", _("Urgent treatment")
    UNRESPONSIVE = "unresponsive", _("Patient could not be asked")
    COVER = "cover", _("Standing in for another doctor")
    RESULT = "result", _("An urgent result or call")
    OTHER = "other", _("Another reason")
