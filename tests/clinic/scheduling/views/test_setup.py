"""The set-up pages: from an empty clinic to the first free time, without a shell."""

from __future__ import annotations

import datetime as dt
import re
import uuid

import pytest
from django.urls import reverse

from clinic.people.viewer import VISITOR
from clinic.scheduling.models import Offering, Room, Site, VisitType
from clinic.scheduling.selectors import slots
from clinic.scheduling.setup_forms import read_span, say_span
from tests.factories.people import PractitionerFactory
from tests.factories.scheduling import (
    AppointmentFactory,
    OfferingFactory,
    RoomFactory,
    SiteFactory,
    VisitTypeFactory,
    WorkingHoursFactory,
    open_practice,
)

HUGE = "9" * 5_000


@pytest.fixture
def admin(administrator, sign_in, clock):
    return sign_in(administrator)


def url(name, *args):
    return reverse(f"scheduling:{name}", args=args)


def site_answers(**changes):
    return {"name": "Harbour Street", "time_zone": "Europe/Berlin", "active": "on"} | changes


def type_answers(**changes):
    values = {"name": "Follow-up", "icon": "repeat", "color": "act", "modalities": ["in-person"]}
    return values | {"duration_minutes": "30", "active": "on"} | changes


def page_of(browser, address):
    return browser.get(address).content.decode()


def errors_at(response, name):
    """Return what the page says beside a field, and that the field points at it."""
    html = response.content.decode()
    found = re.search(rf'id="id_{name}_error">.*?<span>(.*?)</span>', html, re.DOTALL)
    return found[1] if found else ""


def test_a_clinic_set_up_through_the_pages_alone_has_free_times(admin, practitioner, now):
    """From nothing: each step is led to by the overview, and after the last one there is time."""
    assert url("setup_site_new") in page_of(admin, url("setup"))
    assert admin.post(url("setup_site_new"), site_answers()).status_code == 302

    assert "Add the first visit type" in page_of(admin, url("setup"))
    answers = type_answers(lead_minutes="2 h", reminder_steps_minutes="1 d, 2 h")
    assert admin.post(url("setup_visit_type_new"), answers).status_code == 302

    assert "Choose what a doctor offers" in page_of(admin, url("setup"))
    kind = VisitType.objects.get()
    offered = admin.post(url("setup_doctor", practitioner.pk), {"visit_types": [str(kind.pk)]})
    assert offered.status_code == 302

    assert f"Set the hours of {practitioner.short_name}" in page_of(admin, url("setup"))
    week = {"valid_from": "2026-03-02", "do": "publish"}
    week |= {"starts-2": "09:00", "ends-2": "12:00", "site-2": str(Site.objects.get().pk)}
    assert admin.post(url("hours_edit", practitioner.pk), week).status_code == 302

    assert "Four steps" not in page_of(admin, url("setup"))
    practice = slots.read_practice(
        viewer=VISITOR,
        question=slots.Question(practitioner.pk, kind.pk, "in-person"),
        first=dt.date(2026, 3, 3),
        last=dt.date(2026, 3, 3),
        now=now,
    )
    day = slots.slots_for_day(viewer=VISITOR, practice=practice, date=dt.date(2026, 3, 3))
    assert [slot.state for slot in day.slots] == ["free"] * 6
    assert day.slots[0].starts_at == dt.datetime(2026, 3, 3, 8, 0, tzinfo=dt.UTC)
    assert (kind.lead_minutes, kind.reminder_steps_minutes) == (120, [1440, 120])


def test_without_a_doctor_the_way_leads_to_inviting_or_approving_one(admin, now):
    SiteFactory()
    VisitTypeFactory()
    assert "Invite a doctor</a>" in page_of(admin, url("setup"))

    PractitionerFactory(pending=True)
    html = page_of(admin, url("setup"))
    assert "Approve a doctor" in html
    assert "1 doctor waits for approval" in html


def test_what_is_switched_off_counts_as_missing(admin, practitioner):
    open_practice(practitioner)
    Site.objects.update(active=False)

    html = page_of(admin, url("setup"))

    assert "Add the first site" in html
    assert "Switched off" in html


