"""The pages of medicines: who opens them, what they do, what they keep when refused."""

from __future__ import annotations

import datetime as dt

import pytest

from clinic.records.choices import MedicationStatus, ProposalAction
from clinic.records.dosage import Dosage
from clinic.records.models import ChangeProposal, DoseEvent, MedicationRequest, MedicationStatement
from tests.factories.records import (
    AllergyFactory,
    MedicationFactory,
    PrescriptionFactory,
    ProposalFactory,
)
from tests.factories.scheduling import AppointmentFactory, SiteFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "site")]

MORNING = int(dt.datetime(2026, 3, 2, 7, 0, tzinfo=dt.UTC).timestamp())
DOSAGE = {"amount": "1", "unit": "tablet", "frequency": "twice"}
MEDICINE = {"what": "Ibuprofen 400 mg", "since": "March 2024"} | DOSAGE
ORDER = {"what": "Amoxicillin 500 mg", "quantity": "21", "refills": "1"} | DOSAGE


@pytest.fixture
def site():
    return SiteFactory()


@pytest.fixture
def row(patient):
    request = PrescriptionFactory(patient=patient)
    return MedicationFactory(patient=patient, request=request)


@pytest.fixture
def base(patient):
    return f"/records/{patient.pk}/"


@pytest.fixture
def doctor_client(patient, practitioner, practitioner_client):
    AppointmentFactory(patient=patient, practitioner=practitioner)
    return practitioner_client


def shared_pages(base, row):
    one = f"{base}medicines/{row.pk}/"
    return [
        *(f"{base}medicines/", f"{base}medicines/add/", f"{base}medicines/plan/"),
        *(f"{base}medicines/plan.pdf", one, f"{one}edit/", f"{one}stop/", f"{one}pause/"),
        f"{one}filled/",
    ]


def doctors_pages(base, row):
    order = f"{base}prescriptions/{row.request_id}/"
    return [f"{base}prescriptions/add/", f"{order}renew/", f"{order}cancel/"]


def test_patient_and_treating_doctor_open_the_pages(base, row, patient_client, doctor_client):
    for path in shared_pages(base, row):
        assert patient_client.get(path).status_code == 200, path
        assert doctor_client.get(path).status_code == 200, path
    for path in doctors_pages(base, row):
        assert patient_client.get(path).status_code == 404, path
        assert doctor_client.get(path).status_code == 200, path


@pytest.mark.parametrize(
    "stranger",
    [
        *("other_patient", "outsider", "practitioner", "other_practitioner"),
        *("receptionist", "administrator"),
    ],
)
def test_nobody_else_finds_one(request, stranger, base, row):
    browser = request.getfixturevalue(f"{stranger}_client")
    acts = [f"{base}medicines/{row.pk}/{act}/" for act in ("dose", "reminders", "confirm")]

    for path in [*shared_pages(base, row), *doctors_pages(base, row)]:
        assert browser.get(path).status_code == 404, path
    for path in [*shared_pages(base, row), *doctors_pages(base, row), *acts]:
        assert browser.post(path, {"reason": "x"}).status_code in (404, 405), path


def test_a_medicine_of_another_record_is_not_under_this_one(base, patient_client, other_patient):
    row = MedicationFactory(patient=other_patient)

    for path in shared_pages(base, row)[4:]:
        assert patient_client.get(path).status_code == 404, path


def test_the_list_asks_this_often_whatever_it_holds(
    base, patient, patient_client, django_assert_max_num_queries
):
    for number in range(40):
        MedicationFactory(patient=patient, text=f"Medicine {number}", status="stopped")
        MedicationFactory(patient=patient, text=f"Medicine {number + 100}")

    patient_client.get(f"{base}medicines/")

    # Session, account, the policy, the audit event and the frame of the page among them.
    with django_assert_max_num_queries(17):
        page = patient_client.get(f"{base}medicines/")

    assert page.status_code == 200


def test_past_medicines_come_in_pages(base, patient, patient_client):
    for number in range(30):
        MedicationFactory(patient=patient, text=f"Medicine {number:02}", status="completed")

    first = patient_client.get(f"{base}medicines/").content.decode()
    second = patient_client.get(f"{base}medicines/?past=2").content.decode()

    assert first.count("Medicine ") == 25
    assert second.count("Medicine ") == 5
    assert patient_client.get(f"{base}medicines/?past=no").status_code == 200


