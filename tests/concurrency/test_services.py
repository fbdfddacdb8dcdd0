"""Services that meet at one moment, each in its own thread and connection (B1-B9, H1)."""

from __future__ import annotations

import datetime as dt
import random
import threading
import uuid
from dataclasses import replace

import pytest
from django.db import connection

from clinic.people.viewer import SYSTEM
from clinic.scheduling import availability as engine
from clinic.scheduling.choices import AppointmentStatus, CancellationReason
from clinic.scheduling.models import Absence, Appointment
from clinic.scheduling.services import appointments, booking, claims, holds, schedule
from tests.concurrency.conftest import at, book, order, overlaps
from tests.concurrency.together import only, together
from tests.factories.crowd import crowd

CONSTRAINT = "appointment_practitioner_no_overlap"
THREADS = 10


@pytest.fixture
def people(transactional_db):
    return [member.patient.pk for member in crowd(THREADS)]


def live(now, **conditions):
    return Appointment.objects.claiming(now).filter(**conditions)


def hold(wish, patient_id, now):
    holder = holds.Holder(patient_id=patient_id)
    return lambda: holds.hold_slot(holder=holder, wish=wish, now=now)


def move(visit, starts_at, now):
    return lambda: appointments.reschedule_appointment(
        appointment_id=visit.pk, starts_at=starts_at, by=SYSTEM, now=now
    )


@pytest.fixture
def past_the_check(monkeypatch):
    """Let everybody pass the check before the first one writes: the worst moment there is."""
    arrived = threading.Barrier(THREADS, timeout=60)
    insert = claims.insert

    def insert_together(appointment):
        arrived.wait()
        insert(appointment)

    monkeypatch.setattr(claims, "insert", insert_together)


def test_the_constraint_decides_when_everybody_passed_the_check(
    practice, people, past_the_check, now
):
    """C1, B3: exactly one, though the check told each of them that the time is free."""
    wish = practice()

    outcomes = together([book(wish, patient, now) for patient in people])

    assert len(only(Appointment, outcomes)) == 1
    assert len(only(claims.SlotTaken, outcomes)) == THREADS - 1
    assert overlaps() == 0


@pytest.fixture
def without_the_constraint(transactional_db):
    (constraint,) = (one for one in Appointment._meta.constraints if one.name == CONSTRAINT)
    with connection.schema_editor() as editor:
        editor.remove_constraint(Appointment, constraint)
    yield
    Appointment.objects.all().delete()
    with connection.schema_editor() as editor:
        editor.add_constraint(Appointment, constraint)


def test_the_race_is_back_without_the_constraint(
    practice, people, without_the_constraint, past_the_check, now
):
    """What protects is the constraint: take it away and every one of them is sold the time."""
    wish = practice()

    outcomes = together([book(wish, patient, now) for patient in people])

    assert len(only(Appointment, outcomes)) == THREADS
    assert overlaps() == THREADS * (THREADS - 1) // 2


def test_one_key_at_one_moment_books_once(practice, people, now):
    """C4, B5: a double click is one visit, and both clicks get the same answer."""
    wish, key = practice(), uuid.uuid4()

    outcomes = together([book(wish, people[0], now, key)] * THREADS)

    assert {visit.pk for visit in outcomes} == {Appointment.objects.get().pk}
    assert Appointment.objects.get().status_changes.count() == 1


def test_one_key_of_two_people_books_for_one_of_them(practice, people, now):
    """C4: whoever borrows a key gets a refusal, not the visit of another."""
    wish, key = practice(), uuid.uuid4()
    wishes = [replace(wish, starts_at=at(20 * n)) for n in range(4)]
    mixed = list(zip(wishes, people[:4], strict=True))
    for one, patient in mixed[:2]:
        hold(one, patient, now)()

    outcomes = together([book(one, patient, now, key) for one, patient in mixed])

    assert len(only(Appointment, outcomes)) == 1
    assert len(only((booking.KeyReused, claims.SlotTaken), outcomes)) == 3
    assert live(now, status=AppointmentStatus.BOOKED).count() == 1


