"""What messages say, and what they keep to themselves (N5, N6, T8, D18)."""

from __future__ import annotations

import datetime as dt
import re

import icalendar
import pytest
from django.core import mail
from django.utils import translation

from clinic.lib import times
from clinic.people.choices import Specialty
from clinic.scheduling.calendar import build_calendar
from clinic.scheduling.models import AppointmentStatusChange
from reminders.models import Reminder
from tests.factories.people import PatientFactory, PractitionerFactory
from tests.factories.scheduling import AppointmentFactory, VisitTypeFactory
from tests.reminders.conftest import FRIDAY, cancel, move


def html_of(message):
    [(content, kind)] = message.alternatives
    assert kind == "text/html"
    return content


def calendar_of(message):
    [part] = message.attachments
    assert part.get_filename() == "visit.ics"
    return part["Content-Type"], icalendar.Calendar.from_ical(part.get_payload(decode=True))


def event_of(calendar):
    [event] = calendar.walk("VEVENT")
    return event


def test_the_confirmation_says_when_with_whom_and_where(book, run):
    book()

    run()

    [message] = mail.outbox
    assert message.subject == "Your visit on Friday 20 March at 14:00 is booked"
    for part in (message.body, html_of(message)):
        for said in ("Friday 20 March, 14:00", "Dr Ines Llorente", "14 Harbour Street", "13:50"):
            assert said in part
        assert "/v/" in part
    assert message.to == ["amara@example.org"]
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"


def test_the_week_before_names_the_date_and_the_day_before_the_weekday(book, run, clock):
    book()
    run()
    for days in (7, 1):
        clock.move_to(FRIDAY - dt.timedelta(days=days))
        run()

    headings = [re.search(r"<h1[^>]*>(.*?)</h1>", html_of(m))[1] for m in mail.outbox[1:]]
    assert headings == ["Your visit is on Friday 20 March", "Your visit is on Friday"]


def test_a_change_shows_the_old_time_and_the_new_one(book, run, clock, patient):
    appointment = book()
    AppointmentStatusChange.objects.create(
        appointment=appointment,
        kind="move",
        at=clock.now,
        from_status="booked",
        to_status="booked",
        from_starts_at=appointment.starts_at,
        from_ends_at=appointment.ends_at,
    )
    move(appointment, FRIDAY + dt.timedelta(days=3), now=clock.now)

    run()

    [message] = mail.outbox
    assert message.subject == "Your visit has moved to Monday 23 March at 14:00"
    assert "Before: Friday 20 March, 14:00" in message.body


@pytest.mark.parametrize("kind", ["confirmation", "reminder", "change", "cancellation"])
def test_no_message_tells_why_the_patient_comes_n5(book, run, clock, kind):
    """Neither visit type, specialty, reason nor notes, in any part, header or calendar file."""
    doctor = PractitionerFactory(specialty=Specialty.PSYCHIATRY, bio="Depression and sleep")
    secret = VisitTypeFactory(
        slug="secret", name="Methadone review", description="Weekly", preparation="Bring bottle"
    )
    appointment = book(
        practitioner=doctor, visit_type=secret, reason="Cannot sleep", notes="Please no letters"
    )
    if kind == "change":
        move(appointment, FRIDAY + dt.timedelta(days=3), now=clock.now)
    if kind == "cancellation":
        cancel(appointment, now=clock.now)
    Reminder.objects.exclude(kind=kind).delete()
    clock.move_to(Reminder.objects.filter(kind=kind).latest("due_at").due_at)

    run()

    [message] = mail.outbox
    whole = message.message().as_string() + message.body + html_of(message)
    whole += message.attachments[0].get_payload(decode=True).decode()
    for clinical in ("Methadone", "sychiatr", "sleep", "letters", "Weekly", "bottle"):
        assert clinical not in whole


def test_a_name_cannot_write_html(book, run):
    book(patient=PatientFactory(given_name="<b>Eve</b>"))

    run()

    assert "<b>Eve" not in html_of(mail.outbox[0])
    assert "Hello <b>Eve</b>" in mail.outbox[0].body


def test_the_message_is_in_the_patients_language(book, run):
    book(patient=PatientFactory(language="de"))

    with translation.override("en-gb"):
        run()
        assert translation.get_language() == "en-gb"

    [message] = mail.outbox
    assert "März" in message.subject
    assert 'lang="de"' in html_of(message)


