"""Setting the clinic up: who may, what is refused, and who is told (A4)."""

from __future__ import annotations

import uuid

import pytest

from clinic.audit.models import AuditEvent
from clinic.people.viewer import SYSTEM
from clinic.scheduling import permissions
from clinic.scheduling.models import Offering, Room, Schedule, Site, VisitType
from clinic.scheduling.services import setup
from clinic.scheduling.signals import schedule_rules_changed
from tests.factories.people import viewer
from tests.factories.scheduling import (
    AppointmentFactory,
    OfferingFactory,
    RoomFactory,
    SiteFactory,
    VisitTypeFactory,
    WorkingHoursFactory,
    open_practice,
)

BERLIN, VIENNA = "Europe/Berlin", "Europe/Vienna"


def site_details(name="Harbour Street", time_zone=BERLIN, **more):
    return setup.SiteDetails(name=name, time_zone=time_zone, **more)


def type_details(name="Follow-up", **more):
    return setup.VisitTypeDetails(name=name, modalities=["in-person"], **more)


@pytest.fixture
def acts(administrator, now):
    return {"by": viewer(administrator), "now": now}


@pytest.fixture
def told(django_capture_on_commit_callbacks):
    """Run something and return whose rules it announced as changed."""

    def run(action):
        heard = []

        def receive(practitioner_id, **payload):
            heard.append(practitioner_id)

        schedule_rules_changed.connect(receive)
        try:
            with django_capture_on_commit_callbacks(execute=True):
                action()
        finally:
            schedule_rules_changed.disconnect(receive)
        return heard

    return run


def trail():
    return list(AuditEvent.objects.order_by("at", "pk").values_list("action", flat=True))


def test_a_site_is_created_with_its_rules(acts):
    site = setup.create_site(
        details=site_details(parameters={"lead_minutes": 120, "online": False}), **acts
    )

    site.refresh_from_db()
    assert (site.slug, site.lead_minutes, site.online) == ("harbour-street", 120, False)
    assert site.duration_minutes is None
    assert trail() == ["site.created"]


def test_the_system_may_set_up_too(db, now):
    assert setup.create_site(details=site_details(), by=SYSTEM, now=now).pk


@pytest.mark.parametrize("name", ["Harbour Street", "harbour STREET"])
def test_no_two_sites_have_one_name(acts, name):
    SiteFactory()

    with pytest.raises(setup.NameTaken):
        setup.create_site(details=site_details(name), **acts)


def test_the_second_press_of_a_button_makes_no_second_site(acts, monkeypatch):
    """Both looked before either was there; the slug decides."""
    setup.create_site(details=site_details(), **acts)
    monkeypatch.setattr(setup, "_check_name_free", lambda row: None)
    monkeypatch.setattr(setup, "_free_slug", lambda row: "harbour-street")

    with pytest.raises(setup.NameTaken):
        setup.create_site(details=site_details(), **acts)
    assert Site.objects.count() == 1


@pytest.mark.parametrize("name", ["Harbour: Street", "港口街"])
def test_names_that_make_no_slug_of_their_own_get_one(acts, name):
    SiteFactory()

    site = setup.create_site(details=site_details(name), **acts)

    assert site.slug and site.slug != "harbour-street"


def test_a_changed_site_is_told_to_everybody_who_works_there(acts, practitioner, told):
    open_practice(practitioner)
    site = Site.objects.get()
    details = site_details(name="Harbour", phone="030 5550100", parameters={"grid_minutes": 30})

    heard = told(lambda: setup.change_site(site_id=site.pk, details=details, **acts))

    site.refresh_from_db()
    assert (site.name, site.grid_minutes, site.slug) == ("Harbour", 30, "harbour-street")
    assert heard == [practitioner.pk]
    assert Schedule.objects.get().version == 2
    event = AuditEvent.objects.get()
    assert event.action == "site.changed"
    assert '"changed":["name","address","phone","grid_minutes"]' in event.detail