def test_one_patient_holds_one_time_of_many_asked_for_at_once(practice, people, now):
    """H1."""
    wish = practice()
    wishes = [replace(wish, starts_at=at(15 * n)) for n in range(THREADS)]

    outcomes = together([hold(one, people[0], now) for one in wishes])

    assert len(only(Appointment, outcomes)) == THREADS
    assert live(now).count() == 1
    assert overlaps() == 0


def test_swapping_two_holds_ends_without_a_deadlock(practice, people, now):
    """Each wants what the other lets go, also where the two times overlap."""
    wish, (one, other) = practice(), people[:2]
    for turn, apart in enumerate((20, 15, 10, 5) * 3):
        moment = now + dt.timedelta(minutes=turn)
        here, there = wish, replace(wish, starts_at=at(apart + 20))
        middle = replace(wish, starts_at=at(apart))
        hold(here, one, moment)()
        hold(there, other, moment)()

        outcomes = together([hold(middle, one, moment), hold(middle, other, moment)])

        refused = only(claims.SlotTaken, outcomes)
        assert len(refused) + len(only(Appointment, outcomes)) == 2
        assert live(moment).count() == 2
        assert overlaps() == 0
        for patient in (one, other):
            holds.release_hold(holder=holds.Holder(patient_id=patient), now=moment)


def test_two_holds_move_onto_each_others_time(practice, people, now):
    wish, (one, other) = practice(), people[:2]
    there = replace(wish, starts_at=at(20))
    for turn in range(6):
        moment = now + dt.timedelta(minutes=turn)
        hold(wish, one, moment)()
        hold(there, other, moment)()

        outcomes = together([hold(there, one, moment), hold(wish, other, moment)])

        assert len(only((Appointment, claims.SlotTaken), outcomes)) == 2
        assert live(moment).count() == 2
        assert overlaps() == 0
        for patient in (one, other):
            holds.release_hold(holder=holds.Holder(patient_id=patient), now=moment)


def test_two_visits_that_move_onto_each_other_both_stay(practice, people, now):
    """P3: whoever asks first finds the other still there."""
    wish = practice()
    first = book(wish, people[0], now)()
    second = book(replace(wish, starts_at=at(20)), people[1], now)()

    outcomes = together([move(first, at(20), now), move(second, at(0), now)])

    assert len(only(claims.SlotTaken, outcomes)) == 2
    kept = dict(Appointment.objects.values_list("pk", "starts_at"))
    assert kept == {first.pk: at(0), second.pk: at(20)}


def test_many_visits_move_to_one_free_time_and_one_gets_it(practice, people, now):
    wish = practice()
    visits = [
        book(replace(wish, starts_at=at(20 * n)), patient, now)()
        for n, patient in enumerate(people[:8])
    ]

    outcomes = together([move(visit, at(160), now) for visit in visits])

    assert len(only(Appointment, outcomes)) == 1
    assert len(only(claims.SlotTaken, outcomes)) == 7
    assert overlaps() == 0


def test_visits_of_two_doctors_change_places_without_a_deadlock(practice, people, now):
    """Schedules are locked in id order, so nobody waits for somebody who waits for him."""
    here, there = practice(), practice()
    one = book(here, people[0], now)()
    other = book(there, people[1], now)()

    outcomes = together([send_to(one, there, now), send_to(other, here, now)])

    assert len(only(Appointment, outcomes)) == 2
    assert overlaps() == 0


