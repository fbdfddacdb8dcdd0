"""Claiming and sending: who gets what, once, in time (N2, N3, N4)."""

from __future__ import annotations

import datetime as dt
import smtplib

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from clinic.scheduling.models import Appointment
from reminders import delivery
from reminders.models import Reminder
from reminders.services import claiming, delivering
from tests.factories.people import PatientFactory, PractitionerFactory
from tests.factories.reminders import ReminderFactory
from tests.reminders.conftest import FRIDAY, cancel, move

TWO_HOURS_BEFORE = FRIDAY - dt.timedelta(hours=2)


def outcomes():
    found = Reminder.objects.order_by("due_at", "pk")
    return [
        (row.kind, row.step_minutes, row.status, row.skipped_reason or row.answer_code)
        for row in found
    ]


def test_each_message_goes_out_once_when_it_is_due(book, run, clock):
    book()

    assert run() == 1
    assert run() == 0
    clock.move_to(FRIDAY - dt.timedelta(days=7))
    assert run() == 1
    clock.move_to(FRIDAY - dt.timedelta(days=1))
    assert run() == 1
    clock.move_to(TWO_HOURS_BEFORE)
    assert run() == 1
    clock.move_to(FRIDAY + dt.timedelta(days=1))
    assert run() == 0

    assert {status for _, _, status, _ in outcomes()} == {"sent"}
    assert len({message.extra_headers["Message-ID"] for message in mail.outbox}) == 4


def test_the_sent_row_records_when_and_what_the_server_said(book, run, clock):
    book()

    run()

    row = Reminder.objects.get(kind="confirmation")
    assert (row.sent_at, row.answer_code, row.attempts) == (clock.now, "250", 1)
    assert row.message_id == mail.outbox[0].extra_headers["Message-ID"]
    assert row.message_id == delivering.message_id_of(row.pk)


def test_a_moved_visit_is_reminded_of_at_its_new_time_only_n2(book, run, clock):
    appointment = book()
    move(appointment, FRIDAY + dt.timedelta(days=3), now=clock.now)
    clock.move_to(TWO_HOURS_BEFORE)

    run()

    assert all("20 March" not in message.subject for message in mail.outbox)
    assert not Reminder.objects.filter(appointment_version=1, status="sent").exists()


def test_a_move_between_claim_and_sending_takes_the_message_back_n2(book, clock):
    appointment = book()
    claims = claiming.claim_due(now=clock.now)

    move(appointment, FRIDAY + dt.timedelta(days=3), now=clock.now)

    assert delivering.deliver(claims=claims, clock=clock) == 0
    assert mail.outbox == []


def test_a_cancellation_is_announced_and_nothing_else_n2(book, run, clock):
    appointment = book()
    run()
    cancel(appointment, now=clock.now)

    run()
    clock.move_to(TWO_HOURS_BEFORE)
    run()

    assert [message.subject for message in mail.outbox] == [
        "Your visit on Friday 20 March at 14:00 is booked",
        "Your visit on Friday 20 March at 14:00 is cancelled",
    ]


def test_nobody_is_reminded_after_arriving(book, run, clock):
    appointment = book()
    run()
    appointment.status = "arrived"
    appointment.save()
    clock.move_to(TWO_HOURS_BEFORE)

    assert run() == 0
    assert ("reminder", 120, "skipped", "not-expected") in outcomes()


def test_after_an_outage_stale_reminders_are_skipped_with_a_reason_n3(book, run, clock):
    """Beat was away from before the first step until the day of the visit."""
    book()
    run()
    clock.move_to(TWO_HOURS_BEFORE + dt.timedelta(minutes=30))

    assert run() == 1

    assert outcomes()[1:] == [
        ("reminder", 10080, "skipped", "superseded"),
        ("reminder", 1440, "skipped", "superseded"),
        ("reminder", 120, "sent", "250"),
    ]


def test_none_is_sent_within_the_last_hour_or_after_the_visit_n3(book, run, clock):
    book()
    run()
    clock.move_to(FRIDAY - dt.timedelta(minutes=59))

    assert run() == 0

    assert ("reminder", 120, "skipped", "late") in outcomes()
    assert not Reminder.objects.filter(status="planned").exists()


def test_three_days_without_beat_make_no_burst_above_the_cap_n3(run, clock, settings, now):
    settings.REMINDERS = settings.REMINDERS | {"CAP_PER_RUN": 5}
    for number in range(12):
        ReminderFactory(
            appointment__starts_at=now + dt.timedelta(days=4, minutes=20 * number),
            step_minutes=4 * 24 * 60,
            due_at=now,
        )
    clock.advance(days=3)

    assert [run() for _ in range(4)] == [5, 5, 2, 0]


def test_one_person_gets_no_more_than_the_cap_in_one_run_n3(book, run, clock, settings):
    settings.REMINDERS = settings.REMINDERS | {"CAP_PER_RECIPIENT": 2}
    for day in range(3):
        book(FRIDAY + dt.timedelta(days=day))

    assert [run() for _ in range(3)] == [2, 1, 0]


