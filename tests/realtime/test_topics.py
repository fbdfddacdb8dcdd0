"""Every declared topic: who may watch it, that a push equals the page, what makes it dirty."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

import pytest
from django.test import Client
from django.utils import timezone, translation

from clinic.people.models import Patient, Practitioner, User
from clinic.people.selectors import viewer_for
from clinic.people.viewer import VISITOR, Viewer
from clinic.scheduling.models import Appointment, VisitType
from realtime import registry, topics
from tests.conftest import Clock
from tests.factories.scheduling import AppointmentFactory, open_practice

TUESDAY = dt.date(2026, 3, 3)


@dataclass
class Scene:
    practitioner: Practitioner
    visit_type: VisitType
    appointment: Appointment
    patient: Patient


@pytest.fixture
def scene(practitioner: Practitioner, patient: Patient, clock: Clock) -> Scene:
    visit_type = open_practice(practitioner)
    appointment = AppointmentFactory(
        practitioner=practitioner, patient=patient, visit_type=visit_type
    )
    return Scene(practitioner, visit_type, appointment, patient)


def names(scene: Scene) -> dict[str, str]:
    """Return one topic of each kind."""
    doctor, kind = scene.practitioner.pk.hex, scene.visit_type.pk.hex
    user = scene.patient.user
    assert user is not None
    return {
        "slots": f"slots.{doctor}.{TUESDAY}.{kind}.i",
        "deskslots": f"deskslots.{doctor}.{TUESDAY}.{kind}.i",
        "strip": f"strip.{doctor}.{kind}.i.2026-03-02",
        "next": f"next.{doctor}.any",
        "board": f"board.{doctor}.{TUESDAY}",
        "deskboard": f"deskboard.{doctor}.{TUESDAY}",
        "week": f"week.{doctor}.2026-03-02",
        "deskweek": f"deskweek.{doctor}.2026-03-02",
        "visit": f"visit.{scene.appointment.pk.hex}",
        "deskvisit": f"deskvisit.{scene.appointment.pk.hex}",
        "record": f"record.{scene.patient.pk.hex}",
        "user": f"user.{user.pk.hex}",
        "hold": f"hold.{uuid.UUID(int=5).hex}",
    }


PUBLIC = {"slots", "strip", "next", "hold"}
BOARD = {"board", "deskboard", "week", "deskweek", "visit", "deskvisit", "deskslots"}
DESK = {"deskboard", "deskweek", "deskvisit", "deskslots"}


def watchable(scene: Scene, viewer: Viewer) -> set[str]:
    return {kind for kind, topic in names(scene).items() if registry.may_watch(viewer, topic)}


def seen_by(person: User | Patient | Practitioner) -> Viewer:
    user = person if isinstance(person, User) else person.user
    assert user is not None
    return viewer_for(user_id=user.pk)


def test_every_declared_kind_stands_in_these_tests(scene: Scene) -> None:
    assert {kind.name for kind in registry.kinds()} == set(names(scene))


def test_visitor_watches_only_what_is_anyones(scene: Scene) -> None:
    assert watchable(scene, VISITOR) == PUBLIC


def test_patient_watches_the_own_visits_and_nobody_elses(
    scene: Scene, patient: Patient, outsider: Patient
) -> None:
    assert watchable(scene, seen_by(patient)) == PUBLIC | {"user", "record"}
    assert watchable(scene, seen_by(outsider)) == PUBLIC


def test_only_that_doctor_watches_the_board_with_reasons(
    scene: Scene, practitioner: Practitioner, other_practitioner: Practitioner
) -> None:
    assert watchable(scene, seen_by(practitioner)) == PUBLIC | BOARD | {"record"}
    assert watchable(scene, seen_by(other_practitioner)) == PUBLIC


def test_doctor_who_waits_for_approval_watches_no_board(
    scene: Scene, pending_practitioner: Practitioner
) -> None:
    assert watchable(scene, seen_by(pending_practitioner)) == PUBLIC


def test_desk_and_administrator_watch_boards_without_reasons(
    scene: Scene, receptionist: User, administrator: User
) -> None:
    assert watchable(scene, seen_by(receptionist)) == PUBLIC | DESK
    assert watchable(scene, seen_by(administrator)) == PUBLIC | DESK


def test_desk_board_holds_no_reason(scene: Scene) -> None:
    scene.appointment.reason = "itching behind the left knee"
    scene.appointment.save(update_fields=["reason"])

    pushed = registry.load(names(scene)["deskboard"], now=timezone.now())

    assert "itching" not in "".join(pushed.pieces.values())


def test_what_patients_receive_names_nobody(scene: Scene) -> None:
    for kind in ("slots", "strip", "next"):
        pushed = registry.load(names(scene)[kind], now=timezone.now())
        html = "".join(pushed.pieces.values()) + (pushed.container() if pushed.container else "")

        assert scene.patient.family_name not in html
        assert scene.appointment.pk.hex not in html


@pytest.mark.parametrize(
    "broken",
    [
        "board.not-a-doctor.2026-03-03",
        "board.{doctor}.2026-13-03",
        "board.{doctor}",
        "slots.{doctor}.2026-03-03.{doctor}.x",
        "slots.{doctor}.2026-03-03.{doctor}",
        "next.{doctor}.any.i.i",
        "user.",
        "nothing.{doctor}",
    ],
)
def test_broken_key_is_for_nobody(scene: Scene, receptionist: User, broken: str) -> None:
    topic = broken.format(doctor=scene.practitioner.pk.hex)

    assert not registry.may_watch(seen_by(receptionist), topic)


def test_versions_of_all_doctor_days_are_one_query(
    scene: Scene, django_assert_num_queries: object
) -> None:
    dated = [topic for kind, topic in names(scene).items() if kind in BOARD | PUBLIC]

    with django_assert_num_queries(1):  # type: ignore[operator]
        found = registry.versions(dated)

    assert found[names(scene)["visit"]] is None
    loaded = registry.load(names(scene)["board"], now=timezone.now())
    assert found[names(scene)["board"]] == loaded.version


def test_topic_of_a_kind_of_visit_no_longer_offered_is_gone(scene: Scene) -> None:
    topic = names(scene)["slots"].replace(scene.visit_type.pk.hex, uuid.uuid4().hex)

    with pytest.raises(registry.Gone):
        registry.load(topic, now=timezone.now())


def assert_page_equals_push(client: Client, address: str) -> int:
    """Compare every piece on the page with what its topic pushes; return how many there were."""
    response = client.get(address)
    assert response.status_code == 200
    body, compared = response.content.decode(), 0
    for topic, fragment in response.context["live_topics"]:
        with translation.override("en-gb"):
            pushed = registry.load(topic, now=timezone.now())
            containers = [pushed.container()] if pushed.container else []
        # A page may show only some of what is a person's own; what it shows is the same.
        assert fragment.pieces.items() <= pushed.pieces.items()
        for dom_id, html in pushed.pieces.items():
            if f'id="{dom_id}"' in body:
                assert html in body, f"{topic}: {dom_id}"
                compared += 1
        for html in containers:
            assert html in body, topic
    return compared


def test_slot_list_shows_what_is_pushed_byte_for_byte(
    scene: Scene, client: Client, other_patient_client: Client
) -> None:
    address = f"/doctors/{scene.practitioner.pk}/?day={TUESDAY}"

    assert assert_page_equals_push(client, address) > 20
    assert assert_page_equals_push(other_patient_client, address) > 20


def test_find_page_shows_what_is_pushed_byte_for_byte(scene: Scene, client: Client) -> None:
    assert assert_page_equals_push(client, "/doctors/") >= 1


def test_day_board_shows_what_is_pushed_byte_for_byte(
    scene: Scene, practitioner_client: Client, receptionist_client: Client
) -> None:
    address = f"/board/{scene.practitioner.pk}/{TUESDAY}/?visit={scene.appointment.pk}"

    assert assert_page_equals_push(practitioner_client, address) >= 6
    assert assert_page_equals_push(receptionist_client, address) >= 6


def test_week_board_shows_what_is_pushed_byte_for_byte(
    scene: Scene, practitioner_client: Client
) -> None:
    address = f"/board/{scene.practitioner.pk}/{TUESDAY}/week/"

    assert assert_page_equals_push(practitioner_client, address) == 1


def test_home_shows_what_is_pushed_byte_for_byte(scene: Scene, patient_client: Client) -> None:
    assert assert_page_equals_push(patient_client, "/") >= 1


def test_change_of_a_day_names_every_kind_that_shows_it(scene: Scene) -> None:
    dirty = topics.of_day(scene.practitioner.pk, TUESDAY, 3)

    named = {kind for kind, topic in names(scene).items() if _names(dirty, topic)}
    assert named == set(names(scene)) - {"visit", "deskvisit", "record", "user", "hold"}


def test_change_of_rules_names_every_day_of_the_doctor(scene: Scene) -> None:
    dirty = topics.of_rules(scene.practitioner.pk)

    named = {kind for kind, topic in names(scene).items() if _names(dirty, topic)}
    assert named == set(names(scene)) - {"visit", "deskvisit", "record", "user", "hold"}


def test_change_of_a_record_names_its_topic_and_no_other(scene: Scene) -> None:
    dirty = topics.of_record(scene.patient.pk, 7)

    assert dirty == [(names(scene)["record"], 7)]


def test_what_a_record_pushes_is_its_version_alone(scene: Scene) -> None:
    pushed = registry.load(names(scene)["record"], now=timezone.now())

    assert dict(pushed.pieces) == {
        "record-state": '<span id="record-state" data-version="0" hidden></span>'
    }


def _names(dirty: list[tuple[str, int | None]], topic: str) -> bool:
    return any(
        topic.startswith(name[:-1]) if name.endswith("*") else topic == name for name, _ in dirty
    )