def test_a_tick_is_one_press_and_can_be_taken_back(base, row, patient_client):
    path = f"{base}medicines/{row.pk}/dose/"

    taken = patient_client.post(path, {"due": MORNING, "act": "taken"})
    ticked = DoseEvent.objects.count()
    patient_client.post(path, {"due": MORNING, "act": "undo"})

    assert (taken.status_code, taken.url, ticked) == (302, f"{base}medicines/", 1)
    assert not DoseEvent.objects.exists()


def test_a_tick_by_htmx_is_answered_with_todays_card(base, row, patient_client):
    answer = patient_client.post(
        f"{base}medicines/{row.pk}/dose/",
        {"due": MORNING, "act": "taken"},
        headers={"HX-Request": "true"},
    )

    html = answer.content.decode()
    assert html.lstrip().startswith("<section") and 'id="todays-doses"' in html
    assert 'aria-label="1 of 2 taken"' in html


@pytest.mark.parametrize("due", ["0", "x", "9" * 40, str(MORNING + 60), str(MORNING + 86400)])
def test_what_is_no_dose_of_today_is_refused_in_words(base, row, patient_client, due):
    answer = patient_client.post(
        f"{base}medicines/{row.pk}/dose/",
        {"due": due, "act": "taken"},
        headers={"HX-Request": "true"},
    )

    assert answer.status_code == 409
    assert 'role="alert"' in answer.content.decode()
    assert not DoseEvent.objects.exists()


def test_a_refused_tick_without_script_comes_back_to_the_list(base, row, patient_client):
    answer = patient_client.post(
        f"{base}medicines/{row.pk}/dose/", {"due": MORNING, "act": "?"}, follow=True
    )

    assert b"changed meanwhile" in answer.content


def test_a_medicine_taken_when_needed_is_noted(base, patient, patient_client):
    row = MedicationFactory(patient=patient, dosage={"frequency": "as-needed", "max_per_day": 1})

    patient_client.post(f"{base}medicines/{row.pk}/dose/", {"act": "needed"})

    page = patient_client.get(f"{base}medicines/").content.decode()
    assert "1 of at most 1 today" in page
    assert "That is the most for a day" in page


def test_a_doctor_adds_and_changes_a_medicine(base, doctor_client):
    doctor_client.post(f"{base}medicines/add/", MEDICINE)
    row = MedicationStatement.objects.get()

    doctor_client.post(
        f"{base}medicines/{row.pk}/edit/", MEDICINE | {"amount": "½", "version": row.version}
    )

    row.refresh_from_db()
    assert (row.label, row.starts_precision) == ("Ibuprofen 400 mg", "month")
    assert Dosage.from_json(row.dosage).amount == "0.5"


def test_what_a_patient_writes_is_a_proposal(base, row, patient_client):
    patient_client.post(f"{base}medicines/add/", MEDICINE)
    patient_client.post(f"{base}medicines/{row.pk}/edit/", MEDICINE | {"version": row.version})
    patient_client.post(
        f"{base}medicines/{row.pk}/stop/", {"reason": "Rash", "version": row.version}
    )

    actions = list(ChangeProposal.objects.order_by("created_at", "pk").values_list("action"))
    assert actions == [(ProposalAction.ADD,), (ProposalAction.CHANGE,), (ProposalAction.STOP,)]
    row.refresh_from_db()
    assert row.status == MedicationStatus.ACTIVE
    page = patient_client.get(f"{base}medicines/").content.decode()
    assert "Ibuprofen 400 mg" in page
    assert "Change waits for the doctor" in page


def test_saying_what_is_on_file_is_told_beside_the_form(base, patient, patient_client):
    row = MedicationFactory(patient=patient, dosage=DOSAGE, starts_on=None)
    same = DOSAGE | {"what": row.label, "version": row.version}

    answer = patient_client.post(f"{base}medicines/{row.pk}/edit/", same)

    assert answer.status_code == 422
    assert b"on file already" in answer.content


@pytest.mark.parametrize("client", ["patient_client", "doctor_client"])
def test_a_change_from_another_tab_keeps_what_was_typed(request, client, base, row):
    browser = request.getfixturevalue(client)
    MedicationStatement.objects.filter(pk=row.pk).update(version=5)
    typed = MEDICINE | {"version": 1, "note": "Typed with care"}

    answer = browser.post(f"{base}medicines/{row.pk}/edit/", typed)

    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Typed with care" in html
    assert 'name="version" value="5"' in html


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ({"what": ""}, "required"),
        ({"amount": "a lot"}, "Write a number"),
        ({"amount": "1/0"}, "Write a number"),
        ({"amount": "1,000"}, "without a separator"),
        ({"amount": "2.000"}, "without a separator"),
        ({"frequency": "at-times"}, "Choose at least one time"),
        ({"frequency": "at-times", "times": "25:00"}, "Write times like"),
        ({"frequency": "at-times", "times": "13pm"}, "Write times like"),
        ({"parts": ["08:00"]}, "not as many times"),
        ({"frequency": "every-hours"}, "after how many hours"),
        ({"frequency": "weekdays"}, "Choose at least one day"),
        ({"frequency": "words"}, "Write how it is taken"),
        ({"times": ",".join(f"{hour}:10" for hour in range(14))}, "too many times"),
        ({"since": "31.2.2020"}, "no day 31"),
    ],
)
def test_an_answer_that_cannot_be_is_told_beside_its_field(base, doctor_client, answers, told):
    page = doctor_client.post(f"{base}medicines/add/", MEDICINE | answers)

    assert page.status_code == 422
    assert told in page.content.decode()
    assert not MedicationStatement.objects.exists()


