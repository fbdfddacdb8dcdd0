"""Choosing a time: what the page shows, and that a push is the same."""

import datetime as dt

import pytest
from django.urls import reverse

from clinic.scheduling.choices import Modality
from clinic.scheduling.fragments import slots
from clinic.scheduling.models import Offering
from clinic.scheduling.presenters.slots import slot_id
from tests.clinic.scheduling.views.conftest import NINE, at
from tests.factories.scheduling import (
    AppointmentFactory,
    ClosureFactory,
    OfferingFactory,
    RoomFactory,
    SiteFactory,
    VisitTypeFactory,
    WorkingHoursFactory,
    open_practice,
)

TUESDAY = dt.date(2026, 3, 3)


def page(browser, practitioner, **query):
    address = reverse("scheduling:slot_list", args=[practitioner.pk])
    return browser.get(address, {"day": "2026-03-03"} | query)


def test_slot_list_embeds_the_fragments_byte_for_byte(client, clock, practitioner, visit_type):
    AppointmentFactory(practitioner=practitioner, visit_type=visit_type)
    key = {
        "practitioner_id": practitioner.pk,
        "visit_type_id": visit_type.pk,
        "modality": Modality.IN_PERSON,
        "now": clock.now,
    }

    html = page(client, practitioner).content.decode()

    grid = slots.slot_grid(**key, date=TUESDAY)
    strip = slots.day_strip(**key, first=dt.date(2026, 3, 2))
    assert grid.container is not None and grid.container() in html
    assert all(piece in html for piece in (*grid.pieces.values(), *strip.pieces.values()))


def test_slot_list_costs_nine_queries(
    patient_client, clock, practitioner, visit_type, django_assert_num_queries
):
    with django_assert_num_queries(9):
        response = page(patient_client, practitioner)

    assert response.status_code == 200


def test_slot_list_names_no_other_patient(
    outsider_client, clock, practitioner, visit_type, patient
):
    """H4: a taken time says that it is taken, and not one byte more."""
    visit = AppointmentFactory(practitioner=practitioner, visit_type=visit_type, patient=patient)

    html = page(outsider_client, practitioner).content.decode()

    assert "Taken" in html
    for secret in (patient.given_name, patient.family_name, patient.pk.hex, str(visit.pk)):
        assert secret not in html


def test_slot_list_says_which_times_are_mine(
    patient_client, clock, practitioner, visit_type, patient
):
    visit = AppointmentFactory(practitioner=practitioner, visit_type=visit_type, patient=patient)

    html = page(patient_client, practitioner).content.decode()

    mine = f'data-mine-for="{slot_id(practitioner.pk, NINE)}" data-state="mine"'
    assert mine in html
    assert reverse("scheduling:appointment_detail", args=[visit.pk]) in html


def test_slot_list_labels_both_hours_of_the_autumn_night(client, clock, practitioner):
    """D2, T3: two 02:00 of one night are two buttons with their offsets."""
    visit_type = open_practice(practitioner)
    WorkingHoursFactory(practitioner=practitioner, weekday=7, starts=dt.time(1), ends=dt.time(5))
    clock.move_to(dt.datetime(2026, 10, 20, 9, tzinfo=dt.UTC))

    html = page(client, practitioner, day="2026-10-25", type=visit_type.pk.hex).content.decode()

    assert "02:00 (UTC+2)" in html and "02:00 (UTC+1)" in html
    first = dt.datetime(2026, 10, 25, 0, 0, tzinfo=dt.UTC)
    assert slot_id(practitioner.pk, first) in html
    assert slot_id(practitioner.pk, first + dt.timedelta(hours=1)) in html


def test_slot_list_shows_the_days_of_the_clinic_to_a_far_patient(
    patient_client, clock, practitioner, visit_type, patient
):
    """D18, T8: the clinic's clock comes first and is named where the viewer's differs."""
    patient.user.time_zone = "Pacific/Honolulu"
    patient.user.save()

    html = page(patient_client, practitioner).content.decode()

    assert "Times are Berlin time, not Honolulu time." in html
    assert ">09:00<" in html


def test_slot_list_names_no_zone_where_the_clocks_agree(
    patient_client, clock, practitioner, visit_type, patient
):
    patient.user.time_zone = "Europe/Paris"
    patient.user.save()

    assert "Times are" not in page(patient_client, practitioner).content.decode()


