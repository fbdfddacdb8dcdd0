"""A record is destroyed by two people, for good, and only when the law lets go of it."""

from __future__ import annotations

import datetime as dt
import json
import uuid

import pytest
from django.db import IntegrityError, transaction

from clinic.audit.models import AuditEvent
from clinic.crypto import datakeys, storage
from clinic.crypto.errors import KeyShredded
from clinic.crypto.models import DataKey
from clinic.people.choices import Role
from clinic.people.models import Patient, ProxyGrant, RoleGrant, User
from clinic.people.permissions import NotAllowed
from clinic.records.choices import ErasureBasis, ErasureStatus
from clinic.records.models import Condition, Erasure, PatientRecord
from clinic.records.permissions import access_to
from clinic.records.rules import rights as rules
from clinic.records.selectors import rights as reads
from clinic.records.services.erasure import execute_erasure, refuse_erasure, request_erasure
from tests.clinic.fhir.rich import letter
from tests.factories.people import PatientFactory, ProxyGrantFactory, UserFactory, viewer
from tests.factories.records import ConditionFactory
from tests.factories.scheduling import AppointmentFactory

pytestmark = pytest.mark.django_db

LONG_AGO = dt.datetime(2010, 5, 4, 12, tzinfo=dt.UTC)


@pytest.fixture
def second(db) -> User:
    return UserFactory(email="second@example.org", roles=[Role.ADMINISTRATOR])


@pytest.fixture
def old() -> Patient:
    """A patient whose last entry is older than the retention period."""
    patient = PatientFactory(phone="+49305550199", created_at=LONG_AGO)
    PatientRecord.objects.create(pk=patient.pk, changed_at=LONG_AGO)
    ConditionFactory(patient=patient, note="Sealed")
    return patient


def ask(patient, by, now, basis=ErasureBasis.REQUEST):
    return request_erasure(patient_id=patient.pk, basis=basis, by=viewer(by), now=now)


def execute(patient, by, now):
    return execute_erasure(patient_id=patient.pk, by=viewer(by), now=now)


def test_record_is_gone_and_the_trail_stays(old, administrator, second, now):
    row = letter(old)
    ask(old, administrator, now)

    execute(old, second, now)

    assert Erasure.objects.get().status == ErasureStatus.EXECUTED
    assert not DataKey.objects.filter(owner=old.pk, wrapped__isnull=False).exists()
    with pytest.raises(KeyShredded):
        _ = Condition.objects.get().note
    assert not storage.path_of(row.pk).exists()
    events = AuditEvent.objects.filter(patient=old.pk).order_by("at", "pk")
    assert [event.action for event in events][-2:] == ["erasure.requested", "erasure.executed"]
    assert json.loads(events.last().detail) == {"basis": "request"}


def test_contacts_read_as_empty_and_the_name_stays(old, administrator, second, now):
    ask(old, administrator, now)
    execute(old, second, now)

    patient = Patient.objects.get(pk=old.pk)

    assert (patient.phone, patient.address) == ("", "")
    assert patient.full_name == old.full_name


def test_account_and_grants_end_with_it(old, administrator, second, now):
    grant = ProxyGrantFactory(patient=old)
    ask(old, administrator, now)

    execute(old, second, now)

    assert not User.objects.get(pk=old.user_id).is_active
    assert ProxyGrant.objects.get(pk=grant.pk).revoked_at == now


def test_account_that_works_here_only_stops_being_a_patients(old, administrator, second, now):
    RoleGrant.objects.create(user=old.user, role=Role.FRONT_DESK)
    ask(old, administrator, now)

    execute(old, second, now)

    assert User.objects.get(pk=old.user_id).is_active
    held = RoleGrant.objects.filter(user=old.user, ended_at=None).values_list("role", flat=True)
    assert list(held) == [Role.FRONT_DESK]


def test_patient_without_an_account_can_be_erased(administrator, second, now):
    patient = PatientFactory(user=None, created_at=LONG_AGO)
    ask(patient, administrator, now)

    assert execute(patient, second, now).status == ErasureStatus.EXECUTED


def test_nobody_opens_it_anymore_or_writes_into_it(old, administrator, second, now):
    by = viewer(old)
    ask(old, administrator, now)
    execute(old, second, now)

    assert access_to(viewer=by, patient_id=old.pk, now=now) is None
    with pytest.raises(KeyShredded):
        datakeys.for_sealing(datakeys.PATIENT, old.pk)


