"""Administrators see who did what and when; reading and taking the trail leave their own events."""

from __future__ import annotations

import csv
import datetime as dt
import json
import uuid
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.http import StreamingHttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.audit import selectors, services
from clinic.audit.models import AuditEvent
from clinic.people.models import Patient, Practitioner, User
from clinic.people.permissions import NotAllowed
from clinic.portal import trail
from clinic.portal.trail_rows import trail_row
from clinic.portal.trail_words import words_for
from tests.conftest import NOW, Clock
from tests.factories.people import viewer

pytestmark = pytest.mark.django_db


def note(**values: Any) -> AuditEvent:
    given: dict[str, Any] = {
        "actor_id": None,
        "actor_roles": ["system"],
        "action": "appointment.booked",
        "object_type": "appointment",
        "object_id": None,
        "now": NOW,
    }
    return services.record(**given | values)


def page(browser: Client, query: str = "", **headers: str) -> str:
    response = browser.get(f"/trail/{query}", headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def exported(browser: Client, query: str = "") -> list[list[str]]:
    response = browser.get(f"/trail/export/{query}")
    assert isinstance(response, StreamingHttpResponse)

    async def whole() -> str:
        return b"".join([part async for part in response.streaming_content]).decode("utf-8-sig")

    return list(csv.reader(async_to_sync(whole)().splitlines()))


# --- The page ---------------------------------------------------------------------------------


def test_page_says_in_plain_words_who_did_what_to_whom(
    administrator_client: Client, practitioner: Practitioner, patient: Patient, clock: Clock
) -> None:
    note(
        actor_id=practitioner.user_id,
        actor_roles=["practitioner"],
        patient_id=patient.pk,
        detail={"changed": ["reason"]},
    )

    html = page(administrator_client)

    for told in ("Ines Llorente", "Doctor", "Booked a visit", "Amara Fenwick", "changed: reason"):
        assert told in html
    assert "Monday, 2 March 2026" in html and "09:00:00" in html


def test_times_are_those_of_the_reader(
    administrator: User, administrator_client: Client, clock: Clock
) -> None:
    administrator.time_zone = "Europe/Berlin"
    administrator.save()
    note()

    assert "10:00:00" in page(administrator_client)


def test_reading_the_trail_is_in_the_trail(
    administrator: User, administrator_client: Client, patient: Patient, clock: Clock
) -> None:
    page(administrator_client, "?patient=Amara&action=appointment.booked&since=2026-03-01")

    event = AuditEvent.objects.get(action="trail.read")
    assert (event.actor, event.patient, event.at) == (administrator.pk, patient.pk, NOW)
    assert json.loads(event.detail) == {
        "action": "appointment.booked",
        "patients": [str(patient.pk)],
        "since": "2026-03-01T00:00:00+00:00",
    }


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("?who=llorente", {"one"}),
        ("?who=ines@example.org", {"one"}),
        ("?who=ines+llorente", {"one"}),
        ("?patient=okoye", {"two"}),
        ("?action=zzz.two", {"two"}),
        ("?action=zzz.", {"one", "two"}),
        ("?since=2026-03-02", {"one"}),
        ("?until=2026-03-01", {"two"}),
        ("?since=2026-03-01&until=2026-03-02", {"one", "two"}),
    ],
)
def test_search_by_person_patient_action_and_days(
    query: str,
    shown: set[str],
    administrator_client: Client,
    practitioner: Practitioner,
    other_patient: Patient,
    clock: Clock,
) -> None:
    note(action="zzz.one", actor_id=practitioner.user_id)
    note(action="zzz.two", patient_id=other_patient.pk, now=NOW - dt.timedelta(days=1))

    html = page(administrator_client, query).partition('id="trail"')[2]

    assert {name for name in ("one", "two") if f"zzz.{name}" in html} == shown


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("?who=nobody-here", "Nobody found"),
        ("?patient=nobody-here", "Nobody found"),
        ("?since=2026-03-02&until=2026-03-01", "before the first one"),
        ("?since=9999-12-31", "Ensure this value is less"),
        ("?until=0001-01-01", "Ensure this value is greater"),
        ("?since=yesterday", "Enter a valid date"),
    ],
)
def test_a_question_without_an_answer_keeps_its_words(
    query: str, told: str, administrator_client: Client
) -> None:
    response = administrator_client.get(f"/trail/{query}")

    html = response.content.decode()
    assert response.status_code == 422
    assert told in html
    assert not AuditEvent.objects.filter(action="trail.read").exists()
    assert query.partition("=")[2].partition("&")[0] in html


def test_pages_follow_each_other_and_lead_back(
    administrator_client: Client, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail.audit_trail.page_of, "__kwdefaults__", {"after": None, "most": 2})
    for n in range(3):
        note(action=f"zzz.{n}", now=NOW - dt.timedelta(hours=n))

    response = administrator_client.get("/trail/?action=zzz.")
    older = response.context["older"]
    html = page(administrator_client, older)

    assert [row.code for row in response.context["rows"]] == ["zzz.0", "zzz.1"]
    assert "zzz.2" in html and "zzz.0" not in html
    assert "Newest" in html and 'rel="next"' not in html


