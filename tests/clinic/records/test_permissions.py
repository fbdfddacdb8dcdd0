"""Who may open whose record: SECURITY 4.1, every ground and every role without one."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from clinic.people.choices import ApprovalStatus, ProxyScope, Role
from clinic.people.models import Patient
from clinic.people.viewer import SYSTEM, VISITOR, Viewer
from clinic.records import permissions
from clinic.records.choices import ErasureStatus, Source
from clinic.records.models import Erasure
from clinic.records.permissions import Ground, NotAllowed, access_to
from tests.factories.people import (
    PatientFactory,
    PractitionerFactory,
    ProxyGrantFactory,
    RoleGrantFactory,
    acting_for,
    viewer,
)
from tests.factories.records import EmergencyAccessFactory
from tests.factories.scheduling import AppointmentFactory

pytestmark = pytest.mark.django_db

SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def glass(patient, practitioner):
    """Ines has opened Amara's record in an emergency, for four hours from now."""
    return EmergencyAccessFactory(patient=patient, practitioner=practitioner)


class TestOwn:
    def test_patient_opens_and_writes_the_own_record(self, patient, now) -> None:
        access = permissions.check_may_write(viewer=viewer(patient), patient_id=patient.pk, now=now)

        assert (access.ground, access.may_write, access.until) == (Ground.OWN, True, None)
        assert (access.is_patient_side, access.is_clinical) == (True, False)
        assert access.source == Source.PATIENT

    @pytest.mark.parametrize(
        "stranger", ["other_patient", "outsider", "receptionist", "administrator"]
    )
    def test_nobody_opens_a_record_without_a_ground(self, request, stranger, patient, now) -> None:
        person = viewer(request.getfixturevalue(stranger))

        with pytest.raises(NotAllowed):
            permissions.check_may_open(viewer=person, patient_id=patient.pk, now=now)

    def test_visitor_and_account_without_a_role_have_no_ground(self, patient, now) -> None:
        unknown = Viewer(user_id=patient.user_id)

        assert access_to(viewer=VISITOR, patient_id=patient.pk, now=now) is None
        assert access_to(viewer=unknown, patient_id=patient.pk, now=now) is None


class TestCarer:
    @pytest.mark.parametrize(
        ("scopes", "may_write"),
        [
            ([ProxyScope.RECORD_READ], False),
            ([ProxyScope.RECORD_READ, ProxyScope.RECORD_WRITE], True),
        ],
    )
    def test_carer_reads_and_writes_as_far_as_the_grant_reaches(
        self, patient, now, scopes, may_write
    ) -> None:
        carer = acting_for(ProxyGrantFactory(patient=patient, scopes=scopes), now=now)

        access = access_to(viewer=carer, patient_id=patient.pk, now=now)

        assert access is not None
        assert (access.ground, access.may_write) == (Ground.PROXY, may_write)
        assert (access.is_patient_side, access.source) == (True, Source.PROXY)

    def test_carer_for_reading_does_not_write(self, patient, now) -> None:
        grant = ProxyGrantFactory(patient=patient, scopes=[ProxyScope.RECORD_READ])

        with pytest.raises(NotAllowed):
            permissions.check_may_write(
                viewer=acting_for(grant, now=now), patient_id=patient.pk, now=now
            )

    @pytest.mark.parametrize("scope", [ProxyScope.VISITS, ProxyScope.MESSAGES])
    def test_carer_without_record_scope_has_no_ground(self, patient, now, scope) -> None:
        carer = acting_for(ProxyGrantFactory(patient=patient, scopes=[scope]), now=now)

        assert access_to(viewer=carer, patient_id=patient.pk, now=now) is None

    def test_carer_leaves_the_own_record_while_acting(self, patient, outsider, now) -> None:
        carer = acting_for(ProxyGrantFactory(patient=patient, user=outsider.user), now=now)

        assert access_to(viewer=carer, patient_id=outsider.pk, now=now) is None

    def test_grant_for_another_patient_opens_nothing(self, patient, other_patient, now) -> None:
        """A viewer put together wrongly is refused, not trusted."""
        carer = acting_for(ProxyGrantFactory(patient=patient), now=now)
        crossed = replace(carer, patient_id=other_patient.pk)

        assert access_to(viewer=crossed, patient_id=other_patient.pk, now=now) is None

    def test_doctor_who_acts_for_a_patient_is_no_doctor_then(
        self, patient, practitioner, other_patient, now
    ) -> None:
        AppointmentFactory(patient=other_patient, practitioner=practitioner)
        carer = acting_for(ProxyGrantFactory(patient=patient, user=practitioner.user), now=now)
        both = replace(carer, practitioner_id=practitioner.pk, roles=frozenset({Role.PRACTITIONER}))

        assert access_to(viewer=carer, patient_id=other_patient.pk, now=now) is None
        assert access_to(viewer=both, patient_id=other_patient.pk, now=now) is None
        with pytest.raises(NotAllowed):
            permissions.check_may_break_glass(viewer=both, patient_id=other_patient.pk)