def test_saving_what_stands_already_changes_nothing(acts, practitioner, told):
    visit_type = open_practice(practitioner)
    site = setup.create_site(details=site_details("Hill"), **acts)
    WorkingHoursFactory(practitioner=practitioner, site=site)
    kind = setup.create_visit_type(details=type_details("Check"), **acts)
    OfferingFactory(practitioner=practitioner, visit_type=kind)

    assert not told(
        lambda: setup.change_site(site_id=site.pk, details=site_details("Hill"), **acts)
    )
    assert not told(
        lambda: setup.change_visit_type(
            visit_type_id=kind.pk, details=type_details("Check"), **acts
        )
    )
    assert not told(
        lambda: setup.change_offering(
            practitioner_id=practitioner.pk, visit_type_id=visit_type.pk, parameters={}, **acts
        )
    )
    assert trail() == ["site.created", "visit_type.created"]


def test_a_site_does_not_take_the_name_of_another(acts):
    SiteFactory()
    other = SiteFactory(name="Hill", slug="hill")

    with pytest.raises(setup.NameTaken):
        setup.change_site(site_id=other.pk, details=site_details(), **acts)


def test_the_zone_of_a_site_stays_while_visits_are_booked_there(acts, practitioner, patient):
    """T1: the hours would move and the visits would not."""
    visit_type = open_practice(practitioner)
    visit = AppointmentFactory(practitioner=practitioner, patient=patient, visit_type=visit_type)
    move = {"site_id": visit.site_id, "details": site_details(time_zone=VIENNA), **acts}

    with pytest.raises(setup.ZoneInUse):
        setup.change_site(**move)

    assert setup.change_site(**move | {"now": visit.ends_at}).time_zone == VIENNA


def test_switching_off_touches_no_visit(acts, practitioner, patient):
    visit_type = open_practice(practitioner)
    visit = AppointmentFactory(practitioner=practitioner, patient=patient, visit_type=visit_type)
    before = (visit.status, visit.version, visit.released_at)

    setup.change_site(site_id=visit.site_id, details=site_details(active=False), **acts)
    setup.change_visit_type(visit_type_id=visit_type.pk, details=type_details(active=False), **acts)
    setup.set_offerings(practitioner_id=practitioner.pk, visit_type_ids=[], **acts)

    visit.refresh_from_db()
    assert (visit.status, visit.version, visit.released_at) == before


def test_rooms_are_added_renamed_and_removed(acts, practitioner, told):
    open_practice(practitioner)
    site = Site.objects.get()

    room = setup.add_room(site_id=site.pk, name="1", **acts)
    heard = told(lambda: setup.rename_room(room_id=room.pk, name="Blue", **acts))
    assert Room.objects.get().name == "Blue"
    assert heard == [practitioner.pk]
    assert setup.remove_room(room_id=room.pk, **acts) == site.pk

    assert not Room.objects.exists()
    assert trail() == ["room.created", "room.renamed", "room.removed"]


def test_a_site_has_one_room_of_a_name(acts):
    room, other = RoomFactory(name="Blue"), RoomFactory(name="Red")

    with pytest.raises(setup.NameTaken):
        setup.add_room(site_id=room.site_id, name="Blue", **acts)
    with pytest.raises(setup.NameTaken):
        setup.rename_room(room_id=other.pk, name="Blue", **acts)


def test_a_room_that_hours_name_stays(acts, practitioner):
    room = RoomFactory()
    WorkingHoursFactory(practitioner=practitioner, site=room.site, room=room)

    with pytest.raises(setup.RoomInUse):
        setup.remove_room(room_id=room.pk, **acts)

    assert Room.objects.filter(pk=room.pk).exists()
    assert trail() == []