@pytest.mark.parametrize(
    ("answers", "dosage"),
    [
        ({"parts": ["20:00", "08:00"]}, {"frequency": "twice", "times": ["08:00", "20:00"]}),
        (
            {"frequency": "at-times", "parts": ["08:00"], "times": "7pm and 12:15"},
            {"frequency": "at-times", "times": ["08:00", "12:15", "19:00"]},
        ),
        ({"frequency": "every-hours", "hours": "8"}, {"frequency": "every-hours", "hours": 8}),
        (
            {"frequency": "weekdays", "weekdays": ["7"]},
            {"frequency": "weekdays", "weekdays": [7]},
        ),
        (
            {"frequency": "as-needed", "max_per_day": "3", "times": "8:00", "hours": "5"},
            {"frequency": "as-needed", "max_per_day": 3},
        ),
        ({"frequency": "words", "text": "As told"}, {"frequency": "words", "text": "As told"}),
        ({"amount": "1 1/2"}, {"amount": "1.5", "frequency": "twice"}),
        ({"amount": "1/4"}, {"amount": "0.25", "frequency": "twice"}),
        ({"amount": "2 ½"}, {"amount": "2.5", "frequency": "twice"}),
        ({"amount": "1,50"}, {"amount": "1.5", "frequency": "twice"}),
        ({"amount": "0,125"}, {"amount": "0.125", "frequency": "twice"}),
    ],
)
def test_answers_become_a_dosage(base, doctor_client, answers, dosage):
    doctor_client.post(f"{base}medicines/add/", MEDICINE | answers)

    stored = MedicationStatement.objects.get().dosage
    kept = {name: value for name, value in stored.items() if name != "since"}
    assert kept == {"amount": "1", "unit": "tablet"} | dosage


def test_an_unknown_unit_on_file_is_kept_when_the_rest_is_changed(base, patient, doctor_client):
    row = MedicationFactory(
        patient=patient, dosage={"amount": "1", "unit": "ampoule", "frequency": "once"}
    )

    page = doctor_client.get(f"{base}medicines/{row.pk}/edit/").content.decode()

    assert '<option value="ampoule" selected>' in page


@pytest.mark.parametrize(
    ("act", "status"), [("stop", MedicationStatus.STOPPED), ("pause", MedicationStatus.ON_HOLD)]
)
def test_a_doctor_stops_and_pauses(base, row, doctor_client, act, status):
    doctor_client.post(
        f"{base}medicines/{row.pk}/{act}/", {"reason": "Cough", "version": row.version}
    )

    row.refresh_from_db()
    assert (row.status, row.status_reason) == (status, "Cough")
    assert doctor_client.get(f"{base}medicines/{row.pk}/").status_code == 200
    assert b"Cough" in doctor_client.get(f"{base}medicines/").content


@pytest.mark.parametrize(
    ("day", "told"), [("2026-03-03", "yet to come"), ("1800-01-01", "too long ago")]
)
def test_a_last_day_that_cannot_be_is_told(base, row, doctor_client, day, told):
    answer = doctor_client.post(f"{base}medicines/{row.pk}/stop/", {"ends_on": day})

    assert answer.status_code == 422
    assert told in answer.content.decode()


def test_a_stop_from_another_tab_does_nothing(base, row, doctor_client):
    answer = doctor_client.post(
        f"{base}medicines/{row.pk}/stop/", {"version": row.version + 1}, follow=True
    )

    row.refresh_from_db()
    assert row.status == MedicationStatus.ACTIVE
    assert b"changed meanwhile" in answer.content