def test_one_person_alone_cannot(old, administrator, now):
    ask(old, administrator, now)

    with pytest.raises(rules.SamePerson):
        execute(old, administrator, now)
    with pytest.raises(rules.SamePerson):
        refuse_erasure(patient_id=old.pk, by=viewer(administrator), now=now)


def test_database_takes_two_people_as_well(old, administrator, now):
    row = ask(old, administrator, now)
    row.decided_at, row.decided_by = now, administrator

    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_only_administrators_ask_and_decide(old, patient, receptionist, practitioner, now):
    for person in (old, patient, receptionist, practitioner):
        with pytest.raises(NotAllowed):
            ask(old, person, now)
        with pytest.raises(NotAllowed):
            execute(old, person, now)


def test_retention_refuses_and_an_order_does_not(patient, administrator, second, now):
    with pytest.raises(rules.RetentionRuns):
        ask(patient, administrator, now)
    assert not Erasure.objects.exists()

    ask(patient, administrator, now, ErasureBasis.COURT_ORDER)

    assert execute(patient, second, now).status == ErasureStatus.EXECUTED


def test_asking_does_not_make_the_record_younger(administrator, now):
    patient = PatientFactory(created_at=LONG_AGO)

    ask(patient, administrator, now)

    assert PatientRecord.objects.get(pk=patient.pk).changed_at == LONG_AGO


@pytest.mark.parametrize(
    "dates",
    [
        {"created_at": dt.datetime(2016, 3, 3, 9, tzinfo=dt.UTC)},
        {"changed_at": dt.datetime(2016, 3, 3, 9, tzinfo=dt.UTC)},
        {"visit_at": dt.datetime(2016, 3, 3, 9, tzinfo=dt.UTC)},
    ],
)
def test_period_runs_from_the_last_entry_or_visit(dates, practitioner):
    patient = PatientFactory(created_at=dates.get("created_at", LONG_AGO))
    if at := dates.get("changed_at"):
        PatientRecord.objects.create(pk=patient.pk, changed_at=at)
    if at := dates.get("visit_at"):
        AppointmentFactory(
            patient=patient,
            practitioner=practitioner,
            starts_at=at,
            claimed_at=LONG_AGO,
            status="fulfilled",
        )
        AppointmentFactory(
            patient=patient,
            practitioner=practitioner,
            starts_at=at + dt.timedelta(days=800),
            claimed_at=LONG_AGO,
            cancelled=True,
        )

    assert reads.kept_until(patient_id=patient.pk, tz="UTC") == dt.date(2026, 3, 3)


def test_visits_to_come_are_cancelled_first(old, administrator, practitioner, now):
    visit = AppointmentFactory(patient=old, practitioner=practitioner)

    with pytest.raises(rules.VisitsAhead):
        ask(old, administrator, now, ErasureBasis.COURT_ORDER)

    visit.status, visit.released_at = "cancelled", now
    visit.save(update_fields=["status", "released_at"])
    ask(old, administrator, now, ErasureBasis.COURT_ORDER)


def test_visit_booked_in_between_stops_it(old, administrator, second, practitioner, now):
    ask(old, administrator, now, ErasureBasis.COURT_ORDER)
    AppointmentFactory(patient=old, practitioner=practitioner)

    with pytest.raises(rules.VisitsAhead):
        execute(old, second, now)

    assert Condition.objects.get().note == "Sealed"


def test_refused_one_can_be_asked_for_again(old, administrator, second, now):
    ask(old, administrator, now)
    refuse_erasure(patient_id=old.pk, by=viewer(second), now=now)

    with pytest.raises(rules.NotOpen):
        execute(old, second, now)
    row = ask(old, second, now)

    assert (row.requested_by_id, row.decided_by_id) == (second.pk, None)


def test_nothing_is_decided_twice(old, administrator, second, now):
    with pytest.raises(rules.NotOpen):
        execute(old, second, now)
    ask(old, administrator, now)
    with pytest.raises(rules.NotOpen):
        ask(old, second, now)
    execute(old, second, now)

    for act in (execute, lambda *a: refuse_erasure(patient_id=old.pk, by=viewer(second), now=now)):
        with pytest.raises(rules.NotOpen):
            act(old, second, now)
    with pytest.raises(Patient.DoesNotExist):
        execute_erasure(patient_id=uuid.UUID(int=3), by=viewer(second), now=now)