def test_a_changed_visit_type_is_told_to_everybody_who_offers_it(acts, practitioner, told):
    visit_type = open_practice(practitioner)
    details = type_details("Long follow-up", parameters={"duration_minutes": 40})

    heard = told(
        lambda: setup.change_visit_type(visit_type_id=visit_type.pk, details=details, **acts)
    )

    visit_type.refresh_from_db()
    assert (visit_type.name, visit_type.duration_minutes) == ("Long follow-up", 40)
    assert heard == [practitioner.pk]


def test_a_visit_type_does_not_take_the_name_of_another(acts):
    VisitTypeFactory()
    other = VisitTypeFactory(name="Check", slug="check")

    with pytest.raises(setup.NameTaken):
        setup.change_visit_type(visit_type_id=other.pk, details=type_details(), **acts)
    with pytest.raises(setup.NameTaken):
        setup.create_visit_type(details=type_details(), **acts)


def test_a_doctor_offers_exactly_what_is_chosen_and_gets_a_schedule(acts, practitioner, told):
    kept, gone, new = (VisitTypeFactory(name=name, slug=name) for name in "abc")
    OfferingFactory(practitioner=practitioner, visit_type=kept, duration_minutes=50)
    OfferingFactory(practitioner=practitioner, visit_type=gone)

    heard = told(
        lambda: setup.set_offerings(
            practitioner_id=practitioner.pk,
            visit_type_ids=[kept.pk, new.pk, uuid.uuid4()],
            **acts,
        )
    )

    offered = dict(Offering.objects.values_list("visit_type_id", "duration_minutes"))
    assert offered == {kept.pk: 50, new.pk: None}
    assert heard == [practitioner.pk]
    assert Schedule.objects.get().practitioner_id == practitioner.pk


def test_a_doctor_has_own_rules_for_a_visit_type(acts, practitioner, told):
    """A4: the doctor's own layer is the strongest."""
    visit_type = open_practice(practitioner)

    heard = told(
        lambda: setup.change_offering(
            practitioner_id=practitioner.pk,
            visit_type_id=visit_type.pk,
            parameters={"new_patients": False},
            **acts,
        )
    )

    assert Offering.objects.get().new_patients is False
    assert heard == [practitioner.pk]


CALLS = [
    (setup.create_site, {"details": site_details()}),
    (setup.change_site, {"site_id": uuid.uuid4(), "details": site_details()}),
    (setup.add_room, {"site_id": uuid.uuid4(), "name": "1"}),
    (setup.rename_room, {"room_id": uuid.uuid4(), "name": "1"}),
    (setup.remove_room, {"room_id": uuid.uuid4()}),
    (setup.create_visit_type, {"details": type_details()}),
    (setup.change_visit_type, {"visit_type_id": uuid.uuid4(), "details": type_details()}),
    (setup.set_offerings, {"practitioner_id": uuid.uuid4(), "visit_type_ids": []}),
    (
        setup.change_offering,
        {"practitioner_id": uuid.uuid4(), "visit_type_id": uuid.uuid4(), "parameters": {}},
    ),
]


@pytest.mark.parametrize(("service", "asked"), CALLS, ids=lambda one: getattr(one, "__name__", ""))
@pytest.mark.parametrize("who", ["patient", "practitioner", "receptionist"])
def test_only_an_administrator_sets_up(service, asked, who, now, request):
    with pytest.raises(permissions.NotAllowed):
        service(**asked, by=viewer(request.getfixturevalue(who)), now=now)

    assert not Site.objects.exists()
    assert not VisitType.objects.exists()


@pytest.mark.parametrize(
    ("service", "asked"),
    [call for call in CALLS if "create" not in call[0].__name__],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_what_is_not_there_cannot_be_changed(service, asked, acts):
    with pytest.raises(permissions.NotAllowed):
        service(**asked, **acts)


def test_a_doctor_who_waits_for_approval_offers_nothing(acts, pending_practitioner):
    with pytest.raises(permissions.NotAllowed):
        setup.set_offerings(practitioner_id=pending_practitioner.pk, visit_type_ids=[], **acts)