def test_several_visits_of_one_day_are_one_reminder_n3(book, run, clock):
    book()
    other = PractitionerFactory(given_name="Marek", family_name="Wierzba")
    book(FRIDAY + dt.timedelta(hours=2), practitioner=other)
    book(FRIDAY + dt.timedelta(days=1))
    while run():
        pass
    mail.outbox.clear()
    clock.move_to(TWO_HOURS_BEFORE)
    Reminder.objects.filter(step_minutes__gt=120, status="planned").delete()

    run()
    clock.advance(hours=2)
    run()

    [message] = mail.outbox
    assert message.subject == "Your visits on Friday 20 March"
    assert "14:00" in message.body
    assert "16:00" in message.body
    assert "Wierzba" in message.body
    assert [part.get_filename() for part in message.attachments] == ["visit.ics", "visit-2.ics"]
    assert ("reminder", 120, "skipped", "together") in outcomes()


def test_the_second_visit_of_a_day_is_reminded_of_when_the_first_fails_n3(
    book, run, clock, monkeypatch
):
    book()
    book(FRIDAY + dt.timedelta(hours=2), practitioner=PractitionerFactory())
    Reminder.objects.exclude(step_minutes=120).delete()
    clock.move_to(TWO_HOURS_BEFORE)
    refuse_with(monkeypatch, smtplib.SMTPDataError(554, b"no"))
    run()
    monkeypatch.undo()
    monkeypatch.setattr("django.utils.timezone.now", clock)
    clock.advance(hours=2)

    assert run() == 1
    assert [outcome[2:] for outcome in outcomes()] == [("failed", "554"), ("sent", "250")]


def test_quiet_hours_put_a_delayed_reminder_off_until_morning_n4(run, clock):
    visit = FRIDAY - dt.timedelta(hours=1)
    ReminderFactory(appointment__starts_at=visit, step_minutes=1440)
    clock.move_to(dt.datetime(2026, 3, 20, 3, 0, tzinfo=dt.UTC))

    assert run() == 0
    assert Reminder.objects.get().due_at == dt.datetime(2026, 3, 20, 7, 0, tzinfo=dt.UTC)
    clock.move_to(dt.datetime(2026, 3, 20, 7, 0, tzinfo=dt.UTC))
    assert run() == 1


def test_quiet_hours_that_outlast_the_use_skip_the_reminder_n4(run, clock):
    eight = dt.datetime(2026, 3, 20, 7, 0, tzinfo=dt.UTC)
    ReminderFactory(appointment__starts_at=eight, step_minutes=1440)
    clock.move_to(eight - dt.timedelta(hours=3))

    assert run() == 0
    assert outcomes() == [("reminder", 1440, "skipped", "quiet")]


def test_the_answer_to_a_booking_does_not_wait_for_morning_n4(book, run, clock):
    clock.move_to(dt.datetime(2026, 3, 2, 2, 0, tzinfo=dt.UTC))
    book()

    assert run() == 1


def test_who_does_not_want_reminders_gets_none_but_hears_of_changes_n4(book, run, clock, patient):
    patient.reminders_by_email = False
    patient.save()
    book(created_by=None)

    run()
    clock.move_to(TWO_HOURS_BEFORE)
    run()

    assert len(mail.outbox) == 1
    assert ("reminder", 120, "skipped", "opted-out") in outcomes()


def test_a_patient_without_address_is_skipped_with_a_reason(book, run):
    book(patient=PatientFactory(user=None, email=""))

    assert run() == 0
    assert outcomes()[0] == ("confirmation", None, "skipped", "no-address")


def test_a_patient_booked_by_phone_gets_the_mail_at_the_address_given(book, run):
    book(patient=PatientFactory(user=None, email="by.phone@example.org"))

    run()

    assert mail.outbox[0].to == ["by.phone@example.org"]


def test_one_bad_patient_does_not_keep_the_others_messages(run, clock):
    """Bahmni: the loop returns at the first patient without a phone, everyone after is skipped."""
    at = {"appointment__starts_at": FRIDAY}
    bad = ReminderFactory(**at, appointment__patient__given_name="Bad\nName")
    worse = ReminderFactory(
        **at,
        appointment__patient__user=None,
        appointment__patient__email="not an address\r\nBcc: x@example.org",
    )
    worst = ReminderFactory(**at)
    Appointment.objects.filter(pk=worst.appointment_id).update(time_zone="Nowhere/Atlantis")
    good = ReminderFactory(**at)
    clock.move_to(bad.due_at)

    run()

    for row in (bad, worse, worst, good):
        row.refresh_from_db()
    assert good.status == "sent"
    assert (worse.status, worse.answer_code) == ("claimed", "ValueError")
    assert (worst.status, worst.answer_code) == ("claimed", "ZoneInfoNotFoundError")


# Attempts that fail.


def refuse_with(monkeypatch, error):
    def send_messages(self, messages):
        raise error

    monkeypatch.setattr(EmailBackend, "send_messages", send_messages)