def test_one_press_takes_up_confirms_and_takes_out(base, patient, doctor_client):
    row = MedicationFactory(patient=patient, said=True, status="on-hold")

    for act in ("restart", "confirm", "mistake"):
        row.refresh_from_db()
        answer = doctor_client.post(
            f"{base}medicines/{row.pk}/{act}/", {"version": row.version}, follow=True
        )
        assert answer.status_code == 200

    row.refresh_from_db()
    assert row.status == MedicationStatus.ENTERED_IN_ERROR
    assert doctor_client.get(f"{base}medicines/{row.pk}/").status_code == 404


def test_a_press_on_an_old_page_does_nothing(base, patient, doctor_client):
    row = MedicationFactory(patient=patient, status="on-hold")
    path = f"{base}medicines/{row.pk}/"

    answers = [doctor_client.post(f"{path}restart/", {"version": no}) for no in ("", "9", "x")]

    row.refresh_from_db()
    assert row.status == MedicationStatus.ON_HOLD
    assert {answer.url for answer in answers} == {path}
    assert doctor_client.post(f"{path}fly/", {}).status_code == 404


def test_reminders_are_switched_on_and_off(base, row, patient_client):
    path = f"{base}medicines/{row.pk}/reminders/"

    patient_client.post(path, {"on": "1"})
    row.refresh_from_db()
    on = row.dose_reminders
    patient_client.post(path, {"on": "0"})

    row.refresh_from_db()
    assert (on, row.dose_reminders) == (True, False)


def test_what_has_no_times_cannot_remind(base, patient, patient_client):
    row = MedicationFactory(patient=patient, dosage={"frequency": "as-needed"})

    answer = patient_client.post(f"{base}medicines/{row.pk}/reminders/", {"on": "1"}, follow=True)

    assert b"nothing to remind you of" in answer.content


def test_a_new_pack_says_when_it_runs_out(base, row, patient_client):
    path = f"{base}medicines/{row.pk}/filled/"

    refused = patient_client.post(path, {"quantity": "20", "filled_on": "2027-01-01"})
    patient_client.post(path, {"quantity": "20", "filled_on": "2026-03-01"})

    assert refused.status_code == 422
    page = patient_client.get(f"{base}medicines/").content.decode()
    assert "Runs out in 9 days" in page


def test_a_paused_medicine_is_not_edited_into_an_act_it_does_not_have(base, patient, doctor_client):
    row = MedicationFactory(patient=patient, status="stopped")

    for act in ("edit", "stop", "pause", "filled"):
        assert doctor_client.get(f"{base}medicines/{row.pk}/{act}/").status_code == 404


def test_a_prescription_without_warnings_is_written_at_once(base, doctor_client):
    answer = doctor_client.post(f"{base}prescriptions/add/", ORDER)

    assert (answer.status_code, answer.url) == (302, f"{base}medicines/")
    assert MedicationRequest.objects.get().supply == {"quantity": "21", "refills": 1}


def test_a_severe_warning_is_shown_first_and_needs_a_reason(base, patient, doctor_client):
    AllergyFactory(patient=patient, text="Penicillin", criticality="high")
    path = f"{base}prescriptions/add/"

    shown = doctor_client.post(path, ORDER)
    told = shown.context["told"]
    silent = doctor_client.post(path, ORDER | {"told": told})
    before = MedicationRequest.objects.count()
    doctor_client.post(path, ORDER | {"told": told, "in_spite": "Tested, no allergy"})

    assert (shown.status_code, silent.status_code, before) == (409, 409, 0)
    assert b"Prescribe anyway" in shown.content
    assert b"Say why it is right" in silent.content
    assert MedicationRequest.objects.get().warnings["reason"] == "Tested, no allergy"


def test_a_lesser_warning_is_shown_once_and_needs_no_reason(base, patient, doctor_client):
    AllergyFactory(patient=patient, text="Grandmother's drops")
    path = f"{base}prescriptions/add/"

    shown = doctor_client.post(path, ORDER)
    doctor_client.post(path, ORDER | {"told": shown.context["told"]})

    assert shown.status_code == 409
    assert MedicationRequest.objects.count() == 1


def test_a_reason_that_was_typed_beforehand_does_not_hide_the_warning(base, patient, doctor_client):
    AllergyFactory(patient=patient, text="Penicillin", criticality="high")

    doctor_client.post(f"{base}prescriptions/add/", ORDER | {"in_spite": "whatever"})

    assert not MedicationRequest.objects.exists()


def test_an_order_goes_on_with_a_medicine_on_file(base, patient, doctor_client):
    row = MedicationFactory(patient=patient, text="Amoxicillin 500 mg")
    path = f"{base}prescriptions/add/"

    page = doctor_client.get(f"{path}?medicine={row.pk}").content.decode()
    stale = doctor_client.post(path, ORDER | {"medicine": row.pk, "version": 9})
    doctor_client.post(path, ORDER | {"medicine": row.pk, "version": row.version})

    assert 'value="Amoxicillin 500 mg"' in page
    assert stale.status_code == 409
    assert MedicationStatement.objects.get().request == MedicationRequest.objects.get()