def test_slot_list_opens_on_the_first_day_with_a_free_time(client, clock, practitioner, visit_type):
    clock.move_to(dt.datetime(2026, 3, 6, 15, 0, tzinfo=dt.UTC))

    response = client.get(reverse("scheduling:slot_list", args=[practitioner.pk]))

    html = response.content.decode()
    assert '<li aria-current="date"><a class="day" id="day-20260309"' in html
    assert 'data-day="Over"' in html and 'data-day="Closed"' in html


def test_slot_list_looks_past_two_full_weeks(client, clock, practitioner, visit_type):
    ClosureFactory(
        site=SiteFactory(),
        starts_at=dt.datetime(2026, 3, 1, tzinfo=dt.UTC),
        ends_at=dt.datetime(2026, 3, 19, tzinfo=dt.UTC),
    )

    response = client.get(reverse("scheduling:slot_list", args=[practitioner.pk]))

    assert b'<li aria-current="date"><a class="day" id="day-20260319"' in response.content


def test_slot_list_gives_the_public_reason_of_a_closed_day(client, clock, practitioner, visit_type):
    """A11: the reason stands where the times would be."""
    ClosureFactory(site=SiteFactory())

    html = page(client, practitioner).content.decode()

    assert "Public holiday" in html
    assert 'data-state="free"' not in html


def test_slot_list_groups_the_times_of_two_sites(client, clock, practitioner, visit_type):
    other = SiteFactory(name="Mill Lane", slug="mill-lane", time_zone="Europe/London")
    WorkingHoursFactory(
        practitioner=practitioner, site=other, weekday=2, starts=dt.time(17), ends=dt.time(18)
    )

    html = page(client, practitioner).content.decode()

    assert "<span>Mill Lane</span>" in html and "<span>Harbour Street</span>" in html
    assert "Evening" in html and "Times are Berlin time, London time." in html


def test_slot_list_calls_a_time_taken_whose_room_is_in_use(
    client, clock, practitioner, other_practitioner
):
    room = RoomFactory()
    visit_type = open_practice(practitioner, room=room)
    AppointmentFactory(practitioner=other_practitioner, visit_type=visit_type, room=room)

    html = page(client, practitioner).content.decode()

    assert html.count('data-state="taken"') == 1


def test_slot_list_keeps_the_rest_when_the_kind_changes(client, clock, practitioner, visit_type):
    other = VisitTypeFactory(name="Check", slug="check", modalities=[Modality.VIDEO], position=2)
    OfferingFactory(practitioner=practitioner, visit_type=other)

    html = page(client, practitioner, how="v").content.decode()

    assert f"?type={other.pk.hex}&amp;how=v&amp;day=2026-03-03" in html
    assert f"?type={visit_type.pk.hex}&amp;how=i&amp;day=2026-03-03" in html


def test_slot_list_goes_on_without_a_day_gone_by(client, clock, practitioner, visit_type):
    response = page(client, practitioner, day="2026-02-01")

    assert response.status_code == 200
    assert b'aria-current="date"' in response.content


@pytest.mark.parametrize(
    "query",
    [
        {"day": "9999-12-31"},
        {"day": "2026-02-31"},
        {"day": "2190-01-01"},
        {"since": "0001-01-01"},
        {"type": "nothing"},
        {"type": "00000000000000000000000000000000"},
        {"how": "x"},
        {"how": "p"},
        {"day": "\x00"},
    ],
)
def test_slot_list_knows_no_made_up_address(client, clock, practitioner, visit_type, query):
    assert page(client, practitioner, **query).status_code == 404


def test_slot_list_is_not_there_for_a_doctor_who_cannot_be_booked(
    client, clock, practitioner, pending_practitioner, visit_type
):
    open_practice(pending_practitioner, visit_type=visit_type)
    Offering.objects.filter(practitioner=practitioner).update(online=False)

    assert page(client, pending_practitioner).status_code == 404
    assert page(client, practitioner).status_code == 404


def test_slot_list_hides_what_is_too_near_to_book(client, clock, practitioner, visit_type):
    """A6: an hour of notice; at 09:21 the visit at 10:20 is not offered any more."""
    clock.move_to(at(21))

    html = page(client, practitioner).content.decode()

    assert slot_id(practitioner.pk, at(80)) not in html
    assert slot_id(practitioner.pk, at(100)) in html