def test_a_visit_that_moves_to_another_doctor_is_not_approved_meanwhile(
    practice, people, now, monkeypatch
):
    """F4: the approval has locked a schedule that is no longer the visit's."""
    here, there = practice(), practice()
    visit = book(here, people[0], now)()
    Appointment.objects.update(status=AppointmentStatus.PENDING, released_at=at(0))
    lock = appointments.lock_schedules

    def move_first(practitioner_ids):
        monkeypatch.setattr(appointments, "lock_schedules", lock)
        together([send_to(visit, there, now)])
        lock(practitioner_ids)

    monkeypatch.setattr(appointments, "lock_schedules", move_first)

    with pytest.raises(appointments.VersionConflict):
        appointments.approve_request(appointment_id=visit.pk, by=SYSTEM, now=now)


def send_to(visit, wish, now, minutes=40):
    return lambda: appointments.reschedule_appointment(
        appointment_id=visit.pk,
        starts_at=at(minutes),
        practitioner_id=wish.practitioner_id,
        by=SYSTEM,
        now=now,
    )


def test_a_reader_always_finds_a_moving_visit_at_one_place(practice, people, now):
    """B7: at no instant both times, at no instant neither."""
    wish = practice()
    visit = book(wish, people[0], now)()
    done, seen = threading.Event(), []

    def moves():
        try:
            for turn in range(12):
                move(visit, at(40 if turn % 2 == 0 else 0), now)()
        finally:
            done.set()

    def reads():
        while not done.is_set():
            seen.append(tuple(live(now).values_list("starts_at", flat=True)))

    assert together([moves, reads, reads]) == [None] * 3

    assert {len(places) for places in seen} == {1}
    assert {places[0] for places in seen} <= {at(0), at(40)}


def block(wish, now, decisions=None):
    return lambda: schedule.add_absence(
        practitioner_id=wish.practitioner_id,
        starts_at=at(60),
        ends_at=at(180),
        decisions=decisions or {},
        by=SYSTEM,
        now=now,
    )


def test_a_block_and_bookings_never_cross(practice, people, now):
    """B8: either the visits were there and the block asks about them, or it stands and they are
    refused.
    """
    for _ in range(4):
        wish = practice()
        bookings = [
            book(replace(wish, starts_at=at(60 + 20 * n)), patient, now)
            for n, patient in enumerate(people[:5])
        ]

        *booked, blocked = together([*bookings, block(wish, now)])

        visits = live(now, practitioner_id=wish.practitioner_id).count()
        assert visits == len(only(Appointment, booked))
        assert len(only(claims.SlotTaken, booked)) == 5 - visits
        if isinstance(blocked, Absence):
            assert visits == 0
        else:
            assert isinstance(blocked, schedule.VisitsStranded)
            assert blocked.appointments
        Appointment.objects.all().delete()


def test_a_booking_that_was_checked_before_a_block_is_refused(practice, people, now, monkeypatch):
    """B8: the rules' version is read again under the lock."""
    wish = replace(practice(), starts_at=at(60))
    checked, blocked = threading.Event(), threading.Event()
    share = claims.share_schedule

    def share_late(practitioner_id):
        checked.set()
        assert blocked.wait(60)
        return share(practitioner_id)

    def block_between():
        assert checked.wait(60)
        try:
            return block(wish, now)()
        finally:
            blocked.set()

    monkeypatch.setattr(claims, "share_schedule", share_late)
    refusal, absence = together([book(wish, people[0], now), block_between])

    assert isinstance(absence, Absence)
    assert isinstance(refusal, claims.SlotTaken)
    assert refusal.refusal == engine.Refusal.ABSENCE


def test_a_block_waits_for_a_booking_that_has_begun_to_write(practice, people, now, monkeypatch):
    """B8: it then finds the visit and asks what becomes of it."""
    wish = replace(practice(), starts_at=at(60))
    written, release = threading.Event(), threading.Event()
    insert = claims.insert

    def insert_and_linger(appointment):
        insert(appointment)
        written.set()
        assert release.wait(60)

    def block_meanwhile():
        assert written.wait(60)
        release_soon = threading.Timer(0.3, release.set)
        release_soon.start()
        try:
            return block(wish, now)()
        finally:
            release_soon.join()

    monkeypatch.setattr(claims, "insert", insert_and_linger)
    visit, refusal = together([book(wish, people[0], now), block_meanwhile])

    assert isinstance(refusal, schedule.VisitsStranded)
    assert [one.pk for one in refusal.appointments] == [visit.pk]


