"""Who may do what to which appointment or schedule. Whether it makes sense now is a matter of
`rules`.
"""

from __future__ import annotations

import uuid

from django.db.models import Q

from clinic.people.choices import ProxyScope, Role
from clinic.people.permissions import NotAllowed as NotAllowed
from clinic.people.viewer import Viewer
from clinic.scheduling.models import Appointment


def patient_of(viewer: Viewer) -> uuid.UUID | None:
    """Return the patient whose visits are this person's to book: themself, or whom they act for.

    A carer whose grant does not reach as far as visits has none.
    """
    if viewer.proxy is not None and not viewer.proxy.may(ProxyScope.VISITS):
        return None
    return viewer.patient_id


def visible_appointments(viewer: Viewer) -> Q:
    """Return the filter of appointments a person may see: own, of own practice, or all for the
    desk.
    """
    if viewer.is_system or viewer.runs_the_desk:
        return Q()
    mine = Q(pk__in=[])
    if patient_id := patient_of(viewer):
        mine |= Q(patient_id=patient_id)
    if viewer.practitioner_id and viewer.has(Role.PRACTITIONER):
        mine |= Q(practitioner_id=viewer.practitioner_id)
    return mine


def can_view_board(viewer: Viewer, practitioner_id: uuid.UUID) -> bool:
    """Only that doctor, front desk and administrators watch a day."""
    own = viewer.has(Role.PRACTITIONER) and viewer.practitioner_id == practitioner_id
    return viewer.is_system or viewer.runs_the_desk or own


def can_edit_schedule(viewer: Viewer, practitioner_id: uuid.UUID) -> bool:
    """A doctor edits own hours and absences; an administrator anyone's."""
    own = viewer.has(Role.PRACTITIONER) and viewer.practitioner_id == practitioner_id
    return viewer.is_system or viewer.has(Role.ADMINISTRATOR) or own


def can_close_site(viewer: Viewer) -> bool:
    return viewer.is_system or viewer.has(Role.ADMINISTRATOR)


def can_set_up(viewer: Viewer) -> bool:
    """Only an administrator says where the clinic is and what it offers."""
    return viewer.is_system or viewer.has(Role.ADMINISTRATOR)


def acts_as_staff_for(viewer: Viewer, practitioner_id: uuid.UUID) -> bool:
    """Say whether the person acts for the clinic on this doctor's visits (exempt from cut-offs)."""
    return can_view_board(viewer, practitioner_id)


def can_book_for(viewer: Viewer, patient_id: uuid.UUID, practitioner_id: uuid.UUID) -> bool:
    """A patient or their carer books; staff for anyone, with the doctors whose days they run."""
    return patient_of(viewer) == patient_id or acts_as_staff_for(viewer, practitioner_id)


def is_own(viewer: Viewer, appointment: Appointment) -> bool:
    patient_id = patient_of(viewer)
    return patient_id is not None and appointment.patient_id == patient_id


def check_may_change(viewer: Viewer, appointment: Appointment) -> bool:
    """Return whether the person acts as staff; raise NotAllowed where the visit is none of
    theirs.
    """
    if acts_as_staff_for(viewer, appointment.practitioner_id):
        return True
    if is_own(viewer, appointment):
        return False
    raise NotAllowed


def check_is_staff_for(viewer: Viewer, practitioner_id: uuid.UUID) -> None:
    if not acts_as_staff_for(viewer, practitioner_id):
        raise NotAllowed


def check_can_edit_schedule(viewer: Viewer, practitioner_id: uuid.UUID) -> None:
    if not can_edit_schedule(viewer, practitioner_id):
        raise NotAllowed


def check_can_close_site(viewer: Viewer) -> None:
    if not can_close_site(viewer):
        raise NotAllowed


def check_can_set_up(viewer: Viewer) -> None:
    if not can_set_up(viewer):
        raise NotAllowed


def check_can_book_for(viewer: Viewer, patient_id: uuid.UUID, practitioner_id: uuid.UUID) -> None:
    if not can_book_for(viewer, patient_id, practitioner_id):
        raise NotAllowed


def check_has_visits(viewer: Viewer) -> uuid.UUID:
    """Return the patient whose visits these pages are about; raise NotAllowed for anyone else."""
    patient_id = patient_of(viewer)
    if patient_id is None:
        raise NotAllowed("visits")
    return patient_id