def test_the_overview_costs_the_same_for_one_doctor_and_for_ten(
    admin, practitioner, django_assert_max_num_queries, django_assert_num_queries
):
    open_practice(practitioner)
    with django_assert_max_num_queries(16) as one:
        admin.get(url("setup"))
    for _ in range(9):
        open_practice(PractitionerFactory())
        RoomFactory()

    with django_assert_num_queries(len(one)):
        admin.get(url("setup"))


def test_a_page_of_a_doctor_costs_the_same_for_any_number_of_types(
    admin, practitioner, django_assert_max_num_queries, django_assert_num_queries
):
    open_practice(practitioner)
    with django_assert_max_num_queries(12) as one:
        admin.get(url("setup_doctor", practitioner.pk))
    for name in "abcdef":
        OfferingFactory(
            practitioner=practitioner, visit_type=VisitTypeFactory(name=name, slug=name)
        )

    with django_assert_num_queries(len(one)):
        admin.get(url("setup_doctor", practitioner.pk))


def test_an_empty_field_shows_what_it_inherits(admin, practitioner):
    """A4: clinic, site, visit type, doctor."""
    visit_type = open_practice(practitioner)
    Site.objects.update(lead_minutes=180)

    assert "As the clinic: 1 h" in page_of(admin, url("setup_site_new"))
    assert "As the site: 3 h" in page_of(admin, url("setup_visit_type_new"))
    html = page_of(admin, url("setup_offering", practitioner.pk, visit_type.pk))
    assert "As the visit type: 20" in html
    assert "As the visit type: 24 h" not in html
    assert "As the visit type: 1 d" in html

    SiteFactory(name="Hill", slug="hill", lead_minutes=60)
    html = page_of(admin, url("setup_visit_type_new"))
    assert 'placeholder="As the site"' in html


def test_own_answers_are_shown_as_they_are_written(admin):
    site = SiteFactory(lead_minutes=2880, online=False)
    kind = VisitTypeFactory(
        name="Check", slug="check", reminder_steps_minutes=[], icon="rare", move_cutoff_minutes=90
    )

    html = page_of(admin, url("setup_site", site.pk))
    assert 'value="2 d"' in html
    assert '<option value="no" selected>' in html
    assert "2 own rules" in html
    html = page_of(admin, url("setup_visit_type", kind.pk))
    assert 'value="none"' in html
    assert 'value="90 min"' in html
    assert 'value="rare"' in html


def test_a_zone_that_is_not_in_the_list_any_more_stays_chosen(admin):
    site = SiteFactory(time_zone="UTC")

    assert '<option value="UTC" selected>' in page_of(admin, url("setup_site", site.pk))
    assert admin.post(url("setup_site", site.pk), site_answers(time_zone="UTC")).status_code == 302


def test_a_site_is_changed_and_its_booked_visits_stay(admin, practitioner, patient):
    visit_type = open_practice(practitioner)
    visit = AppointmentFactory(practitioner=practitioner, patient=patient, visit_type=visit_type)
    address = url("setup_site", visit.site_id)
    assert "1 visit is booked here; it stays" in page_of(admin, address)
    assert "1 visit is booked; it stays" in page_of(admin, url("setup_visit_type", visit_type.pk))

    answers = site_answers(phone="030 555-0100", max_moves="1")
    del answers["active"]
    assert admin.post(address, answers).status_code == 302

    site = Site.objects.get()
    assert (site.active, site.phone, site.max_moves) == (False, "030 555-0100", 1)
    before = visit.status, visit.version
    visit.refresh_from_db()
    assert (visit.status, visit.version) == before

    moved = admin.post(address, site_answers(time_zone="Europe/Vienna"))
    assert moved.status_code == 422
    assert "Visits are booked here" in errors_at(moved, "time_zone")


