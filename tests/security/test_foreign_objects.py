"""A stranger's id is worth nothing: services and selectors refuse it and change nothing.

The refusal of someone else's object is the refusal of an object that does not exist.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from clinic.people import permissions as people_permissions
from clinic.people.choices import Role
from clinic.people.services import invitations, practitioners, profiles, registration, roles
from clinic.people.services.registration import DETAIL_NAMES, PatientDetails
from clinic.people.viewer import VISITOR, Viewer
from clinic.scheduling import permissions
from clinic.scheduling.choices import AppointmentStatus, CancellationReason, WindowKind
from clinic.scheduling.models import Appointment
from clinic.scheduling.selectors import board
from clinic.scheduling.services import appointments, booking, claims, schedule
from tests.conftest import NOW
from tests.factories.people import viewer
from tests.security.world import World

NOBODYS = uuid.UUID(int=99)
pytestmark = pytest.mark.django_db(transaction=True)
Act = Callable[[World, uuid.UUID, Viewer], Any]

ON_A_VISIT: dict[str, Act] = {
    "cancel": lambda w, pk, by: appointments.cancel_appointment(
        appointment_id=pk, by=by, reason=CancellationReason.values[0], now=NOW
    ),
    "move": lambda w, pk, by: appointments.reschedule_appointment(
        appointment_id=pk, starts_at=w.appointment.starts_at, by=by, now=NOW
    ),
    "confirm": lambda w, pk, by: appointments.confirm_attendance(appointment_id=pk, by=by, now=NOW),
    "late": lambda w, pk, by: appointments.report_running_late(
        appointment_id=pk, minutes=10, by=by, now=NOW
    ),
    "arrive": lambda w, pk, by: appointments.change_status(
        appointment_id=pk, to_status=AppointmentStatus.ARRIVED, by=by, now=NOW
    ),
    "approve": lambda w, pk, by: appointments.approve_request(appointment_id=pk, by=by, now=NOW),
    "undo": lambda w, pk, by: appointments.undo_last_change(appointment_id=pk, by=by, now=NOW),
    "read as staff": lambda w, pk, by: board.visit_for_staff(appointment_id=pk, viewer=by),
}
STAFF_ONLY = {"arrive", "approve", "undo", "read as staff"}


def _viewers(world: World) -> dict[str, Viewer]:
    return {
        "visitor": VISITOR,
        "outsider": viewer(world.outsider),
        "other doctor": viewer(world.other_practitioner),
        "waiting doctor": viewer(world.pending),
        "former patient": Viewer(user_id=world.patient.user_id),
        "former doctor": Viewer(
            user_id=world.practitioner.user_id, practitioner_id=world.practitioner.pk
        ),
    }


@pytest.mark.parametrize("act", ON_A_VISIT)
def test_strangers_visit_is_refused_as_if_it_did_not_exist(world: World, act: str) -> None:
    before = Appointment.objects.values().get()

    for by in _viewers(world).values():
        for appointment_id in (world.appointment.pk, NOBODYS):
            with pytest.raises(permissions.NotAllowed):
                ON_A_VISIT[act](world, appointment_id, by)

    assert Appointment.objects.values().get() == before


@pytest.mark.parametrize("act", sorted(STAFF_ONLY))
def test_patient_does_not_do_what_is_the_staffs(world: World, act: str) -> None:
    with pytest.raises(permissions.NotAllowed):
        ON_A_VISIT[act](world, world.appointment.pk, viewer(world.patient))


def test_nobody_books_in_a_strangers_name(world: World) -> None:
    for name in ("visitor", "outsider", "waiting doctor", "former patient"):
        order = booking.Order(
            wish=claims.Wish(
                practitioner_id=world.practitioner.pk,
                visit_type_id=world.visit_type.pk,
                starts_at=world.appointment.ends_at,
                modality="in-person",
                for_patient=True,
            ),
            patient_id=world.patient.pk,
            idempotency_key=uuid.uuid4(),
        )
        with pytest.raises(permissions.NotAllowed):
            booking.book_appointment(order=order, by=_viewers(world)[name], now=NOW)

    assert Appointment.objects.count() == 1


def test_key_of_a_strangers_booking_shows_nothing_of_it(world: World) -> None:
    key = uuid.uuid4()
    Appointment.objects.filter(pk=world.appointment.pk).update(idempotency_key=key)
    order = booking.Order(
        wish=claims.Wish(
            practitioner_id=world.practitioner.pk,
            visit_type_id=world.visit_type.pk,
            starts_at=world.appointment.ends_at,
            modality="in-person",
            for_patient=True,
        ),
        patient_id=world.outsider.pk,
        idempotency_key=key,
    )

    with pytest.raises(booking.KeyReused):
        booking.book_appointment(order=order, by=viewer(world.outsider), now=NOW)


ON_A_SCHEDULE: dict[str, Act] = {
    "week": lambda w, pk, by: schedule.publish_week(
        practitioner_id=pk,
        windows=(),
        valid_from=dt.date(2026, 3, 9),
        decisions={},
        by=by,
        now=NOW,
    ),
    "absence": lambda w, pk, by: schedule.add_absence(
        practitioner_id=pk,
        starts_at=NOW + dt.timedelta(days=60),
        ends_at=NOW + dt.timedelta(days=61),
        decisions={},
        by=by,
        now=NOW,
    ),
    "end of an absence": lambda w, pk, by: schedule.remove_absence(
        absence_id=w.absence.pk, by=by, now=NOW
    ),
    "date": lambda w, pk, by: schedule.set_date_windows(
        practitioner_id=pk,
        date=dt.date(2026, 3, 9),
        kind=WindowKind.REPLACE,
        windows=(),
        decisions={},
        by=by,
        now=NOW,
        site_id=w.site.pk,
    ),
    "usual date": lambda w, pk, by: schedule.remove_date_windows(
        practitioner_id=pk,
        date=dt.date(2026, 3, 9),
        kind=WindowKind.REPLACE,
        decisions={},
        by=by,
        now=NOW,
    ),
    "board": lambda w, pk, by: board.board_day(
        practitioner_id=pk, date=dt.date(2026, 3, 3), viewer=by, now=NOW
    ),
    "week board": lambda w, pk, by: board.board_days(
        practitioner_id=pk, dates=[dt.date(2026, 3, 3)], viewer=by, now=NOW
    ),
}


@pytest.mark.parametrize("act", ON_A_SCHEDULE)
def test_strangers_schedule_is_neither_read_nor_changed(world: World, act: str) -> None:
    strangers = _viewers(world) | {"patient": viewer(world.patient)}

    for by in strangers.values():
        with pytest.raises(permissions.NotAllowed):
            ON_A_SCHEDULE[act](world, world.practitioner.pk, by)


def test_only_administrators_close_a_site(world: World) -> None:
    strangers = _viewers(world) | {
        "doctor": viewer(world.practitioner),
        "desk": viewer(world.receptionist),
        "patient": viewer(world.patient),
    }

    for by in strangers.values():
        with pytest.raises(permissions.NotAllowed):
            schedule.close_site(
                site_id=world.site.pk,
                starts_at=NOW,
                ends_at=NOW + dt.timedelta(days=1),
                public_reason="",
                decisions={},
                by=by,
                now=NOW,
            )
        with pytest.raises(permissions.NotAllowed):
            schedule.reopen_site(closure_id=world.closure.pk, by=by, now=NOW)


ON_AN_ACCOUNT: dict[str, Act] = {
    "grant": lambda w, pk, by: roles.grant_role(
        user_id=pk, role=Role.ADMINISTRATOR, by=by, now=NOW
    ),
    "end": lambda w, pk, by: roles.end_role(user_id=pk, role=Role.PATIENT, by=by, now=NOW),
    "close": lambda w, pk, by: roles.deactivate_user(user_id=pk, by=by, now=NOW),
    "reopen": lambda w, pk, by: roles.reactivate_user(user_id=pk, by=by, now=NOW),
    "invite": lambda w, pk, by: invitations.invite(
        email="friend@example.org", role=Role.ADMINISTRATOR, by=by, now=NOW
    ),
    "withdraw": lambda w, pk, by: invitations.withdraw_invitation(
        invitation_id=w.invitation_id, by=by, now=NOW
    ),
    "approve": lambda w, pk, by: practitioners.approve_practitioner(
        practitioner_id=w.pending.pk, by=by, now=NOW
    ),
}


@pytest.mark.parametrize("act", ON_AN_ACCOUNT)
def test_only_administrators_change_accounts_even_their_own(world: World, act: str) -> None:
    strangers = _viewers(world) | {
        "doctor": viewer(world.practitioner),
        "desk": viewer(world.receptionist),
        "patient": viewer(world.patient),
    }

    for by in strangers.values():
        for user_id in {world.patient.user_id, by.user_id or world.patient.user_id}:
            with pytest.raises(people_permissions.NotAllowed):
                ON_AN_ACCOUNT[act](world, user_id, by)


def test_strangers_details_are_not_written(world: World) -> None:
    details = PatientDetails(**{name: getattr(world.patient, name) for name in DETAIL_NAMES})
    strangers = _viewers(world) | {"doctor": viewer(world.practitioner)}

    for by in strangers.values():
        with pytest.raises(people_permissions.NotAllowed):
            profiles.update_profile(patient_id=world.patient.pk, details=details, by=by, now=NOW)
        with pytest.raises(people_permissions.NotAllowed):
            registration.create_patient_without_account(details=details, by=by, now=NOW)
