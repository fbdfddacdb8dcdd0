"""The hours page: the week, single days, time away, closures; nobody is stranded unasked (A9)."""

import datetime as dt
import uuid

import pytest
from django.urls import reverse

from clinic.scheduling.choices import AppointmentStatus
from clinic.scheduling.models import Absence, Closure, DateWindow, WorkingHours
from tests.factories.scheduling import (
    AppointmentFactory,
    RoomFactory,
    SiteFactory,
    open_practice,
)

TUESDAY_NINE = dt.datetime(2026, 3, 3, 8, 0, tzinfo=dt.UTC)


@pytest.fixture
def visit_type(practitioner, clock):
    return open_practice(practitioner)


@pytest.fixture
def visit(practitioner, patient, visit_type):
    return AppointmentFactory(practitioner=practitioner, patient=patient, visit_type=visit_type)


@pytest.fixture
def doctor(practitioner, sign_in):
    return sign_in(practitioner)


def page(practitioner):
    return reverse("scheduling:hours_edit", args=[practitioner.pk])


def week(**days):
    """Return the posted week: `tuesday=("10:00", "12:00")`; days left out are closed."""
    names = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    site = str(SiteFactory().pk)
    sent = {"valid_from": "2026-03-02"}
    for name, (starts, ends) in days.items():
        weekday = names.index(name) + 1
        sent |= {f"starts-{weekday}": starts, f"ends-{weekday}": ends, f"site-{weekday}": site}
    return sent


def test_the_page_shows_the_week_as_it_stands(doctor, practitioner, visit_type):
    html = doctor.get(page(practitioner)).content.decode()

    assert html.count('value="09:00"') == 5
    assert "<b>45</b> visits a week" in html


def test_a_new_week_stands_from_its_day(doctor, practitioner, visit_type):
    sent = week(monday=("13:00", "17:00")) | {"do": "publish", "valid_from": "2026-03-16"}

    assert doctor.post(page(practitioner), sent).status_code == 302

    new = WorkingHours.objects.get(valid_from=dt.date(2026, 3, 16))
    assert (new.weekday, new.starts, new.ends) == (1, dt.time(13), dt.time(17))
    old = WorkingHours.objects.exclude(pk=new.pk)
    assert {row.valid_to for row in old} == {dt.date(2026, 3, 15)}


def test_the_preview_names_the_visits_a_change_would_strand(doctor, practitioner, visit):
    sent = week(tuesday=("10:00", "12:00"))

    answer = doctor.post(page(practitioner), sent, headers={"HX-Request": "true"})
    html = answer.content.decode()

    assert answer.status_code == 200
    assert "1 booked visit falls outside the new hours" in html
    assert "Amara Fenwick" in html
    assert WorkingHours.objects.filter(valid_to=None).count() == 5


def test_publishing_waits_for_a_decision(doctor, practitioner, visit):
    sent = week(tuesday=("10:00", "12:00")) | {"do": "publish"}

    assert doctor.post(page(practitioner), sent).status_code == 409
    assert WorkingHours.objects.filter(valid_to=None).count() == 5

    kept = sent | {f"visit-{visit.pk}": "keep"}
    assert doctor.post(page(practitioner), kept).status_code == 302
    visit.refresh_from_db()
    assert visit.status == AppointmentStatus.BOOKED


def test_a_stranded_visit_can_be_cancelled_with_the_change(doctor, practitioner, visit):
    sent = week(tuesday=("10:00", "12:00")) | {"do": "publish", f"visit-{visit.pk}": "cancel"}

    assert doctor.post(page(practitioner), sent).status_code == 302
    visit.refresh_from_db()
    assert visit.status == AppointmentStatus.CANCELLED


@pytest.mark.parametrize(
    "changes",
    [
        {"starts-2": "25:00"},
        {"starts-2": "9"},
        {"starts-2": "\x00"},
        {"ends-2": "10:00"},
        {"site-2": str(uuid.uuid4())},
        {"site-2": "x" * 5000},
        {"type-2": str(uuid.uuid4())},
        {"mode-2": "telepathy"},
        {"valid_from": "2026-02-30"},
        {"valid_from": "2020-01-01"},
        {"valid_from": "9999-12-31"},
        {"starts-2": ["10:00", "11:00"], "ends-2": ["12:00", "13:00"], "site-2": ["s", "s"]},
    ],
)
def test_bad_hours_are_told_and_kept(doctor, practitioner, visit_type, changes):
    site = str(SiteFactory().pk)
    sent = week(tuesday=("10:00", "12:00")) | {"do": "publish"} | changes
    sent = {k: [site, site] if v == ["s", "s"] else v for k, v in sent.items()}

    assert doctor.post(page(practitioner), sent).status_code == 422
    assert WorkingHours.objects.filter(valid_to=None).count() == 5