def test_taking_back_a_cancellation_races_a_new_booking(practice, people, now):
    """B9: one of the two has the time, never both."""
    wish = practice()
    for _ in range(4):
        visit = book(wish, people[0], now)()
        appointments.cancel_appointment(
            appointment_id=visit.pk, by=SYSTEM, reason=CancellationReason.CLINIC, now=now
        )

        def undo(visit=visit):
            return appointments.undo_last_change(appointment_id=visit.pk, by=SYSTEM, now=now)

        outcomes = together([undo, book(wish, people[1], now)])

        assert len(only(Appointment, outcomes)) == 1
        assert len(only(claims.SlotTaken, outcomes)) == 1
        assert live(now).count() == 1
        Appointment.objects.all().delete()


def test_two_cancellations_at_once_are_one(practice, people, now):
    visit = book(practice(), people[0], now)()

    def cancel():
        return appointments.cancel_appointment(
            appointment_id=visit.pk, by=SYSTEM, reason=CancellationReason.CLINIC, now=now
        )

    outcomes = together([cancel] * 4)

    assert len(only(Appointment, outcomes)) == 1
    visit.refresh_from_db()
    assert visit.version == 2


def test_two_doctors_want_one_patient_at_one_time(practice, people, now):
    """R7: the patient's constraint decides between bookings that share no doctor's lock."""
    wishes = [practice() for _ in range(4)]

    outcomes = together([book(wish, people[0], now) for wish in wishes])

    assert len(only(Appointment, outcomes)) == 1
    assert len(only(claims.AlreadyBooked, outcomes)) == 3


class FastClock:
    """Twenty seconds go by with every look, whoever looks."""

    def __init__(self, begins: dt.datetime) -> None:
        self.begins, self.looks, self.lock = begins, 0, threading.Lock()

    def __call__(self) -> dt.datetime:
        with self.lock:
            self.looks += 1
            return self.begins + dt.timedelta(seconds=20 * self.looks)


def test_holds_expire_and_are_confirmed_from_many_threads(practice, now):
    """B6: a live hold keeps everybody else out, an ended one nobody; none is sold twice."""
    wish, clock = practice(), FastClock(now)
    times_of_day = [replace(wish, starts_at=at(120 + 10 * n)) for n in range(5)]
    visitors = [member.patient.pk for member in crowd(24, name="visitor")]
    # The pool of one process is smaller: they all begin, and take turns at the connections.
    start = threading.Barrier(24, timeout=60)
    sold: list[uuid.UUID] = []
    held: list[uuid.UUID] = []

    def visitor(patient_id: uuid.UUID, seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311
        start.wait()
        for _ in range(4):
            chosen = chance.choice(times_of_day)
            try:
                held.append(hold(chosen, patient_id, clock())().pk)
                for _ in range(chance.randrange(12)):
                    clock()
                wanted = order(chosen, patient_id)
                visit = booking.book_appointment(order=wanted, by=SYSTEM, now=clock())
                sold.append(visit.pk)
            except claims.SlotTaken:
                continue

    threads = [
        threading.Thread(target=closing(visitor), args=(patient, seed), daemon=True)
        for seed, patient in enumerate(visitors)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert held, "nobody ever held a time"
    assert sold, "nobody ever booked"
    booked = Appointment.objects.filter(status=AppointmentStatus.BOOKED)
    assert sorted(booked.values_list("pk", flat=True)) == sorted(sold)
    assert not booked.filter(released_at__isnull=False).exists()
    assert overlaps() == 0


def closing(function):
    """Give the thread's connection back at its end."""

    def run(*arguments):
        try:
            function(*arguments)
        finally:
            connection.close()

    return run
