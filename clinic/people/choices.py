"""Codes of the people domain. Stored values are FHIR codes where FHIR has them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    PATIENT = "patient", _("Patient")
    PRACTITIONER = "practitioner", _("Doctor")
    FRONT_DESK = "front-desk", _("Front desk")
    ADMINISTRATOR = "administrator", _("Administrator")


STAFF_ROLES = frozenset({Role.PRACTITIONER, Role.FRONT_DESK, Role.ADMINISTRATOR})


class Sex(models.TextChoices):
    """FHIR AdministrativeGender, http://hl7.org/fhir/administrative-gender."""

    FEMALE = "female", _("Female")
    MALE = "male", _("Male")
    OTHER = "other", _("Another")
    UNKNOWN = "unknown", _("Prefer not to say")


class ProxyScope(models.TextChoices):
    """What a carer may do in a patient's place."""

    VISITS = "visits", _("Book, move and cancel visits")
    RECORD_READ = "record-read", _("Read the health record")
    RECORD_WRITE = "record-write", _("Add to the health record")
    MESSAGES = "messages", _("Read and write messages")


class ProxyRelationship(models.TextChoices):
    """What a carer is to the patient.

    http://terminology.hl7.org/CodeSystem/v3-RoleCode, those the product uses.
    """

    PARENT = "PRN", _("Parent")
    GUARDIAN = "GUARD", _("Legal guardian")
    SPOUSE = "SPS", _("Husband, wife or partner")
    CHILD = "CHILD", _("Daughter or son")
    FAMILY = "FAMMEMB", _("Another relative")
    FRIEND = "FRND", _("Friend")
    CAREGIVER = "CAREGIVER", _("Professional carer")


class ProxyBasis(models.TextChoices):
    """Why a carer may act."""

    CONSENT = "consent", _("The patient asked for it")
    CUSTODY = "custody", _("Responsible for a child, papers checked by the clinic")


class Theme(models.TextChoices):
    AUTO = "auto", _("As this device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class Units(models.TextChoices):
    """In which units measurements are typed and shown. What is stored does not depend on it."""

    METRIC = "metric", _("Metric: kg, cm, °C, mmol/L")
    US = "us", _("US: lb, ft in, °F, mg/dL")


class ApprovalStatus(models.TextChoices):
    PENDING = "pending", _("Waiting for approval")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")


class Specialty(models.TextChoices):
    GENERAL_PRACTICE = "general-practice", _("General practice")
    PEDIATRICS = "pediatrics", _("Paediatrics")
    CARDIOLOGY = "cardiology", _("Cardiology")
    DERMATOLOGY = "dermatology", _("Dermatology")
    GYNECOLOGY = "gynecology", _("Gynaecology")
    ORTHOPEDICS = "orthopedics", _("Orthopaedics")
    PSYCHIATRY = "psychiatry", _("Psychiatry")
    ENDOCRINOLOGY = "endocrinology", _("Endocrinology")
    NEUROLOGY = "neurology", _("Neurology")
    OPHTHALMOLOGY = "ophthalmology", _("Ophthalmology")
    PHYSIOTHERAPY = "physiotherapy", _("Physiotherapy")
    NURSING = "nursing", _("Nurse clinic")


# ISO 639-1. Languages doctors offer; each named in itself, as its speakers look for it.
SPOKEN_LANGUAGES = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("es", "Español"),
    ("fr", "Français"),
    ("it", "Italiano"),
    ("pl", "Polski"),
    ("pt", "Português"),
    ("tr", "Türkçe"),
    ("uk", "Українська"),
    ("ar", "العربية"),
    ("fa", "فارسی"),
    ("hi", "हिन्दी"),
    ("ur", "اردو"),
    ("zh", "中文"),
]