def test_a_patient_elsewhere_reads_the_sites_zone_t8_d18(book, run):
    book(patient=PatientFactory(time_zone="Pacific/Auckland"))

    run()

    [message] = mail.outbox
    assert "14:00, Berlin time" in message.subject
    assert "Auckland" not in message.body


def test_a_video_visit_shows_both_clocks_t8_d18(book, run):
    book(patient=PatientFactory(time_zone="Pacific/Auckland"), modality="video")

    run()

    [message] = mail.outbox
    assert "Friday 20 March, 14:00, Berlin time" in message.body
    assert "On your clock: Saturday 21 March, 02:00, Auckland time" in message.body
    assert "arrive" not in message.body
    _, calendar = calendar_of(message)
    assert "Berlin time" in event_of(calendar)["description"]
    assert "Auckland time" in event_of(calendar)["description"]


def test_staff_booked_and_patient_booked_mails_say_the_same_t8(book, run, clock, receptionist):
    book(created_by=None)
    run()
    other = PatientFactory(given_name="Amara")
    book(patient=other, created_by=receptionist, practitioner=PractitionerFactory())
    run()

    assert mail.outbox[0].subject == mail.outbox[1].subject


def test_a_visit_in_the_hour_that_comes_twice_names_its_offset_d2(book, run, clock):
    twice = dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)
    book(twice)

    run()

    assert "02:30 (UTC+2)" in mail.outbox[0].subject


def test_the_calendar_file_keeps_its_uid_and_raises_its_sequence_n6(book, run, clock):
    appointment = book()
    run()
    move(appointment, FRIDAY + dt.timedelta(days=3), now=clock.now)
    run()
    cancel(appointment, now=clock.now)
    run()

    files = [calendar_of(message) for message in mail.outbox]
    events = [event_of(calendar) for _, calendar in files]
    assert len({str(event["uid"]) for event in events}) == 1
    assert [event["sequence"] for event in events] == [1, 2, 3]
    assert [str(calendar["method"]) for _, calendar in files] == ["REQUEST", "REQUEST", "CANCEL"]
    assert [kind for kind, _ in files] == [
        'text/calendar; method="REQUEST"; charset="utf-8"; name="visit.ics"',
        'text/calendar; method="REQUEST"; charset="utf-8"; name="visit.ics"',
        'text/calendar; method="CANCEL"; charset="utf-8"; name="visit.ics"',
    ]
    assert events[2]["status"] == "CANCELLED"


@pytest.mark.parametrize("tz", ["Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata"])
@pytest.mark.parametrize("month", [3, 4, 10])
def test_the_calendar_file_names_the_same_instant_in_its_own_zone_n6(db, now, tz, month):
    for day in range(1, 29, 3):
        starts_at = times.to_instant(dt.date(2026, month, day), dt.time(9, 40), tz)
        appointment = AppointmentFactory.build(
            starts_at=starts_at,
            site__time_zone=tz,
            time_zone=tz,
            patient=None,
            practitioner=PractitionerFactory.build(user=None),
            visit_type=None,
        )

        content = build_calendar(
            appointment=appointment, method="PUBLISH", site_url="https://clinic.example", now=now
        )

        calendar = icalendar.Calendar.from_ical(content)
        event = event_of(calendar)
        assert event["dtstart"].dt.astimezone(dt.UTC) == starts_at
        assert event["dtstart"].params["TZID"] == tz
        assert [str(zone["tzid"]) for zone in calendar.walk("VTIMEZONE")] == [tz]
        assert str(event["summary"]) == "Clinic visit"
        assert "attendee" not in event


def test_every_line_of_the_calendar_file_is_short_and_ends_as_the_standard_says(book, run):
    book()

    run()

    content = mail.outbox[0].attachments[0].get_payload(decode=True)
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))


def test_a_patient_without_account_is_not_asked_to_sign_in(book, run):
    book(patient=PatientFactory(user=None, email="by.phone@example.org"))

    run()

    body = mail.outbox[0].body
    assert "Sign in" not in body
    assert "Call us to choose how we remind you." in body


def test_the_messages_identity_names_nobody(book, run):
    appointment = book()

    run()

    identity = mail.outbox[0].extra_headers["Message-ID"]
    assert re.fullmatch(r"<[0-9a-f]{40}@testserver>", identity)
    assert appointment.pk.hex not in identity
