"""The links in messages: what they open, for how long, and that looking changes nothing (N5)."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.test import Client
from django.urls import reverse

from clinic.audit.models import AuditEvent
from clinic.scheduling.models import Appointment
from reminders import links
from tests.factories.people import PatientFactory
from tests.reminders.conftest import FRIDAY, cancel, move


def path_of(appointment):
    return reverse("reminders:link", args=[links.make_token(appointment=appointment)])


@pytest.fixture
def visit(book):
    return book()


@pytest.fixture
def visitor():
    """Somebody with the link in a browser that has never been here."""
    return Client()


def test_the_page_shows_time_doctor_and_place_and_never_why(visit, visitor):
    Appointment.objects.filter(pk=visit.pk).update(modality="in-person")

    page = visitor.get(path_of(visit))

    assert page.status_code == 200
    content = page.content.decode()
    for said in ("Friday, 14:00", "20 Mar 2026", "Dr Ines Llorente", "Harbour Street"):
        assert said in content
    for hidden in ("Follow-up", "General practice", "Amara", "Fenwick", "amara@example.org"):
        assert hidden not in content


@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_the_link_changes_nothing_n5(visit, visitor, method):
    """Mail scanners open every link."""
    before = Appointment.objects.filter(pk=visit.pk).values().get()
    events = AuditEvent.objects.count()

    for _ in range(3):
        getattr(visitor, method)(path_of(visit) + "?action=cancel")

    assert Appointment.objects.filter(pk=visit.pk).values().get() == before
    assert AuditEvent.objects.count() == events


def test_the_page_is_kept_out_of_caches_logs_and_search(visit, visitor):
    page = visitor.get(path_of(visit))

    assert page["Referrer-Policy"] == "same-origin"
    assert page["Cache-Control"] == "no-store"
    assert "noindex" in page["X-Robots-Tag"]


def test_i_will_be_there_confirms(visit, visitor, clock):
    answer = visitor.post(path_of(visit), {"action": "confirm"})

    assert answer.status_code == 303
    assert Appointment.objects.get(pk=visit.pk).confirmed_at == clock.now
    assert "We expect you" in visitor.get(answer["Location"]).content.decode()


def test_cancelling_frees_the_time_and_says_so(visit, visitor):
    answer = visitor.post(path_of(visit), {"action": "cancel", "reason": "pat-fb"})

    assert answer.status_code == 200
    assert "Your visit is cancelled" in answer.content.decode()
    visit.refresh_from_db()
    assert (visit.status, visit.cancellation_reason) == ("cancelled", "pat-fb")


def test_after_the_cutoff_the_clinic_is_told_instead_p1(visit, visitor, clock):
    clock.move_to(FRIDAY - dt.timedelta(hours=1))

    page = visitor.get(path_of(visit)).content.decode()
    plain = visitor.post(path_of(visit), {"action": "cancel"})
    told = visitor.post(path_of(visit), {"action": "cancel-late"})

    assert "Tell the clinic I cannot come" in page
    assert plain.status_code == 409
    assert told.status_code == 200
    visit.refresh_from_db()
    assert visit.cancelled_late


def test_running_late_is_offered_on_the_day_and_told_to_the_clinic(visit, visitor, clock):
    assert "Running late" not in visitor.get(path_of(visit)).content.decode()
    clock.move_to(FRIDAY - dt.timedelta(minutes=20))

    answer = visitor.post(path_of(visit), {"action": "late", "minutes": "20"})

    assert answer.status_code == 303
    assert Appointment.objects.get(pk=visit.pk).running_late_minutes == 20
    assert "about 20 minutes" in visitor.get(path_of(visit)).content.decode()


def test_moving_leads_to_the_page_behind_the_sign_in(visit, visitor):
    page = visitor.get(path_of(visit)).content.decode()
    address = reverse("scheduling:appointment_move", args=[visit.pk])

    assert f'href="{address}"' in page
    assert visitor.get(address).status_code == 302


def test_a_patient_without_account_is_not_sent_to_sign_in(book, visitor):
    visit = book(patient=PatientFactory(user=None, email="by.phone@example.org"))

    assert "Move to another time" not in visitor.get(path_of(visit)).content.decode()


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"action": "arrive"},
        {"action": "late", "minutes": "600"},
        {"action": "late"},
        {"action": "cancel", "reason": "prov"},
    ],
)
def test_a_form_that_is_not_ours_changes_nothing(visit, visitor, data):
    answer = visitor.post(path_of(visit), data)

    assert answer.status_code == 422
    assert Appointment.objects.get(pk=visit.pk).status == "booked"


def test_a_button_that_no_longer_makes_sense_is_refused(visit, visitor):
    Appointment.objects.filter(pk=visit.pk).update(status="fulfilled")

    answer = visitor.post(path_of(visit), {"action": "confirm"})

    assert answer.status_code == 409
    assert "Nothing was changed" in answer.content.decode()


def test_the_link_needs_the_browsers_own_form(visit):
    strict = Client(enforce_csrf_checks=True)

    assert strict.post(path_of(visit), {"action": "cancel"}).status_code == 403
    assert Appointment.objects.get(pk=visit.pk).status == "booked"


def test_the_link_dies_when_the_visit_moves(visit, visitor, clock):
    path = path_of(visit)
    move(visit, FRIDAY + dt.timedelta(days=3), now=clock.now)

    page = visitor.get(path)

    assert page.status_code == 410
    assert "Llorente" not in page.content.decode()
    assert visitor.post(path, {"action": "cancel"}).status_code == 410
    assert Appointment.objects.get(pk=visit.pk).status == "booked"


def test_the_link_dies_when_the_visit_is_cancelled(visit, visitor, clock):
    path = path_of(visit)
    cancel(visit, now=clock.now)

    assert visitor.get(path).status_code == 410


def test_the_link_works_until_a_day_after_the_visit(visit, visitor, clock):
    clock.move_to(FRIDAY + dt.timedelta(hours=23, minutes=59))
    assert visitor.get(path_of(visit)).status_code == 200

    clock.move_to(FRIDAY + dt.timedelta(days=1))
    assert visitor.get(path_of(visit)).status_code == 410


@pytest.mark.parametrize("position", [0, 5, 20, 36, 40, -1])
def test_a_token_that_was_altered_is_refused_without_a_word(visit, visitor, position):
    token = links.make_token(appointment=visit)
    altered = list(token)
    altered[position] = "A" if altered[position] != "A" else "B"

    page = visitor.get(reverse("reminders:link", args=["".join(altered)]))

    assert page.status_code == 404
    assert "Llorente" not in page.content.decode()


@pytest.mark.parametrize("token", ["x", ".", "a.b", "AAAA" * 10 + ".AAAA", "%00", "é"])
def test_a_token_that_is_none_is_refused(db, visitor, token):
    assert visitor.get(f"/v/{token}/").status_code == 404


def test_a_genuine_token_of_no_visit_is_refused(visit, visitor):
    visit.pk = uuid.uuid4()

    assert visitor.get(path_of(visit)).status_code == 404


def test_a_token_made_for_another_purpose_is_refused(visit, visitor):
    from django.core.signing import Signer

    payload = links.make_token(appointment=visit).rpartition(".")[0]
    other = Signer(salt="somewhere.else", sep=".").sign(payload)

    assert visitor.get(reverse("reminders:link", args=[other])).status_code == 404
