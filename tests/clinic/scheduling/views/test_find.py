"""Finding a doctor by the next free time."""

import datetime as dt

import pytest
from django.urls import reverse

from clinic.people.choices import Specialty
from clinic.scheduling.choices import Modality
from clinic.scheduling.fragments import next_free
from tests.clinic.scheduling.views.conftest import HTMX, NINE
from tests.factories.people import PractitionerFactory
from tests.factories.scheduling import (
    AppointmentFactory,
    ClosureFactory,
    SiteFactory,
    VisitTypeFactory,
    WorkingHoursFactory,
    open_practice,
)

FIND = "/doctors/"


def found(browser, **query):
    return browser.get(FIND, query).content.decode()


def names_in_order(html, *names):
    return sorted(names, key=html.index)


@pytest.fixture
def cardiologist(other_practitioner):
    """Marek works on Thursdays at another place, by video as well."""
    video = VisitTypeFactory(name="Video", slug="video", modalities=[Modality.VIDEO], position=5)
    mill_lane = SiteFactory(name="Mill Lane", slug="mill-lane")
    open_practice(other_practitioner, visit_type=video, site=mill_lane)
    other_practitioner.working_hours.exclude(weekday=4).delete()
    return other_practitioner


def test_list_puts_the_earliest_free_time_first(client, clock, practitioner, cardiologist):
    open_practice(practitioner)

    html = found(client)

    assert "2 doctors" in html
    assert names_in_order(html, "Dr Marek Wierzba", "Dr Ines Llorente")[0] == "Dr Ines Llorente"
    clock.move_to(dt.datetime(2026, 3, 4, 15, tzinfo=dt.UTC))
    practitioner.working_hours.exclude(weekday=5).delete()
    html = found(client)
    assert names_in_order(html, "Dr Marek Wierzba", "Dr Ines Llorente")[0] == "Dr Marek Wierzba"


def test_list_embeds_the_chips_byte_for_byte(client, clock, practitioner):
    visit_type = open_practice(practitioner)
    [chips] = next_free.next_chips(
        practitioner_id=practitioner.pk, visit_type_id=None, now=clock.now
    ).pieces.values()

    assert chips in found(client)
    assert chips.count("<b>") == 3 and "Today" in chips
    [chosen] = next_free.next_chips(
        practitioner_id=practitioner.pk,
        visit_type_id=visit_type.pk,
        modality=Modality.VIDEO,
        now=clock.now,
    ).pieces.values()
    assert chosen in found(client, type=visit_type.pk.hex, place="video")
    assert "&amp;how=v&amp;" in chosen


def test_list_costs_six_queries_however_many_doctors(
    client, clock, practitioner, django_assert_num_queries
):
    visit_type = open_practice(practitioner)
    with django_assert_num_queries(6):
        client.get(FIND)
    for _ in range(5):
        open_practice(PractitionerFactory(), visit_type=visit_type)

    with django_assert_num_queries(6):
        client.get(FIND)


def test_list_of_a_patient_costs_nine_queries(
    patient_client, clock, practitioner, django_assert_num_queries
):
    open_practice(practitioner)

    with django_assert_num_queries(9):
        patient_client.get(FIND)


@pytest.mark.parametrize(
    ("query", "who"),
    [
        ({"q": "wierz"}, "Marek"),
        ({"q": "ines llo"}, "Ines"),
        ({"q": "Dr. cardio"}, "Marek"),
        ({"q": "LLORENTE"}, "Ines"),
        ({"specialty": Specialty.CARDIOLOGY}, "Marek"),
        ({"place": "video", "q": "marek"}, "Marek"),
        ({"when": "today"}, "Ines"),
    ],
)
def test_list_shows_whom_somebody_looks_for(client, clock, practitioner, cardiologist, query, who):
    open_practice(practitioner)

    html = found(client, **query)

    assert "1 doctor<" in html and who in html


def test_list_finds_by_place_and_kind_of_visit(client, clock, practitioner, cardiologist):
    visit_type = open_practice(practitioner)
    mill_lane = SiteFactory(slug="mill-lane")

    assert "Marek" in found(client, place=str(mill_lane.pk))
    assert "Ines" not in found(client, place=str(mill_lane.pk))
    assert "Marek" not in found(client, type=visit_type.pk.hex)


