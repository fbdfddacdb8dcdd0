"""Services of people: the change, the trail and the announcement (STYLE 7)."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import transaction

from clinic.audit.models import AuditEvent
from clinic.people import rules, selectors
from clinic.people.choices import ApprovalStatus, Role, Theme, Units
from clinic.people.models import Invitation, Patient, Practitioner, RoleGrant, User
from clinic.people.permissions import NotAllowed
from clinic.people.services import accounts, invitations, practitioners, profiles, roles
from clinic.people.services import registration as registrations
from clinic.people.services.practitioners import PractitionerDetails
from clinic.people.services.registration import PatientDetails, Registration
from clinic.people.signals import access_changed
from clinic.people.viewer import SYSTEM, VISITOR, Viewer
from tests.factories.people import PASSWORD, InvitationFactory, PatientFactory, UserFactory, viewer

AMARA = Registration(
    email="amara@example.org", password=PASSWORD, given_name="Amara", family_name="Fenwick"
)
DETAILS = PractitionerDetails(title="Dr", specialty="cardiology", license_number="DE-1")


def trail(action: str) -> AuditEvent:
    return AuditEvent.objects.get(action=action)


# --- registering ----------------------------------------------------------------------------------


def test_register_patient_makes_account_record_and_role(db: None, now: dt.datetime) -> None:
    user = registrations.register_patient(registration=AMARA, by=VISITOR, now=now)

    patient = Patient.objects.get(user=user)
    assert patient.full_name == "Amara Fenwick"
    assert patient.record_number.startswith("BT ")
    assert user.check_password(PASSWORD)
    assert viewer(user).roles == {Role.PATIENT}
    event = trail("account.registered")
    assert (event.actor, event.object_id) == (user.pk, user.pk)
    assert "amara" not in event.detail.lower()


def test_register_patient_refuses_a_taken_address_in_any_case(db: None, now: dt.datetime) -> None:
    UserFactory(email="AMARA@example.org".lower())

    with pytest.raises(registrations.EmailTaken):
        registrations.register_patient(registration=AMARA, by=VISITOR, now=now)

    assert not Patient.objects.exists()


def test_passwords_stay_out_of_reprs() -> None:
    assert PASSWORD not in repr(AMARA)


def test_desk_enters_a_patient_by_phone(receptionist: User, now: dt.datetime) -> None:
    details = PatientDetails(given_name="Jonas", family_name="Okoye", phone="+4930123456")

    patient = registrations.create_patient_without_account(
        details=details, by=viewer(receptionist), now=now
    )

    patient.refresh_from_db()
    assert patient.user_id is None
    assert patient.phone == "+4930123456"
    assert trail("patient.registered").patient == patient.pk


def test_only_the_desk_enters_patients(
    patient: Patient, practitioner: Practitioner, now: dt.datetime
) -> None:
    details = PatientDetails(given_name="Jonas", family_name="Okoye")

    for person in (patient, practitioner):
        with pytest.raises(NotAllowed):
            registrations.create_patient_without_account(
                details=details, by=viewer(person), now=now
            )


def test_record_numbers_are_never_given_twice(db: None) -> None:
    numbers = registrations.next_record_numbers(count=50) + [registrations.next_record_number()]

    assert len(set(numbers)) == 51


# --- profile --------------------------------------------------------------------------------------


def test_update_profile_stores_and_notes_only_names_of_fields(
    patient: Patient, now: dt.datetime
) -> None:
    details = PatientDetails(
        given_name="Amara",
        family_name="Fenwick",
        birth_date=patient.birth_date,
        phone="+4930123456",
        address="1 Harbour Street",
        language="de",
        time_zone="Europe/Berlin",
    )

    profiles.update_profile(patient_id=patient.pk, details=details, by=viewer(patient), now=now)

    patient.refresh_from_db()
    user = User.objects.get(pk=patient.user_id)
    assert patient.address == "1 Harbour Street"
    assert (user.language, user.time_zone) == ("de", "Europe/Berlin")
    event = trail("patient.updated")
    assert json.loads(event.detail) == {"fields": ["address", "language", "phone", "time_zone"]}


def test_update_profile_without_a_change_leaves_no_trace(
    patient: Patient, now: dt.datetime
) -> None:
    same = PatientDetails(**{name: getattr(patient, name) for name in registrations.DETAIL_NAMES})

    profiles.update_profile(patient_id=patient.pk, details=same, by=viewer(patient), now=now)

    assert not AuditEvent.objects.filter(action="patient.updated").exists()


def test_update_profile_keeps_the_proved_address(patient: Patient, now: dt.datetime) -> None:
    details = PatientDetails(given_name="Amara", family_name="Fenwick", email="evil@example.org")

    profiles.update_profile(patient_id=patient.pk, details=details, by=viewer(patient), now=now)

    patient.refresh_from_db()
    assert patient.email == "amara@example.org"


def test_outsider_cannot_update_a_profile(
    patient: Patient, outsider: Patient, practitioner: Practitioner, now: dt.datetime
) -> None:
    details = PatientDetails(given_name="Mallory", family_name="X")

    for person in (outsider, practitioner):
        with pytest.raises(NotAllowed):
            profiles.update_profile(
                patient_id=patient.pk, details=details, by=viewer(person), now=now
            )

    patient.refresh_from_db()
    assert patient.given_name == "Amara"


def test_desk_may_update_a_profile(patient: Patient, receptionist: User, now: dt.datetime) -> None:
    details = PatientDetails(given_name="Amara", family_name="Fenwick-Strand")

    profiles.update_profile(
        patient_id=patient.pk, details=details, by=viewer(receptionist), now=now
    )

    patient.refresh_from_db()
    assert patient.family_name == "Fenwick-Strand"


def test_desk_may_update_a_patient_without_account(receptionist: User, now: dt.datetime) -> None:
    caller = PatientFactory(user=None)
    details = PatientDetails(given_name="Jo", family_name="Okoye", email="jo@example.org")

    profiles.update_profile(patient_id=caller.pk, details=details, by=viewer(receptionist), now=now)

    caller.refresh_from_db()
    assert caller.email == "jo@example.org"


def test_doctor_updates_the_own_page_only(
    practitioner: Practitioner, other_practitioner: Practitioner, now: dt.datetime
) -> None:
    page = profiles.PractitionerPage(
        title="Dr", given_name="Ines", family_name="Llorente", bio="Hello", languages=("en", "es")
    )

    profiles.update_practitioner_page(
        practitioner_id=practitioner.pk, page=page, by=viewer(practitioner), now=now
    )
    with pytest.raises(NotAllowed):
        profiles.update_practitioner_page(
            practitioner_id=other_practitioner.pk, page=page, by=viewer(practitioner), now=now
        )

    practitioner.refresh_from_db()
    assert (practitioner.bio, practitioner.languages) == ("Hello", ["en", "es"])
    assert json.loads(trail("practitioner.updated").detail) == {"fields": ["bio", "languages"]}


def test_unchanged_page_leaves_no_trace(practitioner: Practitioner, now: dt.datetime) -> None:
    page = profiles.PractitionerPage(
        title=practitioner.title,
        given_name=practitioner.given_name,
        family_name=practitioner.family_name,
        bio="",
        languages=(),
    )

    profiles.update_practitioner_page(
        practitioner_id=practitioner.pk, page=page, by=SYSTEM, now=now
    )

    assert not AuditEvent.objects.exists()


def test_preferences_belong_to_the_account_that_acts(patient: Patient, now: dt.datetime) -> None:
    chosen = profiles.Preferences(
        theme=Theme.DARK,
        single_keys=False,
        language="es",
        time_zone="Europe/Madrid",
        units=Units.US,
    )

    user = profiles.update_preferences(preferences=chosen, by=viewer(patient), now=now)

    assert (user.theme, user.single_keys, user.units) == ("dark", False, "us")
    patient.refresh_from_db()
    assert (patient.language, patient.time_zone) == ("es", "Europe/Madrid")
    with pytest.raises(NotAllowed):
        profiles.update_preferences(preferences=chosen, by=VISITOR, now=now)


def test_choose_units_keeps_them_with_the_account(patient: Patient, now: dt.datetime) -> None:
    profiles.choose_units(units=Units.US, by=viewer(patient), now=now)
    profiles.choose_units(units=Units.US, by=viewer(patient), now=now)

    assert User.objects.get(pk=patient.user_id).units == "us"
    assert AuditEvent.objects.filter(action="account.preferences_changed").count() == 1
    with pytest.raises(NotAllowed):
        profiles.choose_units(units=Units.US, by=VISITOR, now=now)


# --- roles ----------------------------------------------------------------------------------------


def test_granted_role_counts_at_once(
    administrator: User, receptionist: User, now: dt.datetime
) -> None:
    grant = roles.grant_role(
        user_id=receptionist.pk, role=Role.ADMINISTRATOR, by=viewer(administrator), now=now
    )

    assert viewer(receptionist).roles == {Role.FRONT_DESK, Role.ADMINISTRATOR}
    assert grant.granted_by_id == administrator.pk
    assert trail("role.granted").object_id == receptionist.pk


def test_announcement_names_the_account(
    administrator: User,
    receptionist: User,
    django_capture_on_commit_callbacks: Callable[..., Any],
    now: dt.datetime,
) -> None:
    heard: list[uuid.UUID] = []

    def listen(sender: type, user_id: uuid.UUID, **_: Any) -> None:
        heard.append(user_id)

    access_changed.connect(listen)
    by = viewer(administrator)
    with django_capture_on_commit_callbacks(execute=True):
        roles.end_role(user_id=receptionist.pk, role=Role.FRONT_DESK, by=by, now=now)
        assert heard == [], "nothing is said before commit"
    with django_capture_on_commit_callbacks(execute=True):
        roles.deactivate_user(user_id=receptionist.pk, by=by, now=now)
        roles.reactivate_user(user_id=receptionist.pk, by=by, now=now)
    access_changed.disconnect(listen)

    assert heard == [receptionist.pk] * 3


def test_role_held_already_is_given_back(
    administrator: User, receptionist: User, now: dt.datetime
) -> None:
    present = receptionist.role_grants.get()

    again = roles.grant_role(
        user_id=receptionist.pk, role=Role.FRONT_DESK, by=viewer(administrator), now=now
    )

    assert again == present
    assert not AuditEvent.objects.filter(action="role.granted").exists()


@pytest.mark.parametrize("role", [Role.PATIENT, Role.PRACTITIONER])
def test_patient_and_doctor_roles_need_their_record(
    administrator: User, receptionist: User, role: Role, now: dt.datetime
) -> None:
    with pytest.raises(roles.RoleNeedsRecord):
        roles.grant_role(user_id=receptionist.pk, role=role, by=viewer(administrator), now=now)


def test_doctor_cannot_become_administrator(
    administrator: User, practitioner: Practitioner, now: dt.datetime
) -> None:
    with pytest.raises(rules.RolesDoNotMix):
        roles.grant_role(
            user_id=practitioner.user_id,
            role=Role.ADMINISTRATOR,
            by=viewer(administrator),
            now=now,
        )


def test_ended_role_is_gone_but_remembered(
    administrator: User, receptionist: User, now: dt.datetime
) -> None:
    roles.end_role(user_id=receptionist.pk, role=Role.FRONT_DESK, by=viewer(administrator), now=now)

    assert viewer(receptionist).roles == frozenset()
    assert RoleGrant.objects.get(user=receptionist).ended_at == now
    with pytest.raises(roles.RoleNotHeld):
        roles.end_role(
            user_id=receptionist.pk, role=Role.FRONT_DESK, by=viewer(administrator), now=now
        )


def test_the_last_administrator_stays(administrator: User, now: dt.datetime) -> None:
    by = viewer(administrator)

    with pytest.raises(rules.LastAdministrator):
        roles.end_role(user_id=administrator.pk, role=Role.ADMINISTRATOR, by=by, now=now)
    with pytest.raises(rules.LastAdministrator):
        roles.deactivate_user(user_id=administrator.pk, by=by, now=now)

    assert viewer(administrator).roles == {Role.ADMINISTRATOR}


def test_a_closed_administrator_does_not_count_as_another(
    administrator: User, now: dt.datetime
) -> None:
    UserFactory(roles=[Role.ADMINISTRATOR], is_active=False)

    with pytest.raises(rules.LastAdministrator):
        roles.deactivate_user(user_id=administrator.pk, by=viewer(administrator), now=now)


def test_one_of_two_administrators_can_go(administrator: User, now: dt.datetime) -> None:
    other = UserFactory(roles=[Role.ADMINISTRATOR])

    roles.deactivate_user(user_id=other.pk, by=viewer(administrator), now=now)

    assert viewer(other) == VISITOR
    assert trail("account.closed").object_id == other.pk


def test_reopened_account_holds_its_roles_again(
    administrator: User, receptionist: User, now: dt.datetime
) -> None:
    roles.deactivate_user(user_id=receptionist.pk, by=viewer(administrator), now=now)
    roles.reactivate_user(user_id=receptionist.pk, by=viewer(administrator), now=now)

    assert viewer(receptionist).roles == {Role.FRONT_DESK}


# --- doctors --------------------------------------------------------------------------------------


def test_registered_doctor_waits_without_a_role(db: None, now: dt.datetime) -> None:
    user = practitioners.register_practitioner(
        registration=AMARA, details=DETAILS, by=VISITOR, now=now
    )

    assert user.practitioner.approval == ApprovalStatus.PENDING
    assert viewer(user).roles == frozenset()
    assert selectors.waits_for_approval(viewer=viewer(user))


def test_account_can_register_as_a_doctor_once(
    patient: Patient, administrator: User, now: dt.datetime
) -> None:
    by = viewer(patient)

    practitioners.register_account_as_practitioner(names=AMARA, details=DETAILS, by=by, now=now)
    with pytest.raises(practitioners.AlreadyRegistered):
        practitioners.register_account_as_practitioner(names=AMARA, details=DETAILS, by=by, now=now)

    with pytest.raises(NotAllowed):
        practitioners.register_account_as_practitioner(
            names=AMARA, details=DETAILS, by=VISITOR, now=now
        )
    practitioners.approve_practitioner(
        practitioner_id=Practitioner.objects.get().pk, by=viewer(administrator), now=now
    )
    assert viewer(patient).roles == {Role.PATIENT, Role.PRACTITIONER}


def test_approved_doctor_holds_the_role(
    administrator: User, pending_practitioner: Practitioner, now: dt.datetime
) -> None:
    approved = practitioners.approve_practitioner(
        practitioner_id=pending_practitioner.pk, by=viewer(administrator), now=now
    )

    assert approved.approval == ApprovalStatus.APPROVED
    assert approved.approval_decided_by_id == administrator.pk
    assert viewer(approved).practitioner_id == approved.pk
    assert trail("practitioner.approved").object_id == approved.pk


def test_declined_doctor_stays_without_a_role(
    administrator: User, pending_practitioner: Practitioner, now: dt.datetime
) -> None:
    practitioners.decline_practitioner(
        practitioner_id=pending_practitioner.pk, by=viewer(administrator), now=now
    )

    assert viewer(pending_practitioner).roles == frozenset()
    with pytest.raises(rules.AlreadyDecided):
        practitioners.approve_practitioner(
            practitioner_id=pending_practitioner.pk, by=viewer(administrator), now=now
        )


# --- invitations ----------------------------------------------------------------------------------


def test_invitation_stores_the_hash_of_its_secret(administrator: User, now: dt.datetime) -> None:
    issued = invitations.invite(
        email="New@Example.org", role=Role.FRONT_DESK, by=viewer(administrator), now=now
    )

    invitation = Invitation.objects.get()
    assert len(issued.secret) >= 43, "256 bits"
    assert issued.secret not in json.dumps(list(Invitation.objects.values()), default=str)
    assert invitation.email == "new@example.org"
    assert invitation.expires_at == now + dt.timedelta(days=7)
    assert selectors.invitation_of(secret=issued.secret, now=now) == invitation


def test_a_second_invitation_ends_the_first(administrator: User, now: dt.datetime) -> None:
    by = viewer(administrator)
    first = invitations.invite(email="n@example.org", role=Role.FRONT_DESK, by=by, now=now)
    second = invitations.invite(email="N@example.org", role=Role.ADMINISTRATOR, by=by, now=now)

    assert selectors.invitation_of(secret=first.secret, now=now) is None
    assert selectors.invitation_of(secret=second.secret, now=now) is not None


def test_accepted_invitation_makes_a_proved_account_with_the_role(
    administrator: User, now: dt.datetime
) -> None:
    issued = invitations.invite(
        email="desk2@example.org", role=Role.FRONT_DESK, by=viewer(administrator), now=now
    )

    user = invitations.accept_invitation(
        secret=issued.secret, registration=AMARA, details=None, by=VISITOR, now=now
    )

    assert user.email == "desk2@example.org", "the invited address, not the typed one"
    assert viewer(user).roles == {Role.FRONT_DESK}
    assert EmailAddress.objects.get(user=user).verified


def test_invitation_works_once_and_for_seven_days(administrator: User, now: dt.datetime) -> None:
    issued = invitations.invite(
        email="d@example.org", role=Role.FRONT_DESK, by=viewer(administrator), now=now
    )
    late = now + rules.INVITATION_LIFETIME

    def accept(secret: str, at: dt.datetime) -> User:
        return invitations.accept_invitation(
            secret=secret, registration=AMARA, details=None, by=VISITOR, now=at
        )

    with pytest.raises(rules.InvitationOver):
        accept(issued.secret, late)
    with pytest.raises(rules.InvitationOver):
        accept("a guess", now)
    accept(issued.secret, now)
    with pytest.raises(rules.InvitationOver):
        accept(issued.secret, now)


def test_withdrawn_invitation_stops_working(administrator: User, now: dt.datetime) -> None:
    by = viewer(administrator)
    issued = invitations.invite(email="d@example.org", role=Role.FRONT_DESK, by=by, now=now)

    invitations.withdraw_invitation(invitation_id=issued.invitation.pk, by=by, now=now)

    assert selectors.invitation_of(secret=issued.secret, now=now) is None
    with pytest.raises(rules.InvitationOver):
        invitations.withdraw_invitation(invitation_id=issued.invitation.pk, by=by, now=now)


def test_refused_acceptance_leaves_the_invitation_open(
    administrator: User, now: dt.datetime
) -> None:
    issued = invitations.invite(
        email="taken@example.org", role=Role.FRONT_DESK, by=viewer(administrator), now=now
    )
    UserFactory(email="taken@example.org")

    with pytest.raises(registrations.EmailTaken):
        invitations.accept_invitation(
            secret=issued.secret, registration=AMARA, details=None, by=VISITOR, now=now
        )

    assert selectors.invitation_of(secret=issued.secret, now=now) is not None


def test_invited_doctor_is_approved_by_the_inviter(administrator: User, now: dt.datetime) -> None:
    issued = invitations.invite(
        email="doc@example.org", role=Role.PRACTITIONER, by=viewer(administrator), now=now
    )

    user = invitations.accept_invitation(
        secret=issued.secret, registration=AMARA, details=DETAILS, by=VISITOR, now=now
    )

    assert user.practitioner.approval == ApprovalStatus.APPROVED
    assert user.practitioner.approval_decided_by_id == administrator.pk
    assert viewer(user).practitioner_id == user.practitioner.pk


def test_invited_patient_gets_a_record(administrator: User, now: dt.datetime) -> None:
    issued = invitations.invite(
        email="p@example.org", role=Role.PATIENT, by=viewer(administrator), now=now
    )

    user = invitations.accept_invitation(
        secret=issued.secret, registration=AMARA, details=None, by=VISITOR, now=now
    )

    assert viewer(user).patient_id == user.patient.pk


def test_account_takes_up_an_invitation(
    administrator: User, patient: Patient, now: dt.datetime
) -> None:
    issued = invitations.invite(
        email="Amara@Example.org", role=Role.FRONT_DESK, by=viewer(administrator), now=now
    )

    invitations.accept_invitation_with_account(
        secret=issued.secret, names=None, details=None, by=viewer(patient), now=now
    )

    assert viewer(patient).roles == {Role.PATIENT, Role.FRONT_DESK}


def test_waiting_doctor_is_approved_by_an_invitation(
    administrator: User, pending_practitioner: Practitioner, now: dt.datetime
) -> None:
    issued = invitations.invite(
        email="noor@example.org", role=Role.PRACTITIONER, by=viewer(administrator), now=now
    )

    invitations.accept_invitation_with_account(
        secret=issued.secret, names=None, details=None, by=viewer(pending_practitioner), now=now
    )

    pending_practitioner.refresh_from_db()
    assert pending_practitioner.approval == ApprovalStatus.APPROVED


@pytest.mark.parametrize("role", [Role.PATIENT, Role.PRACTITIONER])
def test_invited_role_needs_the_names_of_its_record(
    receptionist: User, role: Role, now: dt.datetime
) -> None:
    InvitationFactory(secret="s", email="desk@example.org", role=role, invited_at=now)

    with pytest.raises(roles.RoleNeedsRecord):
        invitations.accept_invitation_with_account(
            secret="s", names=None, details=None, by=viewer(receptionist), now=now
        )


def test_patient_record_is_kept_when_the_role_returns(patient: Patient, now: dt.datetime) -> None:
    patient.user.role_grants.update(ended_at=now)
    InvitationFactory(secret="s", email="amara@example.org", role=Role.PATIENT, invited_at=now)

    invitations.accept_invitation_with_account(
        secret="s", names=None, details=None, by=viewer(patient), now=now
    )

    assert viewer(patient).patient_id == patient.pk


def test_invitation_to_a_role_held_already_changes_nothing(
    administrator: User, receptionist: User, now: dt.datetime
) -> None:
    issued = invitations.invite(
        email="desk@example.org", role=Role.FRONT_DESK, by=viewer(administrator), now=now
    )

    invitations.accept_invitation_with_account(
        secret=issued.secret, names=None, details=None, by=viewer(receptionist), now=now
    )

    assert RoleGrant.objects.filter(user=receptionist).count() == 1


def test_nobody_takes_up_someone_elses_invitation(
    administrator: User, outsider: Patient, now: dt.datetime
) -> None:
    InvitationFactory(secret="s", email="other@example.org", invited_at=now)

    for by in (viewer(outsider), VISITOR, Viewer(user_id=uuid.uuid4())):
        with pytest.raises(invitations.NotTheInvited):
            invitations.accept_invitation_with_account(
                secret="s", names=None, details=None, by=by, now=now
            )

    assert viewer(outsider).roles == {Role.PATIENT}
    assert selectors.invitation_of(secret="s", now=now) is not None


def test_doctor_cannot_take_up_administration(practitioner: Practitioner, now: dt.datetime) -> None:
    InvitationFactory(secret="s", email="ines@example.org", role=Role.ADMINISTRATOR, invited_at=now)

    with pytest.raises(rules.RolesDoNotMix):
        invitations.accept_invitation_with_account(
            secret="s", names=None, details=None, by=viewer(practitioner), now=now
        )


@pytest.mark.parametrize("who", ["patient", "practitioner", "receptionist"])
def test_only_administrators_administer(
    who: str,
    request: pytest.FixtureRequest,
    pending_practitioner: Practitioner,
    now: dt.datetime,
) -> None:
    by = viewer(request.getfixturevalue(who))
    target = pending_practitioner
    acts: list[Callable[[], Any]] = [
        lambda: roles.grant_role(user_id=target.user_id, role=Role.PATIENT, by=by, now=now),
        lambda: roles.end_role(user_id=target.user_id, role=Role.PATIENT, by=by, now=now),
        lambda: roles.deactivate_user(user_id=target.user_id, by=by, now=now),
        lambda: roles.reactivate_user(user_id=target.user_id, by=by, now=now),
        lambda: practitioners.approve_practitioner(practitioner_id=target.pk, by=by, now=now),
        lambda: practitioners.decline_practitioner(practitioner_id=target.pk, by=by, now=now),
        lambda: invitations.invite(email="a@b.org", role=Role.PATIENT, by=by, now=now),
        lambda: invitations.withdraw_invitation(invitation_id=target.pk, by=by, now=now),
        lambda: selectors.accounts(viewer=by),
        lambda: selectors.account(viewer=by, user_id=target.user_id),
        lambda: selectors.practitioners_waiting(viewer=by),
        lambda: selectors.invitations_open(viewer=by, now=now),
    ]

    for act in acts:
        with pytest.raises(NotAllowed):
            act()


# --- the rest -------------------------------------------------------------------------------------


def test_failed_sign_in_is_on_the_trail_without_the_address(
    patient: Patient, now: dt.datetime
) -> None:
    accounts.note_failed_sign_in(email="AMARA@example.org", now=now)
    accounts.note_failed_sign_in(email="nobody@example.org", now=now)

    known, unknown = AuditEvent.objects.filter(action="account.sign_in_failed").order_by("pk")
    assert (known.object_id, unknown.object_id) == (patient.user_id, None)
    assert "@" not in known.detail + unknown.detail


def test_new_address_reaches_the_patient(patient: Patient, now: dt.datetime) -> None:
    User.objects.filter(pk=patient.user_id).update(email="new@example.org")

    accounts.follow_email_change(user_id=patient.user_id, by=viewer(patient), now=now)

    patient.refresh_from_db()
    assert patient.email == "new@example.org"


def test_own_account_of_nobody_is_refused() -> None:
    with pytest.raises(NotAllowed):
        selectors.own_account(viewer=VISITOR)
    assert selectors.own_patient(viewer=VISITOR) is None
    assert selectors.own_practitioner(viewer=VISITOR) is None


def test_account_shows_roles_held_now(
    administrator: User, receptionist: User, now: dt.datetime
) -> None:
    found = selectors.account(viewer=viewer(administrator), user_id=receptionist.pk)

    assert found is not None
    assert [grant.role for grant in found.grants_held] == [Role.FRONT_DESK]


def test_accounts_finds_by_name_and_lists_staff(
    administrator: User, receptionist: User, patient: Patient
) -> None:
    by = viewer(administrator)

    assert {user.email for user in selectors.accounts(viewer=by)} == {
        "admin@example.org",
        "desk@example.org",
    }
    assert [user.email for user in selectors.accounts(viewer=by, query="fenw")] == [
        "amara@example.org"
    ]


def test_nothing_is_kept_when_the_trail_fails(
    db: None, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No change without its event: both are one transaction."""

    def fail(**_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("clinic.people.services.registration.note", fail)
    with pytest.raises(RuntimeError), transaction.atomic():
        registrations.register_patient(registration=AMARA, by=VISITOR, now=now)

    assert not User.objects.exists()