@pytest.mark.parametrize("query", ["medicine=x", "visit=1", "medicine=" + "0" * 32])
def test_what_an_order_names_must_exist(base, doctor_client, query):
    assert doctor_client.get(f"{base}prescriptions/add/?{query}").status_code == 404


def test_an_order_of_a_stopped_medicine_is_not_offered(base, patient, doctor_client):
    row = MedicationFactory(patient=patient, status="stopped")

    assert doctor_client.get(f"{base}prescriptions/add/?medicine={row.pk}").status_code == 404


def test_an_order_without_an_amount_is_refused(base, doctor_client):
    answer = doctor_client.post(f"{base}prescriptions/add/", ORDER | {"amount": ""})

    assert answer.status_code == 422


def test_a_prescription_is_renewed_and_cancelled(base, row, doctor_client):
    doctor_client.post(f"{base}prescriptions/{row.request_id}/renew/", {"refills": "2"})
    renewed = MedicationRequest.objects.latest("authored_at")

    refused = doctor_client.post(f"{base}prescriptions/{renewed.pk}/cancel/", {"reason": ""})
    doctor_client.post(f"{base}prescriptions/{renewed.pk}/cancel/", {"reason": "Wrong"})

    renewed.refresh_from_db()
    assert refused.status_code == 422
    assert (renewed.status, renewed.status_reason) == ("cancelled", "Wrong")
    page = doctor_client.get(f"{base}medicines/{row.pk}/").content.decode()
    assert "2 refills" in page and "Wrong" in page


def test_what_cannot_be_renewed_says_so(base, row, doctor_client):
    MedicationRequest.objects.update(status="cancelled")

    answer = doctor_client.post(
        f"{base}prescriptions/{row.request_id}/renew/", {"refills": "0"}, follow=True
    )

    assert b"not possible" in answer.content


def test_proposals_are_told_to_the_doctor(base, patient, doctor_client):
    ProposalFactory(patient=patient, kind="medication", text="Ginkgo")

    page = doctor_client.get(f"{base}medicines/").content.decode()

    assert "The patient proposes changes" in page
    assert "Ginkgo" in page


def test_plan_shows_what_to_take_when_and_nothing_weekly_as_daily(base, patient, patient_client):
    AllergyFactory(patient=patient, text="Penicillin", reaction="rash")
    MedicationFactory(patient=patient, text="Ramipril")
    weekly = {"amount": "1", "frequency": "weekdays", "weekdays": [7], "times": ["08:00"]}
    MedicationFactory(patient=patient, text="Vitamin D", dosage=weekly)
    MedicationFactory(patient=patient, text="Ibuprofen", dosage={"frequency": "as-needed"})
    MedicationFactory(patient=patient, text="Drops", dosage={"frequency": "words"}, said=True)
    night = {"amount": "", "frequency": "at-times", "times": ["13:00", "23:00", "01:00"]}
    MedicationFactory(patient=patient, text="Sleep", dosage=night)

    plan = patient_client.get(f"{base}medicines/plan/").context["plan"]

    assert [(group.title, group.has_times) for group in plan.groups] == [
        ("Every day", True),
        ("Not every day", False),
        ("Other medicines", False),
        ("Only when needed", False),
    ]
    daily = {
        row.name: (row.morning, row.midday, row.evening, row.night) for row in plan.groups[0].rows
    }
    assert daily == {"Ramipril": ("1", "", "1", ""), "Sleep": ("", "✓", "", "✓ + ✓")}
    assert plan.allergies == "Penicillin (rash)"
    assert len(plan.notes) == 3


@pytest.mark.parametrize("states_none", [True, False])
def test_plan_says_whether_anybody_asked_about_allergies(
    base, patient, patient_client, states_none
):
    if states_none:
        AllergyFactory(patient=patient, concept={"text": "None", "code": "716186003"})

    plan = patient_client.get(f"{base}medicines/plan/").context["plan"]

    told = "No known allergies" if states_none else "Nobody has asked yet"
    assert plan.allergies == told


def test_plan_is_handed_out_as_a_file_that_names_nobody(base, row, patient_client):
    answer = patient_client.get(f"{base}medicines/plan.pdf")

    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'attachment; filename="medication-plan.pdf"'
    assert answer["Cache-Control"] == "no-store"
    assert answer.content.startswith(b"%PDF-")
