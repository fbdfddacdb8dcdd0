"""Over HTTP a stranger's object answers as one that does not exist: 404, the same page.

And what a form does not have cannot be set by sending it anyway (ASVS 15.3.3).
"""

from __future__ import annotations

import functools
import re
import uuid

import pytest
from django.http import HttpResponse
from django.urls import reverse

from clinic.people.models import Patient, Practitioner, RoleGrant, User
from clinic.scheduling.models import Appointment
from tests.security.addresses import Address, addresses
from tests.security.world import CANARY, TUESDAY, World

OWNED = {
    *("appointment_id", "patient_id", "absence_id", "closure_id", "invitation_id", "user_id"),
    *("grant_id", "glass_id"),
}
# A doctor's id is no secret: everyone may look at a doctor's times. These addresses are the rest.
OF_A_DOCTOR = re.compile(r"board|hours|absence|date_|caller|approve|decline")
STRANGERS = ("visitor", "outsider", "other doctor", "waiting doctor")


@functools.cache
def _of_one_person() -> list[Address]:
    return [address for address in addresses() if _is_of_one_person(address)]


def _is_of_one_person(address: Address) -> bool:
    if address.name.startswith("records:"):
        return False  # `test_record_matrix` asks there, with more strangers
    of_a_doctor = "practitioner_id" in address.arguments and OF_A_DOCTOR.search(address.name)
    return bool(OWNED.intersection(address.arguments) or of_a_doctor)


def _unlike(answer: HttpResponse) -> bytes:
    """Return the page without what differs in every rendering."""
    return re.sub(rb"nonce-\S+|[0-9a-f-]{32,36}|csrf\S+|token\S+", b"", answer.content)


@pytest.mark.parametrize("address", _of_one_person(), ids=str)
@pytest.mark.parametrize("who", STRANGERS)
def test_stranger_finds_nothing_and_changes_nothing(
    world: World, address: Address, who: str
) -> None:
    browser = world.browser(who)
    before = _everything()
    nobody = {name: uuid.uuid4() for name in address.arguments if name.endswith("_id")}

    for method in ("get", "post", "head", "options", "put", "delete"):
        theirs = getattr(browser, method)(world.path(address))
        nobodys = getattr(browser, method)(world.path(address, **nobody))
        assert theirs.status_code == nobodys.status_code, method
        assert theirs.status_code in (302, 404, 405), method
        assert _unlike(theirs) == _unlike(nobodys), method
        if theirs.status_code == 302:
            to_sign_in = theirs["Location"].startswith(reverse("account_login"))
            assert to_sign_in or theirs["Location"] == nobodys["Location"], method

    assert _everything() == before


def _everything() -> list[object]:
    rows: list[object] = []
    for model in (Appointment, Patient, Practitioner, User, RoleGrant):
        fields = [f.attname for f in model._meta.local_fields if f.attname != "last_login"]
        rows += model.objects.order_by("pk").values_list(*fields)
    return rows


@pytest.mark.parametrize("who", ["patient", "outsider", "waiting doctor", "doctor", "desk"])
def test_profile_takes_only_what_its_form_has(world: World, who: str) -> None:
    """Extra fields name another patient, a role, an address: all of it is ignored."""
    before = list(Patient.objects.filter(pk=world.patient.pk).values("record_number", "user_id"))
    grants = RoleGrant.objects.count()
    extra = {
        "id": str(world.patient.pk),
        "patient_id": str(world.patient.pk),
        "user": str(world.administrator.pk),
        "record_number": "BT 000 001",
        "email": "evil@example.org",
        "role": "administrator",
        "roles": "administrator",
        "approval": "approved",
        "is_active": "on",
        "is_staff": "on",
        "specialty": "cardiology",
        "license_number": "forged",
    }
    ordinary = {
        "given_name": "Eve",
        "family_name": "Other",
        "birth_date": "1984-03-09",
        "sex": "female",
        "phone": "+49305550999",
        "language": "en-gb",
        "theme": "auto",
    }
    browser = world.browser(who)

    for name in ("profile", "profile_first", "preferences", "practitioner_page"):
        browser.post(reverse(f"people:{name}"), ordinary | extra)

    if who != "patient":
        world.patient.refresh_from_db()
        assert world.patient.given_name == "Amara"
        assert world.patient.phone == "+49305550123"
    after = list(Patient.objects.filter(pk=world.patient.pk).values("record_number", "user_id"))
    assert after == before
    assert RoleGrant.objects.count() == grants
    assert not User.objects.filter(email="evil@example.org").exists()
    assert not Patient.objects.filter(email="evil@example.org").exists()
    assert not Practitioner.objects.filter(license_number="forged").exists()
    assert Practitioner.objects.get(pk=world.pending.pk).approval == "pending"


@pytest.mark.django_db(transaction=True)
def test_booking_is_for_oneself_whatever_is_sent(world: World) -> None:
    sent = {
        "practitioner": world.practitioner.pk.hex,
        "type": world.visit_type.pk.hex,
        "how": "i",
        "start": str(int(TUESDAY.timestamp()) + 1200),
        "key": uuid.uuid4().hex,
        "reason": "flu",
        "patient": str(world.patient.pk),
        "patient_id": str(world.patient.pk),
        "status": "fulfilled",
        "ends_at": "2026-03-03T18:00:00Z",
        "duration_minutes": "600",
        "created_by": str(world.administrator.pk),
    }

    answer = world.browser("outsider").post(reverse("scheduling:appointment_book"), sent)

    assert answer.status_code == 302
    booked = Appointment.objects.exclude(pk=world.appointment.pk).get()
    assert booked.patient_id == world.outsider.pk
    assert (booked.status, booked.created_by_id) == ("booked", world.outsider.user_id)
    assert (booked.ends_at - booked.starts_at).total_seconds() == 1200


@pytest.mark.parametrize("method", ["X-HTTP-Method-Override", "X-Method-Override"])
def test_method_cannot_be_overridden(world: World, method: str) -> None:
    """Attack 14."""
    path = reverse("scheduling:appointment_cancel", args=[world.appointment.pk])

    world.browser("patient").get(f"{path}?_method=POST", headers={method: "POST"})

    world.appointment.refresh_from_db()
    assert world.appointment.status == "booked"


def test_desk_and_strangers_read_no_reason_of_a_visit(world: World) -> None:
    """Attack 5: only the doctor of the visit and the patient read why the patient comes.

    The record's own addresses answer none of the others (`test_record_matrix`).
    """
    Patient.objects.filter(pk=world.patient.pk).update(address=None)
    seen_by = set()

    for who in world.people():
        browser = world.browser(who)
        for address in addresses():
            if address.name.startswith("records:"):
                continue
            path = world.path(address)
            for asked in (path, f"{path}?visit={world.appointment.pk}"):
                answer = browser.get(asked, follow=True)
                if CANARY.encode() in getattr(answer, "content", b""):
                    seen_by.add(who)

    assert seen_by == {"doctor", "patient"}
