"""The day and week board: who may watch, what they see, one click and its undo."""

import datetime as dt

import pytest
from django.urls import reverse

from clinic.scheduling.choices import AppointmentStatus as S
from clinic.scheduling.fragments import board as fragments
from tests.factories.scheduling import AppointmentFactory, open_practice

TUESDAY = dt.date(2026, 3, 3)
ON_THE_DAY = dt.datetime(2026, 3, 3, 8, 10, tzinfo=dt.UTC)


@pytest.fixture
def visit(practitioner, patient, clock):
    clock.move_to(ON_THE_DAY)
    visit_type = open_practice(practitioner)
    return AppointmentFactory(
        practitioner=practitioner,
        patient=patient,
        visit_type=visit_type,
        reason="Trouble sleeping",
        notes="Since the move.",
    )


def board(practitioner, date=TUESDAY):
    return reverse("scheduling:day_board", args=[practitioner.pk, date])


def post_status(browser, visit, to_status, **headers):
    url = reverse("scheduling:appointment_status", args=[visit.pk])
    return browser.post(url, {"to": to_status}, headers=headers or None)


HTMX = {"HX-Request": "true"}


def test_the_page_holds_every_piece_that_would_be_pushed(visit, practitioner, sign_in):
    """Byte for byte: page and push render the same partial."""
    page = sign_in(practitioner).get(board(practitioner)).content.decode()
    pushed = fragments.day_board(practitioner.pk, TUESDAY, now=ON_THE_DAY, with_reason=True)

    assert len(pushed.pieces) == 5
    for dom_id, html in pushed.pieces.items():
        assert f'id="{dom_id}"' in html
        assert html in page


def test_the_doctor_reads_why_somebody_comes(visit, practitioner, sign_in):
    page = sign_in(practitioner).get(board(practitioner), {"visit": visit.pk}).content.decode()

    assert "Trouble sleeping" in page
    assert "Since the move." in page


@pytest.mark.parametrize("who", ["receptionist", "administrator"])
def test_the_desk_sees_who_comes_and_never_why(visit, practitioner, sign_in, request, who):
    browser = sign_in(request.getfixturevalue(who))
    page = browser.get(board(practitioner), {"visit": visit.pk}).content.decode()

    assert "Amara Fenwick" in page
    assert "Follow-up" in page
    assert "Trouble sleeping" not in page
    assert "Since the move." not in page


@pytest.mark.parametrize("who", ["patient", "outsider", "other_practitioner"])
@pytest.mark.parametrize("name", ["day_board", "week_board"])
def test_nobody_else_watches_a_board(visit, practitioner, sign_in, request, who, name):
    url = reverse(f"scheduling:{name}", args=[practitioner.pk, TUESDAY])

    assert sign_in(request.getfixturevalue(who)).get(url).status_code == 404


def test_opening_a_visit_leaves_a_trace(visit, practitioner, sign_in):
    from clinic.audit.models import AuditEvent

    sign_in(practitioner).get(board(practitioner), {"visit": visit.pk})

    event = AuditEvent.objects.get(action="appointment.opened")
    assert (event.actor, event.object_id) == (practitioner.user_id, visit.pk)


@pytest.mark.parametrize("asked", ["x", "0" * 5000, "01a208d7-4d20-77f6-be13-31a1b0a9f6b2"])
def test_a_visit_that_is_not_to_be_seen_does_not_exist(practitioner, visit, sign_in, asked):
    assert sign_in(practitioner).get(board(practitioner), {"visit": asked}).status_code == 404


@pytest.mark.parametrize("date", ["2026-02-30", "1999-12-31", "9999-12-31", "0001-01-01", "x"])
def test_a_day_that_is_none_is_no_address(practitioner, sign_in, date):
    assert sign_in(practitioner).get(f"/board/{practitioner.pk}/{date}/").status_code == 404


def test_one_click_takes_a_visit_on_and_offers_the_way_back(visit, receptionist, sign_in):
    answer = post_status(sign_in(receptionist), visit, S.ARRIVED, **HTMX)

    visit.refresh_from_db()
    assert visit.status == S.ARRIVED
    assert answer.status_code == 200
    assert reverse("scheduling:appointment_undo", args=[visit.pk]) in answer.content.decode()