BAD_SITES = [
    ("name", ""),
    ("name", "a\x00b"),
    ("name", "x" * 121),
    ("time_zone", ""),
    ("time_zone", "Mars/Olympus"),
    ("time_zone", "../../etc/passwd"),
    ("address", "a\u202eb"),
    ("phone", "ring me"),
    ("duration_minutes", "0"),
    ("duration_minutes", "-1"),
    ("duration_minutes", "99999"),
    ("duration_minutes", HUGE),
    ("duration_minutes", "a\x00"),
    ("grid_minutes", "0"),
    ("buffer_after_minutes", "-1"),
    ("buffer_before_minutes", "99999"),
    ("lead_minutes", "-1"),
    ("lead_minutes", "soon"),
    ("lead_minutes", "61 d"),
    ("lead_minutes", HUGE),
    ("cancel_cutoff_minutes", "1\x00"),
    ("horizon_days", "0"),
    ("horizon_days", "99999"),
    ("max_moves", "100"),
    ("online", "perhaps"),
]


@pytest.mark.parametrize(("name", "value"), BAD_SITES)
def test_a_bad_answer_about_a_site_is_told_beside_its_field(admin, name, value):
    changed = SiteFactory(name="Hill", slug="hill")
    sent = site_answers(**{"directions": "Second floor", name: value})

    for address in (url("setup_site_new"), url("setup_site", changed.pk)):
        answer = admin.post(address, sent)

        assert answer.status_code == 422
        assert errors_at(answer, name)
        assert 'value="Second floor"' in answer.content.decode()
    assert Site.objects.get().name == "Hill"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", "\x00"),
        ("modalities", []),
        ("modalities", ["telepathy"]),
        ("icon", "../x"),
        ("color", "#fff"),
        ("position", "-1"),
        ("position", HUGE),
        ("reminder_steps_minutes", "7 d, later"),
        ("reminder_steps_minutes", "5 min"),
        ("reminder_steps_minutes", ","),
        ("reminder_steps_minutes", "1h,2h,3h,4h,5h,6h,7h"),
        ("reminder_steps_minutes", "400 d"),
        ("preparation", "a\x00b"),
    ],
)
def test_a_bad_answer_about_a_visit_type_is_told_beside_its_field(admin, name, value):
    changed = VisitTypeFactory(name="Check", slug="check")
    sent = type_answers(**{"description": "Something we treat", name: value})

    for address in (url("setup_visit_type_new"), url("setup_visit_type", changed.pk)):
        answer = admin.post(address, sent)

        assert answer.status_code == 422
        assert errors_at(answer, name)
        assert 'value="Something we treat"' in answer.content.decode()
    assert VisitType.objects.get().name == "Check"


def test_what_is_wrong_with_a_number_is_said_in_plain_words(admin):
    sent = site_answers(duration_minutes="0", max_moves="100", horizon_days="soon")

    answer = admin.post(url("setup_site_new"), sent)

    assert errors_at(answer, "duration_minutes") == "Choose 5 or more."
    assert errors_at(answer, "max_moves") == "Choose 99 or less."
    assert errors_at(answer, "horizon_days") == "Write a whole number."


def test_a_name_is_given_once(admin):
    SiteFactory()
    VisitTypeFactory()
    room = RoomFactory(name="Blue")

    for address, sent, name in (
        (url("setup_site_new"), site_answers(), "name"),
        (url("setup_visit_type_new"), type_answers(), "name"),
        (url("setup_room_add", room.site_id), {"new-name": "Blue"}, "new-name"),
    ):
        answer = admin.post(address, sent)
        assert answer.status_code == 422
        assert "of this name already" in errors_at(answer, name)


def test_a_visit_type_is_changed(admin):
    kind = VisitTypeFactory()
    sent = type_answers(name="Long", reminder_steps_minutes="none", needs_approval="yes")

    assert admin.post(url("setup_visit_type", kind.pk), sent).status_code == 302

    kind.refresh_from_db()
    assert (kind.name, kind.reminder_steps_minutes, kind.needs_approval) == ("Long", [], True)
    assert (kind.lead_minutes, kind.position) == (None, 0)


def test_rooms_are_added_renamed_and_removed(admin):
    site = SiteFactory()
    address = url("setup_site", site.pk)

    assert admin.post(url("setup_room_add", site.pk), {"new-name": "1"}).status_code == 302
    room = Room.objects.get()
    edit = url("setup_room", room.pk)
    assert admin.post(edit, {f"room-{room.pk}-name": "Blue"}).status_code == 302
    assert 'value="Blue"' in page_of(admin, address)

    refused = admin.post(edit, {f"room-{room.pk}-name": "a\x00"})
    assert refused.status_code == 422
    assert errors_at(refused, f"room-{room.pk}-name")

    assert admin.post(edit, {"do": "remove"}).status_code == 302
    assert not Room.objects.exists()
    assert admin.post(edit, {"do": "remove"}).status_code == 404


