"""Who may open whose record, and on what ground. The one policy of the record.

`access_to` is the only maker of a `RecordAccess`. Every selector of this package takes one instead
of a viewer, so that nothing can be read without this question having been asked. Front desk and
administrators have no ground at all.
"""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from dataclasses import dataclass

from clinic.people.choices import ApprovalStatus, ProxyScope, Role
from clinic.people.models import Patient
from clinic.people.permissions import NotAllowed as NotAllowed
from clinic.people.viewer import Viewer
from clinic.records.choices import ErasureStatus, Source
from clinic.records.models import EmergencyAccess, Erasure
from clinic.scheduling.selectors.care import has_care_relationship


class Ground(enum.StrEnum):
    """Why somebody may open a record; written into every audit event of it."""

    OWN = "own"
    PROXY = "proxy"
    CARE = "care"
    EMERGENCY = "emergency"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class RecordAccess:
    """The answer to "may this viewer open this patient's record now": yes, on this ground.

    `version` is the record's from before anything of it was read, 0 where nobody looked.
    """

    viewer: Viewer
    patient_id: uuid.UUID
    ground: Ground
    may_write: bool
    until: dt.datetime | None = None
    version: int = 0

    @property
    def is_patient_side(self) -> bool:
        """The patient or a carer: sees released notes only, adds unconfirmed entries."""
        return self.ground in (Ground.OWN, Ground.PROXY)

    @property
    def is_clinical(self) -> bool:
        """A doctor: sees drafts of the own notes, confirms, signs, prescribes."""
        return self.ground in (Ground.CARE, Ground.EMERGENCY)

    @property
    def source(self) -> Source:
        """Return what is written as the source of an entry made with this access."""
        return _SOURCES[self.ground]


_SOURCES = {
    Ground.OWN: Source.PATIENT,
    Ground.PROXY: Source.PROXY,
    Ground.CARE: Source.PRACTITIONER,
    Ground.EMERGENCY: Source.PRACTITIONER,
    Ground.SYSTEM: Source.IMPORT,
}


def access_to(*, viewer: Viewer, patient_id: uuid.UUID, now: dt.datetime) -> RecordAccess | None:
    """Return the access of a viewer to one patient's record, None where there is none."""
    if viewer.is_system:
        return RecordAccess(viewer, patient_id, Ground.SYSTEM, may_write=True)
    access = _as_patient(viewer, patient_id) or _as_doctor(viewer, patient_id, now)
    if access is None or _is_erased(patient_id):
        return None
    return access


def check_may_open(*, viewer: Viewer, patient_id: uuid.UUID, now: dt.datetime) -> RecordAccess:
    """Return the access or raise NotAllowed."""
    access = access_to(viewer=viewer, patient_id=patient_id, now=now)
    if access is None:
        raise NotAllowed("record")
    return access


def check_may_write(*, viewer: Viewer, patient_id: uuid.UUID, now: dt.datetime) -> RecordAccess:
    """Return an access that allows writing, or raise NotAllowed."""
    access = check_may_open(viewer=viewer, patient_id=patient_id, now=now)
    if not access.may_write:
        raise NotAllowed("writing into the record")
    return access


def check_is_clinical(access: RecordAccess) -> None:
    """Raise NotAllowed unless a doctor acts."""
    if not access.is_clinical:
        raise NotAllowed("clinical act")


def check_is_patient_side(access: RecordAccess) -> None:
    """Raise NotAllowed unless the patient or a carer acts."""
    if not access.is_patient_side:
        raise NotAllowed("the patient's own right")


def check_may_export(*, viewer: Viewer, patient_id: uuid.UUID, now: dt.datetime) -> None:
    """The copy is the patient's own: doctors have the record itself. Raises NotAllowed."""
    check_is_patient_side(check_may_open(viewer=viewer, patient_id=patient_id, now=now))


def _as_patient(viewer: Viewer, patient_id: uuid.UUID) -> RecordAccess | None:
    if viewer.patient_id != patient_id:
        return None
    if viewer.proxy is None:
        return RecordAccess(viewer, patient_id, Ground.OWN, may_write=True)
    scopes = viewer.proxy.scopes
    if viewer.proxy.patient_id != patient_id or ProxyScope.RECORD_READ not in scopes:
        return None
    may_write = ProxyScope.RECORD_WRITE in scopes
    return RecordAccess(viewer, patient_id, Ground.PROXY, may_write=may_write)


def _as_doctor(viewer: Viewer, patient_id: uuid.UUID, now: dt.datetime) -> RecordAccess | None:
    doctor = viewer.practitioner_id
    if doctor is None or not viewer.has(Role.PRACTITIONER) or viewer.proxy is not None:
        return None
    if has_care_relationship(practitioner_id=doctor, patient_id=patient_id, now=now):
        access = RecordAccess(viewer, patient_id, Ground.CARE, may_write=True)
    else:
        until = emergency_until(practitioner_id=doctor, patient_id=patient_id, now=now)
        if until is None:
            return None
        access = RecordAccess(viewer, patient_id, Ground.EMERGENCY, may_write=True, until=until)
    # Nobody is their own doctor: staff see the own record as a patient or not at all.
    return None if is_patient_themself(viewer, patient_id) else access


def emergency_until(
    *, practitioner_id: uuid.UUID, patient_id: uuid.UUID, now: dt.datetime
) -> dt.datetime | None:
    """Return how long a doctor's emergency access to a record still lasts, None without one."""
    glass = EmergencyAccess.objects.filter(
        patient_id=patient_id,
        practitioner_id=practitioner_id,
        practitioner__approval=ApprovalStatus.APPROVED,
        starts_at__lte=now,
        ends_at__gt=now,
        ended_at__isnull=True,
    )
    return glass.order_by("-ends_at").values_list("ends_at", flat=True).first()


def check_may_break_glass(*, viewer: Viewer, patient_id: uuid.UUID) -> tuple[uuid.UUID, uuid.UUID]:
    """Return the doctor's id and the account's, or raise NotAllowed: never the own record."""
    doctor, user = viewer.practitioner_id, viewer.user_id
    if doctor is None or user is None or not viewer.has(Role.PRACTITIONER):
        raise NotAllowed("emergency access")
    if viewer.proxy is not None or _is_erased(patient_id):
        raise NotAllowed("emergency access to this record")
    if is_patient_themself(viewer, patient_id):
        raise NotAllowed("emergency access to the own record")
    return doctor, user


def check_may_review_emergencies(*, viewer: Viewer) -> None:
    """Only an administrator judges emergency access; the doctor who used it never can be one."""
    if not viewer.has(Role.ADMINISTRATOR):
        raise NotAllowed("review of emergency access")


def is_patient_themself(viewer: Viewer, patient_id: uuid.UUID) -> bool:
    """Say whether the record is the viewer's own, whatever roles they hold."""
    if viewer.user_id is None:
        return False
    return Patient.objects.filter(pk=patient_id, user_id=viewer.user_id).exists()


def _is_erased(patient_id: uuid.UUID) -> bool:
    return Erasure.objects.filter(pk=patient_id, status=ErasureStatus.EXECUTED).exists()
