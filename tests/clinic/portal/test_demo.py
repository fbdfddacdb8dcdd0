"""The demo clinic and its simulation: believable, from the real services, never in production."""

import datetime as dt
import io
import random

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from clinic.people.models import Patient, Practitioner, ProxyGrant, User
from clinic.portal.demo import people
from clinic.portal.demo.practice import FULLY_BOOKED
from clinic.portal.demo.simulation import Simulation
from clinic.records.models import ClinicalNote, MedicationStatement
from clinic.scheduling.choices import AppointmentStatus as S
from clinic.scheduling.models import Appointment, Site
from clinic.scheduling.selectors import availability as reads

# A Wednesday, late in the morning: visits lie before and after it.
LATE_MORNING = dt.datetime(2026, 3, 4, 10, 50, tzinfo=dt.UTC)

OVERLAPS = """
select count(*) from scheduling_appointment a join scheduling_appointment b
  on a.id < b.id and a.practitioner_id = b.practitioner_id
 and a.starts_at < b.ends_at and b.starts_at < a.ends_at
 where a.released_at is null and b.released_at is null
"""


@pytest.fixture
def demo(db, settings, clock):
    settings.DEBUG = True
    clock.move_to(LATE_MORNING)
    call_command("demo", stdout=io.StringIO())
    return clock


def overlaps():
    with connection.cursor() as cursor:
        cursor.execute(OVERLAPS)
        return cursor.fetchone()[0]


def test_the_demo_clinic_is_believable_and_lives(demo):
    """One clinic for everything below: building it is what takes the time."""
    assert (Site.objects.count(), Patient.objects.count()) == (3, 400)
    assert len({site.time_zone for site in Site.objects.all()}) == 3
    assert Practitioner.objects.filter(approval="approved").count() == 12
    assert Practitioner.objects.filter(approval="pending").count() == 1
    assert overlaps() == 0
    visits = Appointment.objects.all()
    assert 1500 < visits.count() < 4000
    assert visits.filter(status=S.NOSHOW).exists()
    assert visits.filter(status=S.CANCELLED).exists()
    assert not visits.filter(status=S.BOOKED, ends_at__lt=LATE_MORNING - dt.timedelta(1)).exists()

    doctor = Practitioner.objects.get(user__email=people.DOCTOR)
    today = visits.filter(practitioner=doctor, local_date=LATE_MORNING.date())
    assert today.count() > 10
    assert {S.FULFILLED, S.BOOKED} <= set(today.values_list("status", flat=True))
    assert visits.filter(patient__user__email=people.PATIENT, status=S.BOOKED).count() == 2

    assert ClinicalNote.objects.count() == visits.filter(status=S.FULFILLED).count() > 500
    assert MedicationStatement.objects.filter(patient__user__email=people.PATIENT).count() == 2
    assert ProxyGrant.objects.get().user.email == people.PATIENT

    for email in (people.PATIENT, people.DOCTOR, people.DESK, people.ADMINISTRATOR):
        assert User.objects.get(email=email).check_password("betony-demo-clinic")
    _nobody_gets_a_time_with_the_doctor_everybody_wants()
    _the_simulation_lets_the_day_move(demo)
    with pytest.raises(CommandError, match="accounts already"):
        call_command("demo")


def _nobody_gets_a_time_with_the_doctor_everybody_wants():
    names = Practitioner.objects.filter(approval="approved").order_by("pk")
    full = names[FULLY_BOOKED]
    offered = reads.offered_visits(practitioner_ids=[full.pk])[0]
    upper = LATE_MORNING + dt.timedelta(days=14)
    loaded = reads.load(
        practitioner_ids=[full.pk], lower=LATE_MORNING, upper=upper, now=LATE_MORNING
    )
    free = [
        start
        for start in reads.starts_between(
            loaded=loaded,
            offered=offered,
            lower=LATE_MORNING,
            upper=upper,
            modality="in-person",
            for_patient=True,
            now=LATE_MORNING,
        )
        if start.refusal is None
    ]
    assert free == []


def _the_simulation_lets_the_day_move(clock):
    simulation = Simulation(random.Random(7))
    said = [simulation.tick(now=clock.advance(seconds=5)) for _ in range(80)]
    words = " ".join(said)

    assert "held" in words
    assert "booked" in words
    assert "is here" in words
    assert overlaps() == 0


def test_the_demo_clinic_is_refused_outside_of_debug(db, settings):
    settings.DEBUG = False
    for command in ("demo", "simulate"):
        with pytest.raises(CommandError, match="DEBUG"):
            call_command(command)


def test_the_simulation_needs_the_demo_clinic(db, settings):
    settings.DEBUG = True
    with pytest.raises(CommandError, match="no demo clinic"):
        call_command("simulate")


@pytest.mark.parametrize("wrong", [{"minutes": 0}, {"minutes": 1000}, {"speed": 0}])
def test_the_simulation_stops_by_itself(db, settings, wrong):
    settings.DEBUG = True
    User.objects.create_user(people.PATIENT)
    with pytest.raises(CommandError, match="up to"):
        call_command("simulate", **wrong)


def test_the_simulation_ends_in_time(db, settings, capsys):
    settings.DEBUG = True
    User.objects.create_user(people.PATIENT)

    call_command("simulate", minutes=0.001, speed=100, seed=1)

    assert "left" in capsys.readouterr().out