def test_a_room_in_use_cannot_be_removed(admin, practitioner):
    room = RoomFactory(name="Blue")
    WorkingHoursFactory(practitioner=practitioner, site=room.site, room=room)

    assert "Remove Blue" not in page_of(admin, url("setup_site", room.site_id))
    admin.post(url("setup_room", room.pk), {"do": "remove"})

    assert Room.objects.filter(pk=room.pk).exists()


def test_a_doctor_has_own_rules(admin, practitioner):
    visit_type = open_practice(practitioner)
    address = url("setup_offering", practitioner.pk, visit_type.pk)

    assert admin.post(address, {"duration_minutes": "0"}).status_code == 422
    assert admin.post(address, {"duration_minutes": "45", "new_patients": "no"}).status_code == 302

    offering = Offering.objects.get()
    assert (offering.duration_minutes, offering.new_patients) == (45, False)
    assert "2 own rules" in page_of(admin, url("setup_doctor", practitioner.pk))


def test_a_doctor_cannot_offer_what_does_not_exist(admin, practitioner):
    visit_type = open_practice(practitioner)

    answer = admin.post(
        url("setup_doctor", practitioner.pk), {"visit_types": [str(uuid.uuid4()), "\x00"]}
    )

    assert answer.status_code == 422
    assert errors_at(answer, "visit_types")
    assert Offering.objects.get().visit_type == visit_type


def test_a_type_switched_off_stays_with_who_offers_it(admin, practitioner, other_practitioner):
    visit_type = open_practice(practitioner)
    VisitType.objects.update(active=False)

    assert "switched off" in page_of(admin, url("setup_doctor", practitioner.pk))
    assert visit_type.name not in page_of(admin, url("setup_doctor", other_practitioner.pk))
    assert "No visit types yet" in page_of(admin, url("setup_doctor", other_practitioner.pk))


def test_a_schedule_that_is_busy_is_said(admin, practitioner, monkeypatch):
    from clinic.scheduling.services import setup as services
    from clinic.scheduling.services.locks import ScheduleBusy

    def busy(**asked):
        raise ScheduleBusy

    open_practice(practitioner)
    monkeypatch.setattr(services, "set_offerings", busy)

    answer = admin.post(url("setup_doctor", practitioner.pk), {})

    assert answer.status_code == 422
    assert "Press once more" in answer.content.decode()


NOWHERE = uuid.UUID(int=7)
ADDRESSES = [
    ("setup_site", [NOWHERE]),
    ("setup_room_add", [NOWHERE]),
    ("setup_room", [NOWHERE]),
    ("setup_visit_type", [NOWHERE]),
    ("setup_doctor", [NOWHERE]),
    ("setup_offering", [NOWHERE, NOWHERE]),
]


@pytest.mark.parametrize(("name", "args"), ADDRESSES)
def test_what_is_not_there_is_not_found(admin, name, args):
    assert admin.post(url(name, *args), {"name": "x"}).status_code == 404


@pytest.mark.parametrize("who", ["patient", "practitioner", "receptionist", "outsider"])
@pytest.mark.parametrize(
    ("name", "args"),
    [("setup", []), ("setup_site_new", []), ("setup_visit_type_new", []), *ADDRESSES],
)
def test_nobody_else_finds_the_set_up(sign_in, request, who, name, args):
    browser = sign_in(request.getfixturevalue(who))

    assert browser.get(url(name, *args)).status_code == 404
    assert browser.post(url(name, *args), site_answers()).status_code == 404


@pytest.mark.parametrize(
    ("text", "minutes"), [("90", 90), ("90 min", 90), (" 2H ", 120), ("1d", 1440), ("0", 0)]
)
def test_a_span_is_read_as_it_is_written(text, minutes):
    assert read_span(text) == minutes
    assert read_span(say_span(minutes)) == minutes
