"""The way through the glass, page by page (SECURITY 6 (a)(2)(ii), attack 4)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from clinic.people.models import Patient, Practitioner
from clinic.records.models import EmergencyAccess
from tests.conftest import Clock
from tests.factories.people import PASSWORD, PatientFactory
from tests.factories.records import EmergencyAccessFactory
from tests.factories.scheduling import AppointmentFactory

pytestmark = pytest.mark.django_db

FIND = "/records/emergency/"
REASON = {"category": "treatment", "reason": "Collapsed in the waiting room"}


@pytest.fixture(autouse=True)
def own_cache(settings) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


@pytest.fixture
def doctor(practitioner: Practitioner, sign_in, clock: Clock) -> Client:
    return sign_in(practitioner)


def named(patient: Patient) -> dict[str, str]:
    return {
        "record_number": patient.record_number,
        "birth_date": patient.birth_date.isoformat(),
    }


def text(response) -> str:
    return response.content.decode()


@pytest.fixture
def found(doctor: Client, patient: Patient) -> str:
    """The address of the page that asks why, after Ines has found Amara."""
    answer = doctor.post(FIND, named(patient))
    assert answer.status_code == 302
    return answer["Location"]


@pytest.fixture
def confirmed(doctor: Client, found: str) -> str:
    doctor.post(f"/account/confirm/?next={found}", {"password": PASSWORD})
    return found


def test_record_itself_is_not_there_and_says_nothing_of_emergencies(doctor, patient) -> None:
    answer = doctor.get(f"/records/{patient.pk}/")

    assert answer.status_code == 404
    assert "mergency" not in text(answer).split("<main", 1)[1]


def test_whole_way_opens_the_record_with_a_bar_on_every_page(doctor, patient, found) -> None:
    asked = doctor.get(found)
    assert asked.status_code == 302
    assert asked["Location"].startswith("/account/confirm/?next=")
    back = doctor.post(asked["Location"], {"password": PASSWORD})
    assert "Amara Fenwick" in text(doctor.get(back["Location"]))

    opened = doctor.post(found, REASON)

    assert opened["Location"] == f"/records/{patient.pk}/"
    for address in (opened["Location"], "/account/", FIND):
        assert "Emergency until 13:00" in text(doctor.get(address)), address


def test_without_a_reason_nothing_opens_and_nothing_is_lost(doctor, patient, confirmed) -> None:
    refused = doctor.post(confirmed, {"category": "cover", "reason": "short"})

    assert refused.status_code == 422
    assert "at least ten characters" in text(refused)
    assert ">short</textarea>" in text(refused).replace("\n", "")
    assert not EmergencyAccess.objects.exists()


def test_spaces_are_no_reason(doctor, confirmed) -> None:
    assert doctor.post(confirmed, REASON | {"reason": "a b  c       d"}).status_code == 422


def test_reason_sent_too_late_is_carried_through_the_question(doctor, confirmed, clock) -> None:
    clock.advance(minutes=5)

    asked = doctor.post(confirmed, REASON)
    assert asked.status_code == 422
    assert REASON["reason"] in text(asked)
    assert not EmergencyAccess.objects.exists()
    doctor.post(confirmed, REASON | {"password": PASSWORD, "confirming_again": "1"})

    assert EmergencyAccess.objects.get().reason == REASON["reason"]


def test_search_counts_for_fifteen_minutes(doctor, confirmed, clock) -> None:
    clock.advance(minutes=15)

    assert doctor.get(confirmed).status_code == 404
    assert doctor.post(confirmed, REASON).status_code == 404


def test_address_of_a_patient_who_was_not_searched_for_is_not_there(
    doctor, confirmed, other_patient
) -> None:
    address = f"/records/{other_patient.pk}/emergency/"

    assert doctor.get(address).status_code == 404
    assert doctor.post(address, REASON).status_code == 404


@pytest.mark.parametrize("changes", [{"birth_date": "1984-03-10"}, {"record_number": "BT 000 000"}])
def test_both_have_to_be_right(doctor, patient, changes) -> None:
    refused = doctor.post(FIND, named(patient) | changes)

    assert refused.status_code == 422
    assert "No patient has this record number and this birth date." in text(refused)


def test_searching_at_random_has_to_wait(doctor, patient, clock) -> None:
    for _try in range(10):
        doctor.post(FIND, named(patient) | {"record_number": "BT 000 000"})

    assert "Too many searches" in text(doctor.post(FIND, named(patient)))
    clock.advance(minutes=15)
    assert doctor.post(FIND, named(patient)).status_code == 302


def test_doctor_with_a_visit_is_led_to_the_record(doctor, patient, practitioner) -> None:
    AppointmentFactory(patient=patient, practitioner=practitioner)

    answer = doctor.get(f"/records/{patient.pk}/emergency/")

    assert answer["Location"] == f"/records/{patient.pk}/"


def test_second_tab_opens_nothing_twice(doctor, patient, confirmed) -> None:
    doctor.post(confirmed, REASON)

    again = doctor.post(confirmed, REASON)

    assert again["Location"] == f"/records/{patient.pk}/"
    assert EmergencyAccess.objects.count() == 1


def test_open_tab_is_not_there_one_second_after_the_end(doctor, patient, confirmed, clock) -> None:
    doctor.post(confirmed, REASON)

    clock.advance(hours=4, seconds=-1)
    assert doctor.get(f"/records/{patient.pk}/").status_code == 200
    clock.advance(seconds=1)
    assert doctor.get(f"/records/{patient.pk}/").status_code == 404
    assert "Emergency until" not in text(doctor.get("/account/"))
    assert "emergency_open" not in doctor.session


def test_button_ends_it_at_once(doctor, patient, confirmed) -> None:
    doctor.post(confirmed, REASON)

    ended = doctor.post(f"/records/{patient.pk}/emergency/end/")

    assert ended.status_code == 302
    assert doctor.get(f"/records/{patient.pk}/").status_code == 404
    assert doctor.post(f"/records/{patient.pk}/emergency/end/").status_code == 404


def test_bar_counts_several_open_records(doctor, practitioner, patient, confirmed) -> None:
    EmergencyAccessFactory(practitioner=practitioner)
    doctor.post(confirmed, REASON)

    page = text(doctor.get("/account/"))

    assert "Emergency: 2 records, the first until 13:00" in page


def test_session_holds_ids_and_instants_only(doctor, patient, confirmed) -> None:
    doctor.post(confirmed, REASON)

    kept = {key: value for key, value in doctor.session.items() if not key.startswith("_auth")}

    assert set(kept) == {"confirmed_again", "emergency_found", "emergency_open"}
    assert patient.family_name not in str(kept) and REASON["reason"] not in str(kept)


def test_staff_pages_ask_nothing_more_where_no_glass_was_broken(
    doctor, django_assert_num_queries
) -> None:
    doctor.get(FIND)

    # Session, account, what is open, the doctor's clock.
    with django_assert_num_queries(4):
        doctor.get(FIND)


class TestReview:
    @pytest.fixture
    def glass(self, patient, practitioner) -> EmergencyAccess:
        return EmergencyAccessFactory(patient=patient, practitioner=practitioner)

    def test_administrator_reads_the_act_and_nothing_of_the_record(
        self, administrator_client, glass, clock
    ) -> None:
        page = text(administrator_client.get("/emergency-access/"))

        assert "Dr Ines Llorente" in page and "Amara Fenwick" in page
        assert glass.reason in page
        assert "open now" in page
        assert f"/records/{glass.patient_id}" not in page

    def test_review_is_saved_and_moves_down(self, administrator_client, glass, clock) -> None:
        sent = {"outcome": "not-justified", "note": "Spoke with the doctor"}

        page = administrator_client.post(f"/emergency-access/{glass.pk}/", sent, follow=True)

        assert "Reviewed: not justified" in text(page)
        assert "Spoke with the doctor" in text(page)
        again = administrator_client.post(f"/emergency-access/{glass.pk}/", sent, follow=True)
        assert "Somebody else has decided this already." in text(again)

    def test_outcome_is_needed_and_the_note_stays(self, administrator_client, glass, clock) -> None:
        refused = administrator_client.post(
            f"/emergency-access/{glass.pk}/", {"note": "Still thinking"}
        )

        assert refused.status_code == 422
        assert "Still thinking" in text(refused)

    def test_unknown_use_is_not_there(self, administrator_client, clock) -> None:
        unknown = "00000000-0000-7000-8000-000000000000"

        answer = administrator_client.post(
            f"/emergency-access/{unknown}/", {"outcome": "justified"}
        )

        assert answer.status_code == 404

    def test_long_list_is_paged_and_takes_few_queries(
        self, administrator_client, administrator, clock, django_assert_max_num_queries
    ) -> None:
        patient = PatientFactory()
        for minutes in range(23):
            EmergencyAccessFactory(
                patient=patient,
                reviewed_at=clock.now + dt.timedelta(minutes=minutes),
                reviewed_by=administrator,
                review_outcome="justified",
            )

        with django_assert_max_num_queries(7):
            first = text(administrator_client.get("/emergency-access/"))
        second = text(administrator_client.get("/emergency-access/?page=2"))

        assert first.count("Reviewed: justified") == 20
        assert second.count("Reviewed: justified") == 3
        assert administrator_client.get("/emergency-access/?page=x").status_code == 200