def test_list_knows_this_week_of_the_site(client, clock, practitioner):
    """T7: the week ends on Sunday, in the calendar of the site."""
    open_practice(practitioner)
    practitioner.working_hours.exclude(weekday=5).delete()

    assert "1 doctor<" in found(client, when="week")
    clock.move_to(dt.datetime(2026, 3, 6, 12, tzinfo=dt.UTC))
    assert "0 doctors" in found(client, when="week")


def test_list_says_when_the_first_time_is_far_away(client, clock, practitioner):
    open_practice(practitioner)
    ClosureFactory(
        starts_at=dt.datetime(2026, 3, 1, tzinfo=dt.UTC),
        ends_at=dt.datetime(2026, 3, 20, 23, tzinfo=dt.UTC),
    )

    html = found(client)

    assert "No free times before 23 March." in html and "See these times" in html


def test_list_says_when_nothing_can_be_booked_at_all(client, clock, practitioner):
    open_practice(practitioner)
    practitioner.working_hours.all().delete()

    assert "No free times can be booked online at present." in found(client)


def test_list_names_the_place_of_a_time_where_there_are_two(client, clock, practitioner):
    open_practice(practitioner)
    WorkingHoursFactory(
        practitioner=practitioner,
        site=SiteFactory(name="Mill Lane", slug="mill-lane"),
        weekday=1,
        starts=dt.time(13),
        ends=dt.time(14),
    )

    html = found(client)

    assert "Today, Harbour Street" in html
    assert "Harbour Street, Mill Lane" in html


def test_list_leaves_out_who_cannot_be_booked(
    client, clock, practitioner, pending_practitioner, cardiologist
):
    visit_type = open_practice(practitioner)
    open_practice(pending_practitioner, visit_type=visit_type)
    cardiologist.offerings.update(online=False)

    html = found(client)

    assert "1 doctor<" in html
    assert "Noor" not in html and "Marek" not in html


def test_list_has_a_way_on_when_nobody_matches(client, clock, practitioner):
    open_practice(practitioner)

    html = found(client, q="nobody of that name")

    assert "No doctor matches all of this" in html and "Show all doctors" in html
    assert 'value="nobody of that name"' in html


def test_list_turns_pages_of_twenty(client, clock, practitioner):
    visit_type = open_practice(practitioner)
    for _ in range(20):
        open_practice(PractitionerFactory(), visit_type=visit_type)

    first, last = found(client, q="dr"), found(client, q="dr", page="2")

    assert first.count('<li class="card doc"') == 20
    assert "?q=dr&amp;page=2" in first and "Page 1 of 2" in first
    assert last.count('<li class="card doc"') == 1


def test_list_answers_htmx_with_the_results_alone(client, clock, practitioner):
    open_practice(practitioner)

    response = client.get(FIND, headers=HTMX)

    assert b"<html" not in response.content and b'id="results"' in response.content


def test_list_counts_only_what_is_free(client, clock, practitioner):
    visit_type = open_practice(practitioner)
    before = found(client)
    AppointmentFactory(practitioner=practitioner, visit_type=visit_type, starts_at=NINE)

    after = found(client)

    def more(html):
        return int(html.split(" more times until")[0].rsplit(">", 1)[1])

    assert more(before) - more(after) == 1


@pytest.mark.parametrize(
    "query",
    [
        {"q": "\x00"},
        {"q": "x" * 101},
        {"place": "nowhere"},
        {"type": "x"},
        {"specialty": "magic"},
        {"when": "someday"},
        {"page": "0"},
        {"page": "9" * 5000},
    ],
)
def test_list_knows_no_made_up_address(client, clock, db, query):
    assert client.get(FIND, query).status_code == 404


def test_list_links_to_the_doctors_page(client, clock, practitioner):
    visit_type = open_practice(practitioner)

    html = found(client)

    address = reverse("scheduling:slot_list", args=[practitioner.pk])
    assert f'href="{address}?type={visit_type.pk.hex}"' in html
    assert f"{address}?type={visit_type.pk.hex}&amp;day=2026-03-02" in html