class TestRights:
    """The copy and the corrections are the patient's own: doctors have the record itself."""

    def test_patient_and_carer_take_a_copy(self, patient, now) -> None:
        carer = acting_for(ProxyGrantFactory(patient=patient), now=now)

        for person in (viewer(patient), carer):
            permissions.check_may_export(viewer=person, patient_id=patient.pk, now=now)

    def test_doctor_takes_none(self, patient, practitioner, now) -> None:
        AppointmentFactory(patient=patient, practitioner=practitioner)

        with pytest.raises(NotAllowed):
            permissions.check_may_export(
                viewer=viewer(practitioner), patient_id=patient.pk, now=now
            )


class TestCare:
    def test_doctor_with_a_visit_opens_and_writes(self, patient, practitioner, now) -> None:
        AppointmentFactory(patient=patient, practitioner=practitioner)

        access = access_to(viewer=viewer(practitioner), patient_id=patient.pk, now=now)

        assert access is not None
        assert (access.ground, access.may_write) == (Ground.CARE, True)
        assert (access.is_clinical, access.source) == (True, Source.PRACTITIONER)
        permissions.check_is_clinical(access)

    def test_doctor_without_a_visit_has_no_ground(self, practitioner, patient, now) -> None:
        assert access_to(viewer=viewer(practitioner), patient_id=patient.pk, now=now) is None

    def test_only_a_doctor_acts_clinically(self, patient, now) -> None:
        own = access_to(viewer=viewer(patient), patient_id=patient.pk, now=now)
        assert own is not None

        with pytest.raises(NotAllowed):
            permissions.check_is_clinical(own)

    def test_role_that_was_lost_takes_care_and_glass_along(
        self, patient, practitioner, glass, now
    ) -> None:
        AppointmentFactory(patient=patient, practitioner=practitioner)
        practitioner.user.role_grants.update(ended_at=now)

        assert access_to(viewer=viewer(practitioner), patient_id=patient.pk, now=now) is None

    def test_id_of_a_doctor_without_the_role_is_no_ground(self, patient, practitioner, now) -> None:
        AppointmentFactory(patient=patient, practitioner=practitioner)
        desk = Viewer(
            user_id=practitioner.user_id,
            roles=frozenset({Role.FRONT_DESK}),
            practitioner_id=practitioner.pk,
        )

        assert access_to(viewer=desk, patient_id=patient.pk, now=now) is None
        with pytest.raises(NotAllowed):
            permissions.check_may_break_glass(viewer=desk, patient_id=patient.pk)

    @pytest.mark.parametrize("approval", [ApprovalStatus.PENDING, ApprovalStatus.DECLINED])
    def test_approval_that_was_lost_takes_care_and_glass_along(
        self, patient, practitioner, glass, approval, now
    ) -> None:
        AppointmentFactory(patient=patient, practitioner=practitioner)
        practitioner.approval = approval
        practitioner.save(update_fields=["approval"])

        assert access_to(viewer=viewer(practitioner), patient_id=patient.pk, now=now) is None


class TestEmergency:
    @pytest.mark.parametrize(
        ("offset", "is_open"),
        [
            (-SECOND, False),
            (dt.timedelta(0), True),
            (dt.timedelta(hours=4) - SECOND, True),
            (dt.timedelta(hours=4), False),
        ],
    )
    def test_glass_opens_the_record_for_four_hours_to_the_second(
        self, patient, practitioner, glass, now, offset, is_open
    ) -> None:
        at = now + offset

        access = access_to(viewer=viewer(practitioner), patient_id=patient.pk, now=at)

        assert (access is not None) is is_open
        assert glass.is_open(at) is is_open

    def test_glass_says_until_when(self, patient, practitioner, glass, now) -> None:
        access = access_to(viewer=viewer(practitioner), patient_id=patient.pk, now=now)

        assert access is not None
        assert (access.ground, access.until) == (Ground.EMERGENCY, glass.ends_at)
        assert (access.is_clinical, access.source) == (True, Source.PRACTITIONER)

    def test_glass_that_was_given_back_is_closed(self, patient, practitioner, now) -> None:
        EmergencyAccessFactory(patient=patient, practitioner=practitioner, ended_at=now)

        assert access_to(viewer=viewer(practitioner), patient_id=patient.pk, now=now) is None

    def test_glass_is_of_one_doctor_and_one_patient(
        self, patient, other_patient, practitioner, other_practitioner, glass, now
    ) -> None:
        others = viewer(other_practitioner)

        assert access_to(viewer=others, patient_id=patient.pk, now=now) is None
        own = viewer(practitioner)
        assert access_to(viewer=own, patient_id=other_patient.pk, now=now) is None

    def test_care_goes_before_glass(self, patient, practitioner, glass, now) -> None:
        AppointmentFactory(patient=patient, practitioner=practitioner)

        access = access_to(viewer=viewer(practitioner), patient_id=patient.pk, now=now)

        assert access is not None and access.ground is Ground.CARE

    def test_doctor_may_break_the_glass(self, patient, practitioner) -> None:
        found = permissions.check_may_break_glass(
            viewer=viewer(practitioner), patient_id=patient.pk
        )

        assert found == (practitioner.pk, practitioner.user_id)

    @pytest.mark.parametrize("person", ["outsider", "receptionist", "administrator"])
    def test_nobody_but_a_doctor_breaks_the_glass(self, request, person, patient) -> None:
        with pytest.raises(NotAllowed):
            permissions.check_may_break_glass(
                viewer=viewer(request.getfixturevalue(person)), patient_id=patient.pk
            )

    def test_only_an_administrator_reviews(self, administrator, practitioner, receptionist) -> None:
        permissions.check_may_review_emergencies(viewer=viewer(administrator))

        for person in (practitioner, receptionist):
            with pytest.raises(NotAllowed):
                permissions.check_may_review_emergencies(viewer=viewer(person))