def test_a_page_costs_the_same_for_one_event_and_for_many(
    administrator_client: Client,
    practitioner: Practitioner,
    patient: Patient,
    other_patient: Patient,
    clock: Clock,
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            page(administrator_client)
        return len(found)

    note(actor_id=practitioner.user_id, patient_id=patient.pk)
    one = queries()
    for person in (patient, other_patient):
        note(actor_id=person.user_id, patient_id=person.pk)

    assert queries() == one


def test_htmx_gets_the_results_alone(administrator_client: Client) -> None:
    html = page(administrator_client, **{"HX-Request": "true"})

    assert html.startswith('<section class="card card--flush" id="trail"')


def test_nothing_found_is_said(administrator_client: Client) -> None:
    assert "Nothing found" in page(administrator_client, "?action=nothing.like.this")


def test_what_was_typed_is_text(administrator_client: Client) -> None:
    note(action="<script>x</script>")

    assert "<script>x" not in page(administrator_client)


@pytest.mark.parametrize("address", ["/trail/", "/trail/export/"])
def test_nobody_else_finds_the_trail(
    address: str,
    patient_client: Client,
    practitioner_client: Client,
    receptionist_client: Client,
) -> None:
    for browser in (patient_client, practitioner_client, receptionist_client):
        assert browser.get(address).status_code == 404


def test_the_services_ask_too(patient: Patient) -> None:
    by, question = viewer(patient), selectors.Question()

    for call in (
        lambda: trail.open_trail(question=question, after=None, by=by, now=NOW),
        lambda: trail.export_trail(question=question, by=by, now=NOW),
        lambda: trail.accounts_named(text="a", by=by),
        lambda: trail.patients_named(text="a", by=by),
    ):
        with pytest.raises(NotAllowed):
            call()


# --- The export -------------------------------------------------------------------------------


def test_export_holds_everything_that_was_asked_for(
    administrator: User,
    administrator_client: Client,
    practitioner: Practitioner,
    patient: Patient,
    clock: Clock,
) -> None:
    event = note(actor_id=practitioner.user_id, patient_id=patient.pk, object_id=uuid.UUID(int=5))
    note(action="note.signed")

    head, line = exported(administrator_client, "?action=appointment.booked")

    told = dict(zip(head, line, strict=True))
    assert told["time (UTC)"] == "2026-03-02T09:00:00.000000+00:00"
    assert (told["actor"], told["actor id"]) == ("Dr Ines Llorente", str(practitioner.user_id))
    assert (told["action"], told["what"]) == ("appointment.booked", "Booked a visit")
    assert (told["patient"], told["patient id"]) == ("Amara Fenwick", str(patient.pk))
    assert (told["object id"], told["event"]) == (str(uuid.UUID(int=5)), str(event.pk))
    taken = AuditEvent.objects.get(action="trail.exported")
    assert (taken.actor, taken.detail) == (administrator.pk, '{"action":"appointment.booked"}')


def test_export_is_a_download_without_formulas(
    administrator_client: Client, patient: Patient, clock: Clock
) -> None:
    """Attack 71: a patient may be called anything."""
    Patient.objects.filter(pk=patient.pk).update(given_name="=cmd|'/C calc'!A0")
    note(action="zzz.one", patient_id=patient.pk)

    response = administrator_client.get("/trail/export/?action=zzz.one")
    _head, line = exported(administrator_client, "?action=zzz.one")

    assert response["Content-Disposition"] == (
        'attachment; filename="audit-trail-20260302T090000Z.csv"'
    )
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert line[6].startswith("'=cmd")


def test_export_of_a_question_without_an_answer_leads_to_the_page(
    administrator_client: Client,
) -> None:
    response = administrator_client.get("/trail/export/?who=nobody-here&after=x")

    assert response.status_code == 302
    assert response["Location"] == "/trail/?who=nobody-here"


# --- Words ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("record.read", "Read the health record"),
        ("medication.stopped", "Medication: stopped"),
        ("medication.unheard_of", "medication.unheard_of"),
        ("unheard.added", "unheard.added"),
        ("plain", "plain"),
    ],
)
def test_an_action_without_words_keeps_its_code(action: str, words: str) -> None:
    assert words_for(action) == words


def test_a_row_names_those_who_are_gone_and_those_who_never_were() -> None:
    nobody = trail.Names({}, {})
    gone = uuid.UUID(int=7)

    system = trail_row(note(), nobody, zone="UTC")
    visitor = trail_row(note(actor_roles=[]), nobody, zone="UTC")
    former = trail_row(
        note(actor_id=gone, actor_roles=["unheard-of"], patient_id=gone), nobody, zone="UTC"
    )

    assert (system.who, visitor.who, former.who) == (
        "The system",
        "A visitor",
        "A former account",
    )
    assert (former.patient, former.roles) == ("A former patient", "unheard-of")


def test_a_row_shows_codes_and_counts_ids() -> None:
    detail = {"ids": [uuid.UUID(int=1), uuid.UUID(int=2)], "role": "patient", "none": []}

    row = trail_row(note(detail=detail), trail.Names({}, {}), zone="UTC")

    assert row.facts == "ids: 2; role: patient"


def test_names_are_of_doctors_then_patients_then_addresses(
    practitioner: Practitioner, patient: Patient, receptionist: User
) -> None:
    people = (practitioner.user, patient.user, receptionist)
    events = [note(actor_id=person.pk) for person in people]

    names = trail.names_of(events=events)

    assert [names.actors[event.actor] for event in events] == [
        "Dr Ines Llorente",
        "Amara Fenwick",
        "desk@example.org",
    ]