def test_ranges_are_added_and_removed_without_script(doctor, practitioner, visit_type):
    more = doctor.post(page(practitioner), week(tuesday=("10:00", "12:00")) | {"add": "2"})
    none = doctor.post(page(practitioner), week(tuesday=("10:00", "12:00")) | {"remove": "2-0"})

    assert more.content.decode().count('name="starts-2"') == 2
    assert none.content.decode().count('name="starts-2"') == 0


def test_hours_may_run_past_midnight(doctor, practitioner, visit_type):
    """T6."""
    sent = week(saturday=("22:00", "02:00")) | {"do": "publish"}

    assert doctor.post(page(practitioner), sent).status_code == 302


def absence(**changes):
    values = {
        "absence-first_date": "2026-03-03",
        "absence-last_date": "",
        "absence-starts": "",
        "absence-ends": "",
        "absence-public_reason": "On leave",
    }
    return values | {f"absence-{name}": value for name, value in changes.items()}


def test_a_day_away_is_the_whole_local_day(doctor, practitioner, visit_type):
    """T2: on the day clocks go forward it has 23 hours."""
    url = reverse("scheduling:absence_add", args=[practitioner.pk])

    assert doctor.post(url, absence(first_date="2026-03-29")).status_code == 302

    row = Absence.objects.get()
    assert row.ends_at - row.starts_at == dt.timedelta(hours=23)


def test_time_away_over_a_visit_waits_for_a_decision(doctor, practitioner, visit):
    """A10."""
    url = reverse("scheduling:absence_add", args=[practitioner.pk])

    refused = doctor.post(url, absence())
    assert refused.status_code == 409
    assert "Amara Fenwick" in refused.content.decode()
    assert not Absence.objects.exists()

    assert doctor.post(url, absence() | {f"visit-{visit.pk}": "keep"}).status_code == 302


def test_time_away_can_be_taken_back(doctor, practitioner, visit_type):
    doctor.post(reverse("scheduling:absence_add", args=[practitioner.pk]), absence())
    url = reverse("scheduling:absence_remove", args=[Absence.objects.get().pk])

    assert doctor.post(url).status_code == 302
    assert not Absence.objects.exists()
    assert doctor.post(url).status_code == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"first_date": ""},
        {"first_date": "0001-01-01"},
        {"last_date": "2026-03-01"},
        {"starts": "12:00", "ends": "11:00"},
        {"public_reason": "a\u202eb"},
    ],
)
def test_bad_time_away_is_told(doctor, practitioner, visit_type, changes):
    url = reverse("scheduling:absence_add", args=[practitioner.pk])

    assert doctor.post(url, absence(**changes)).status_code == 422


def date_answers(**changes):
    values = {
        "date": "2026-03-07",
        "kind": "extra",
        "site": str(SiteFactory().pk),
        "starts": "09:00",
        "ends": "12:00",
    }
    return {f"date-{name}": value for name, value in (values | changes).items()}


def test_a_single_day_has_its_own_hours_and_gives_them_back(doctor, practitioner, visit_type):
    url = reverse("scheduling:date_set", args=[practitioner.pk])

    assert doctor.post(url, date_answers()).status_code == 302
    assert DateWindow.objects.get().date == dt.date(2026, 3, 7)

    back = reverse("scheduling:date_remove", args=[practitioner.pk, "2026-03-07", "extra"])
    assert doctor.post(back).status_code == 302
    assert not DateWindow.objects.exists()


def test_a_day_without_hours_is_closed(doctor, practitioner, visit_type):
    url = reverse("scheduling:date_set", args=[practitioner.pk])
    sent = date_answers(date="2026-03-04", kind="replace", starts="", ends="")

    assert doctor.post(url, sent).status_code == 302
    assert DateWindow.objects.get().starts is None


def test_extra_hours_with_a_visit_are_not_taken_back(doctor, practitioner, visit_type, patient):
    doctor.post(reverse("scheduling:date_set", args=[practitioner.pk]), date_answers())
    AppointmentFactory(
        practitioner=practitioner,
        patient=patient,
        visit_type=visit_type,
        starts_at=dt.datetime(2026, 3, 7, 8, 0, tzinfo=dt.UTC),
    )
    back = reverse("scheduling:date_remove", args=[practitioner.pk, "2026-03-07", "extra"])

    doctor.post(back)

    assert DateWindow.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"starts": ""},
        {"starts": "", "ends": ""},
        {"starts": "09:00", "ends": "09:00"},
        {"site": str(uuid.uuid4())},
        {"kind": "maybe"},
        {"date": "2026-13-01"},
    ],
)
def test_a_bad_single_day_is_told(doctor, practitioner, visit_type, changes):
    url = reverse("scheduling:date_set", args=[practitioner.pk])

    assert doctor.post(url, date_answers(**changes)).status_code == 422