class TestStaffWhoArePatients:
    """A doctor's own record is a patient's: read as a patient or not at all."""

    @pytest.fixture
    def self_treating(self, now):
        """Ilse is doctor and patient and has booked a visit with herself."""
        doctor = PractitionerFactory(user__email="ilse@example.org")
        own = PatientFactory(user=doctor.user)
        AppointmentFactory(patient=own, practitioner=doctor)
        EmergencyAccessFactory(patient=own, practitioner=doctor)
        return doctor, own

    def test_own_record_is_opened_as_a_patient(self, self_treating, now) -> None:
        doctor, own = self_treating
        RoleGrantFactory(user=doctor.user, role=Role.PATIENT)

        access = access_to(viewer=viewer(doctor), patient_id=own.pk, now=now)

        assert access is not None and access.ground is Ground.OWN

    def test_without_the_patient_role_neither_visit_nor_glass_opens_it(
        self, self_treating, now
    ) -> None:
        doctor, own = self_treating

        assert access_to(viewer=viewer(doctor), patient_id=own.pk, now=now) is None

    def test_nobody_breaks_the_glass_on_the_own_record(self, self_treating) -> None:
        doctor, own = self_treating

        with pytest.raises(NotAllowed):
            permissions.check_may_break_glass(viewer=viewer(doctor), patient_id=own.pk)

    def test_colleagues_need_a_ground_like_for_anybody(
        self, self_treating, practitioner, now
    ) -> None:
        _doctor, own = self_treating
        assert access_to(viewer=viewer(practitioner), patient_id=own.pk, now=now) is None

        AppointmentFactory(
            patient=own, practitioner=practitioner, starts_at=now + dt.timedelta(days=2)
        )

        assert access_to(viewer=viewer(practitioner), patient_id=own.pk, now=now) is not None

    def test_viewer_without_an_account_is_nobodys_patient(self, patient: Patient) -> None:
        assert not permissions.is_patient_themself(VISITOR, patient.pk)


class TestErased:
    @pytest.fixture(params=list(ErasureStatus))
    def erasure(self, request, patient, administrator, receptionist, now) -> Erasure:
        done = request.param == ErasureStatus.EXECUTED
        return Erasure.objects.create(
            patient=patient,
            status=request.param,
            legal_basis="asked",
            requested_at=now,
            requested_by=administrator,
            decided_at=now if done else None,
            decided_by=receptionist if done else None,
        )

    def test_erased_record_is_open_to_nobody(
        self, erasure, patient, practitioner, glass, now
    ) -> None:
        is_gone = erasure.status == ErasureStatus.EXECUTED

        for person in (patient, practitioner):
            access = access_to(viewer=viewer(person), patient_id=patient.pk, now=now)
            assert (access is None) is is_gone

    def test_glass_is_not_broken_on_an_erased_record(self, erasure, patient, practitioner) -> None:
        if erasure.status != ErasureStatus.EXECUTED:
            permissions.check_may_break_glass(viewer=viewer(practitioner), patient_id=patient.pk)
            return
        with pytest.raises(NotAllowed):
            permissions.check_may_break_glass(viewer=viewer(practitioner), patient_id=patient.pk)


def test_system_imports_and_nothing_else_is_the_system(patient, now) -> None:
    access = access_to(viewer=SYSTEM, patient_id=patient.pk, now=now)

    assert access is not None
    assert (access.ground, access.source) == (Ground.SYSTEM, Source.IMPORT)
    assert (access.is_patient_side, access.is_clinical) == (False, False)
