"""What staff see of a visit's messages, and that nobody else does."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from clinic.scheduling import permissions
from reminders import presenters, selectors
from reminders.models import Reminder
from tests.factories.people import viewer
from tests.reminders.conftest import FRIDAY


@pytest.fixture
def address(book, run, clock):
    """A visit whose messages went every way there is."""
    visit = book()
    run()
    Reminder.objects.filter(step_minutes=10080).update(
        status="skipped", skipped_reason="superseded"
    )
    Reminder.objects.filter(step_minutes=1440).update(status="failed", answer_code="550")
    Reminder.objects.filter(step_minutes=120).update(
        status="claimed",
        attempts=1,
        answer_code="451",
        lease_until=FRIDAY - dt.timedelta(minutes=110),
    )
    return reverse("reminders:ledger", args=[visit.pk])


def test_the_ledger_tells_what_became_of_each_message(address, receptionist_client):
    content = receptionist_client.get(address).content.decode()

    for said in (
        "Confirmation, E-mail",
        "Sent",
        "Monday 2 March, 10:00",
        "Reminder 7 days before, E-mail",
        "Skipped: a later reminder was due as well",
        "Reminder 1 day before, E-mail",
        "Failed: the mail server said 550",
        "Did not get through (451), tried again at 12:10",
    ):
        assert said in content


def test_the_doctor_of_the_visit_sees_its_ledger(address, practitioner_client):
    assert practitioner_client.get(address).status_code == 200


@pytest.mark.parametrize(
    "person", ["patient_client", "outsider_client", "other_practitioner_client"]
)
def test_nobody_else_learns_that_it_exists(address, person, request):
    assert request.getfixturevalue(person).get(address).status_code == 404


def test_the_ledger_costs_a_fixed_number_of_queries(
    address, receptionist, django_assert_num_queries
):
    visit_id = Reminder.objects.values_list("appointment_id", flat=True).first()
    by = viewer(receptionist)

    with django_assert_num_queries(2):
        presenters.ledger_lines(*selectors.ledger_for(appointment_id=visit_id, viewer=by))


def test_the_patient_is_refused_the_ledger_of_the_own_visit(address, patient):
    visit_id = Reminder.objects.values_list("appointment_id", flat=True).first()

    with pytest.raises(permissions.NotAllowed):
        selectors.ledger_for(appointment_id=visit_id, viewer=viewer(patient))


@pytest.mark.parametrize(
    ("minutes", "words"), [(10080, "7 days"), (1440, "1 day"), (120, "2 hours"), (45, "45 minutes")]
)
def test_a_step_is_told_in_its_largest_unit(minutes, words):
    assert presenters.step_text(minutes) == words