def test_a_kind_that_does_not_exist_is_not_found(doctor, practitioner, visit_type):
    url = reverse("scheduling:date_remove", args=[practitioner.pk, "2026-03-07", "maybe"])

    assert doctor.post(url).status_code == 404


@pytest.mark.parametrize("who", ["patient", "receptionist", "other_practitioner"])
def test_nobody_else_edits_these_hours(practitioner, visit_type, sign_in, request, who):
    browser = sign_in(request.getfixturevalue(who))
    absence_url = reverse("scheduling:absence_add", args=[practitioner.pk])

    assert browser.get(page(practitioner)).status_code == 404
    assert browser.post(page(practitioner), week()).status_code == 404
    assert browser.post(absence_url, absence()).status_code == 404


def test_an_administrator_edits_anyones_hours(practitioner, visit_type, administrator, sign_in):
    assert sign_in(administrator).get(page(practitioner)).status_code == 200


def closure(**changes):
    values = {
        "site": str(SiteFactory().pk),
        "first_date": "2026-03-03",
        "last_date": "",
        "starts": "",
        "ends": "",
        "public_reason": "Staff training",
    }
    return values | changes


def test_a_site_closes_and_opens_again(administrator, visit_type, sign_in):
    browser = sign_in(administrator)
    url = reverse("scheduling:closure_list")

    assert browser.post(url, closure()).status_code == 302
    assert "Staff training" in browser.get(url).content.decode()

    browser.post(reverse("scheduling:closure_remove", args=[Closure.objects.get().pk]))
    assert not Closure.objects.exists()


def test_a_closure_over_a_visit_waits_for_a_decision(administrator, visit, sign_in):
    browser = sign_in(administrator)
    url = reverse("scheduling:closure_list")

    assert browser.post(url, closure()).status_code == 409
    assert browser.post(url, closure() | {f"visit-{visit.pk}": "cancel"}).status_code == 302


def test_a_closure_needs_a_reason_patients_can_read(administrator, visit_type, sign_in):
    url = reverse("scheduling:closure_list")

    assert sign_in(administrator).post(url, closure(public_reason="")).status_code == 422


@pytest.mark.parametrize("who", ["patient", "receptionist", "practitioner"])
def test_only_an_administrator_closes_a_site(practitioner, sign_in, request, who):
    browser = sign_in(request.getfixturevalue(who))

    assert browser.get(reverse("scheduling:closure_list")).status_code == 404
    removal = reverse("scheduling:closure_remove", args=[uuid.uuid4()])
    assert browser.post(removal).status_code == 404


def test_hours_name_a_room_of_their_site_and_no_other(doctor, practitioner, visit_type):
    room = RoomFactory(site=SiteFactory())
    elsewhere = RoomFactory(site=SiteFactory(slug="lakeside", name="Lakeside"))
    sent = week(tuesday=("10:00", "12:00")) | {"do": "publish"}

    doctor.post(page(practitioner), sent | {"room-2": str(room.pk)})
    assert WorkingHours.objects.get(valid_to=None).room_id == room.pk
    assert f'value="{room.pk}" selected' in doctor.get(page(practitioner)).content.decode()

    doctor.post(page(practitioner), sent | {"room-2": str(elsewhere.pk)})
    assert WorkingHours.objects.get(valid_to=None).room_id is None


@pytest.mark.parametrize(
    ("zone", "utc", "today"),
    [
        # Half past eight in the morning of 3 March in Auckland, the evening before in UTC.
        ("Pacific/Auckland", dt.datetime(2026, 3, 2, 19, 30, tzinfo=dt.UTC), "2026-03-03"),
        # Still 1 March in Honolulu.
        ("Pacific/Honolulu", dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC), "2026-03-01"),
        # The last hour of the short night in Berlin: already the 29th there, the 28th in UTC.
        ("Europe/Berlin", dt.datetime(2026, 3, 28, 23, 30, tzinfo=dt.UTC), "2026-03-29"),
    ],
)
def test_new_hours_stand_at_the_earliest_from_the_site_own_today(
    doctor, practitioner, clock, zone, utc, today
):
    """T7: the calendar is that of the site, not the server's."""
    open_practice(practitioner, site=SiteFactory(time_zone=zone, slug="far"))
    clock.move_to(utc)

    html = doctor.get(page(practitioner)).content.decode()

    assert f'name="valid_from" type="date" value="{today}"' in html