def test_the_click_works_without_script(visit, practitioner, sign_in):
    answer = post_status(sign_in(practitioner), visit, S.ARRIVED)

    assert answer.status_code == 302
    assert answer.url == board(practitioner)


def test_undo_takes_the_click_back(visit, receptionist, sign_in):
    browser = sign_in(receptionist)
    post_status(browser, visit, S.NOSHOW, **HTMX)
    url = reverse("scheduling:appointment_undo", args=[visit.pk])

    assert browser.post(url, headers=HTMX).status_code == 200
    visit.refresh_from_db()
    assert visit.status == S.BOOKED
    assert browser.post(url, headers=HTMX).status_code == 409


def test_a_click_that_came_too_late_is_told_so(visit, receptionist, sign_in):
    browser = sign_in(receptionist)
    post_status(browser, visit, S.NOSHOW, **HTMX)

    answer = post_status(browser, visit, S.CHECKED_IN, **HTMX)

    assert answer.status_code == 409
    assert "changed this visit already" in answer.content.decode()


@pytest.mark.parametrize("to_status", ["", "seen", "cancelled\x00", "x" * 5000])
def test_a_step_that_does_not_exist_is_refused(visit, receptionist, sign_in, to_status):
    assert post_status(sign_in(receptionist), visit, to_status, **HTMX).status_code == 422


@pytest.mark.parametrize("who", ["patient", "outsider", "other_practitioner"])
def test_nobody_else_takes_a_visit_on(visit, sign_in, request, who):
    browser = sign_in(request.getfixturevalue(who))

    assert post_status(browser, visit, S.ARRIVED).status_code == 404
    undo = reverse("scheduling:appointment_undo", args=[visit.pk])
    assert browser.post(undo).status_code == 404


def test_a_request_is_accepted_with_one_click(visit, practitioner, sign_in):
    """H5."""
    visit.status, visit.released_at = S.PENDING, visit.starts_at + dt.timedelta(hours=1)
    visit.save()

    assert post_status(sign_in(practitioner), visit, S.BOOKED, **HTMX).status_code == 200
    visit.refresh_from_db()
    assert (visit.status, visit.released_at) == (S.BOOKED, None)


def test_the_board_says_how_late_the_day_runs(visit, practitioner, sign_in, receptionist, clock):
    browser = sign_in(receptionist)
    post_status(browser, visit, S.ARRIVED)
    clock.advance(minutes=17)

    page = browser.get(board(practitioner)).content.decode()

    assert "Here 17 min" in page
    assert "27 min late" in page


def test_held_time_shows_without_a_name(visit, practitioner, sign_in, other_patient):
    AppointmentFactory(
        practitioner=practitioner,
        patient=other_patient,
        visit_type=visit.visit_type,
        starts_at=visit.ends_at,
        claimed_at=ON_THE_DAY,
        hold=True,
    )

    held = fragments.day_board(practitioner.pk, TUESDAY, now=ON_THE_DAY, with_reason=True)

    assert "A patient is choosing this time" in held.pieces["board-timeline"]
    assert held.wakes_at == ON_THE_DAY + dt.timedelta(minutes=1)


def test_the_week_page_equals_what_is_pushed(visit, practitioner, sign_in):
    url = reverse("scheduling:week_board", args=[practitioner.pk, TUESDAY])
    page = sign_in(practitioner).get(url).content.decode()
    monday = TUESDAY - dt.timedelta(days=1)
    pushed = fragments.week_board(practitioner.pk, monday, now=ON_THE_DAY, with_reason=True)

    assert pushed.pieces["board-week"] in page
    assert "Amara Fenwick" in page


def test_the_board_reads_a_fixed_number_of_times(
    visit, practitioner, sign_in, django_assert_num_queries
):
    browser = sign_in(practitioner)
    browser.get(board(practitioner))
    for minutes in range(20, 180, 20):
        AppointmentFactory(
            practitioner=practitioner,
            visit_type=visit.visit_type,
            starts_at=visit.starts_at + dt.timedelta(minutes=minutes),
        )
    with django_assert_num_queries(10):
        browser.get(board(practitioner))