def test_a_refused_recipient_is_given_up_with_the_servers_code(book, run, monkeypatch):
    book()
    refuse_with(
        monkeypatch, smtplib.SMTPRecipientsRefused({"a@example.org": (550, b"no such user")})
    )

    assert run() == 0
    assert outcomes()[0] == ("confirmation", None, "failed", "550")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (smtplib.SMTPServerDisconnected("gone"), "SMTPServerDisconnected"),
        (smtplib.SMTPDataError(451, b"later"), "451"),
        (smtplib.SMTPRecipientsRefused({"a@example.org": (450, b"greylisted")}), "450"),
        (TimeoutError(), "TimeoutError"),
        (smtplib.SMTPSenderRefused(552, b"quota", "clinic@example.org"), "552"),
    ],
)
def test_a_passing_failure_is_tried_again_later(book, run, clock, monkeypatch, error, code):
    book()
    refuse_with(monkeypatch, error)
    run()
    assert outcomes()[0] == ("confirmation", None, "claimed", code)
    monkeypatch.undo()
    monkeypatch.setattr("django.utils.timezone.now", clock)

    assert run() == 0
    clock.advance(seconds=31)
    assert run() == 1

    row = Reminder.objects.get(kind="confirmation")
    assert (row.status, row.attempts) == ("sent", 2)


def test_a_server_that_cannot_be_reached_costs_every_row_one_attempt(book, run, monkeypatch):
    book()

    def refuse(self):
        raise ConnectionRefusedError

    monkeypatch.setattr(EmailBackend, "open", refuse)

    assert run() == 0
    row = Reminder.objects.get(kind="confirmation")
    assert (row.status, row.attempts, row.answer_code) == ("claimed", 1, "ConnectionRefusedError")
    assert row.message_id == ""


def test_a_message_is_given_up_after_six_attempts(book, run, clock, monkeypatch):
    book()
    refuse_with(monkeypatch, smtplib.SMTPDataError(451, b"later"))

    for _ in range(8):
        run()
        clock.advance(hours=2)

    row = Reminder.objects.get(kind="confirmation")
    assert (row.status, row.attempts, row.answer_code) == ("failed", 6, "451")


# Claims, leases and fences.


def test_a_row_is_claimed_once_until_its_lease_ends_n2(book, clock):
    book()

    assert len(claiming.claim_due(now=clock.now)) == 1
    assert claiming.claim_due(now=clock.now) == []
    clock.move_to(clock.now + claiming.LEASE)
    [again] = claiming.claim_due(now=clock.now)
    assert again.fence == 2


def test_a_worker_that_comes_back_late_sends_nothing_n2(book, run, clock):
    book()
    lost = claiming.claim_due(now=clock.now)
    clock.move_to(clock.now + claiming.LEASE)
    run()

    assert delivering.deliver(claims=lost, clock=clock) == 0
    assert len(mail.outbox) == 1


def test_what_was_recorded_as_sent_is_never_claimed_again_n2(book, run, clock):
    book()
    run()
    clock.advance(days=1)

    assert claiming.claim_due(now=clock.now) == []


def test_a_crash_while_sending_sends_again_under_the_same_message_id_n2(book, run, clock):
    class Killed(BaseException):
        """As SIGKILL: nothing runs after it."""

    book()
    record = delivering._record

    def die(*args, **kwargs):
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delivering, "_record", die)
        with pytest.raises(Killed):
            run()
    assert delivering._record is record
    assert Reminder.objects.get(kind="confirmation").status == "sending"

    assert run() == 0
    clock.move_to(clock.now + claiming.LEASE)
    assert run() == 1

    first, second = mail.outbox
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]


def test_a_slow_batch_gives_the_rest_back(run, clock, monkeypatch):
    for number in range(3):
        ReminderFactory(
            appointment__starts_at=FRIDAY + dt.timedelta(minutes=20 * number), due_at=clock.now
        )
    send = delivery.EmailChannel.send

    def slow(self, **message):
        clock.advance(seconds=70)
        return send(self, **message)

    monkeypatch.setattr(delivery.EmailChannel, "send", slow)

    assert run() == 1
    assert Reminder.objects.filter(status="planned").count() == 2


def test_the_use_of_a_message_can_end_while_its_batch_is_sent_n3(run, clock, monkeypatch):
    clock.move_to(TWO_HOURS_BEFORE)
    for number in range(2):
        ReminderFactory(
            appointment__starts_at=FRIDAY + dt.timedelta(minutes=20 * number),
            due_at=clock.now,
            useful_until=clock.now + dt.timedelta(seconds=30),
        )
    send = delivery.EmailChannel.send

    def slow(self, **message):
        clock.advance(seconds=40)
        return send(self, **message)

    monkeypatch.setattr(delivery.EmailChannel, "send", slow)

    assert run() == 1
    clock.move_to(clock.now + claiming.LEASE)
    assert run() == 0
    assert ("reminder", 120, "skipped", "late") in outcomes()
