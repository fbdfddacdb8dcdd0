"""The pages of people: what they show and to whom, with and without JavaScript."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from clinic.people.choices import ApprovalStatus, Role
from clinic.people.models import Invitation, Patient, Practitioner, User
from tests.factories.people import (
    PASSWORD,
    InvitationFactory,
    PatientFactory,
    PractitionerFactory,
    UserFactory,
    viewer,
)

HTMX = {"headers": {"HX-Request": "true"}}
PROFILE = {
    "given_name": "Amara",
    "family_name": "Fenwick",
    "birth_date": "1984-03-09",
    "sex": "female",
    "phone": "+44 20 7946 0123",
    "language": "en-gb",
}


# --- account --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "shown"),
    [
        ("patient", "Your details"),
        ("practitioner", "Your page"),
        ("receptionist", "Front desk"),
        ("administrator", "Administrator"),
        ("pending_practitioner", "Registration as a doctor"),
    ],
)
def test_account_shows_what_is_the_persons_own(
    who: str, shown: str, request: pytest.FixtureRequest, sign_in: Callable[[Any], Client]
) -> None:
    person = request.getfixturevalue(who)

    page = sign_in(person).get("/account/").text

    assert shown in page
    assert (person if isinstance(person, User) else person.user).email in page


def test_account_of_one_shows_nothing_of_another(patient: Patient, outsider_client: Client) -> None:
    page = outsider_client.get("/account/").text

    assert "Amara" not in page
    assert patient.record_number not in page


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        # session, person, own account, patient, doctor
        ("/account/", 5),
        # session, person, patient, its data key (not kept in a test)
        ("/account/profile/", 4),
    ],
)
def test_account_pages_ask_the_database_this_often(
    patient: Patient,
    patient_client: Client,
    path: str,
    queries: int,
    django_assert_max_num_queries: Any,
) -> None:
    with django_assert_max_num_queries(queries):
        patient_client.get(path)


def test_preferences_are_kept_and_told_to_the_browser(
    patient: Patient, patient_client: Client
) -> None:
    response = patient_client.post(
        "/account/preferences/",
        {"theme": "dark", "language": "de", "time_zone": "Asia/Kolkata", "units": "us"},
    )

    user = User.objects.get(pk=patient.user_id)
    assert response["Location"] == "/account/"
    assert response.cookies["theme"].value == "dark"
    assert (user.theme, user.single_keys, user.time_zone) == ("dark", False, "Asia/Kolkata")
    patient_client.post(
        "/account/preferences/", {"theme": "auto", "language": "en-gb", "units": "metric"}
    )
    assert patient_client.cookies["theme"].value == ""


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "../etc/passwd", "\x00"])
def test_time_zone_must_exist(patient_client: Client, zone: str) -> None:
    response = patient_client.post(
        "/account/preferences/", {"theme": "auto", "language": "en-gb", "time_zone": zone}
    )

    assert response.status_code == 422
    assert "time_zone" in response.context["form"].errors


def test_patient_saves_details(patient: Patient, patient_client: Client) -> None:
    response = patient_client.post(
        "/account/profile/", PROFILE | {"address": "1 Harbour Street\r\nLondon"}
    )

    patient.refresh_from_db()
    assert response["Location"] == "/account/"
    assert patient.phone == "+442079460123"
    assert patient.address == "1 Harbour Street\nLondon"
    assert patient.reminders_by_email is False


def test_first_profile_leads_home_and_can_be_left(patient_client: Client) -> None:
    assert "Do this later" in patient_client.get("/account/profile/first/").text
    assert patient_client.post("/account/profile/first/", PROFILE)["Location"] == "/"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("birth_date", "9999-12-31", "Check the year"),
        ("birth_date", "0001-01-01", "Check the year"),
        ("birth_date", "1990-02-31", "no such day"),
        ("birth_date", "soon", "no such day"),
        ("birth_date", "", "required"),
        ("phone", "call me", "area code"),
        ("phone", "", "required"),
        ("given_name", "Am\u200bara", "hidden character"),
        ("emergency_contact_name", "\u202eeve", "hidden character"),
        ("address", "x" * 401, "400"),
        ("sex", "yes", "valid choice"),
        ("language", "tlh", "valid choice"),
    ],
)
def test_profile_says_beside_the_field_what_is_wrong(
    patient: Patient, patient_client: Client, field: str, value: str, said: str
) -> None:
    """Attacks 65 and 74."""
    response = patient_client.post("/account/profile/", PROFILE | {field: value})

    assert response.status_code == 422
    assert said in " ".join(response.context["form"].errors[field])
    assert f'id="id_{field}_error"' in response.text
    patient.refresh_from_db()
    assert patient.phone == ""


def test_profile_keeps_what_was_typed_when_it_is_refused(patient_client: Client) -> None:
    response = patient_client.post("/account/profile/", PROFILE | {"phone": "x", "address": "Here"})

    assert "Here" in response.text


def test_profile_shows_markup_as_text(patient_client: Client) -> None:
    """Attacks 46 and 47."""
    name = "<img src=x onerror=alert(1)>{{7*7}}"
    patient_client.post("/account/profile/", PROFILE | {"given_name": name})

    page = patient_client.get("/account/").text
    assert "<img" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;{{7*7}}" in page


def test_doctor_edits_the_own_page(practitioner: Practitioner, practitioner_client: Client) -> None:
    page = {"title": "Dr", "given_name": "Ines", "family_name": "Llorente"}
    assert practitioner_client.get("/account/page/").status_code == 200

    practitioner_client.post("/account/page/", page | {"languages": ["es"], "bio": "¡Hola!"})

    practitioner.refresh_from_db()
    assert (practitioner.bio, practitioner.languages) == ("¡Hola!", ["es"])
    refused = practitioner_client.post("/account/page/", page | {"languages": ["klingon"]})
    assert refused.status_code == 422


def test_person_with_a_role_but_no_record_finds_no_such_page(
    sign_in: Callable[[Any], Client], db: None
) -> None:
    """A grant without its record opens nothing."""
    browser = sign_in(UserFactory(roles=[Role.PATIENT, Role.PRACTITIONER]))

    for path in ("/account/profile/", "/account/page/", "/account/waiting/"):
        assert browser.get(path).status_code == 404


def test_waiting_page_says_when_it_was_declined(
    pending_practitioner: Practitioner, sign_in: Callable[[Any], Client]
) -> None:
    browser = sign_in(pending_practitioner)
    Practitioner.objects.update(approval=ApprovalStatus.DECLINED)

    assert "not approved" in browser.get("/account/waiting/").text


def test_waiting_page_of_an_approved_doctor_leads_home(practitioner_client: Client) -> None:
    assert practitioner_client.get("/account/waiting/")["Location"] == "/"


# --- the administrator ----------------------------------------------------------------------------


def test_people_shows_who_waits_who_is_invited_and_the_staff(
    administrator_client: Client, pending_practitioner: Practitioner, receptionist: User
) -> None:
    InvitationFactory(email="soon@example.org", invited_at=dt.datetime.now(dt.UTC))

    page = administrator_client.get("/people/").text

    assert "Noor Haddad" in page
    assert "soon@example.org" in page
    assert "desk@example.org" in page


def test_people_shows_no_patients_until_searched_for(
    administrator_client: Client, patient: Patient
) -> None:
    assert "amara@example.org" not in administrator_client.get("/people/").text
    assert "amara@example.org" in administrator_client.get("/people/?q=fenwick").text
    assert administrator_client.get("/people/?q=%00").status_code == 200


def test_people_asks_as_often_for_one_as_for_twenty(
    administrator_client: Client, django_assert_max_num_queries: Any
) -> None:
    PractitionerFactory.create_batch(20)
    PractitionerFactory.create_batch(5, pending=True)

    with django_assert_max_num_queries(6):
        administrator_client.get("/people/")


def test_administrator_approves_and_the_doctor_is_told(
    administrator_client: Client, pending_practitioner: Practitioner
) -> None:
    path = f"/people/doctors/{pending_practitioner.pk}/approve/"

    response = administrator_client.post(path)

    assert response["Location"] == "/people/"
    assert viewer(pending_practitioner).roles == {Role.PRACTITIONER}
    assert mail.outbox[0].to == ["noor@example.org"]
    assert administrator_client.post(path).status_code == 409, "decided once"


def test_administrator_declines(
    administrator_client: Client, pending_practitioner: Practitioner
) -> None:
    administrator_client.post(f"/people/doctors/{pending_practitioner.pk}/decline/")

    assert viewer(pending_practitioner).roles == frozenset()
    assert "could not approve" in mail.outbox[0].body


def test_htmx_gets_the_list_alone_and_the_message_in_it(
    administrator_client: Client, pending_practitioner: Practitioner
) -> None:
    response = administrator_client.post(
        f"/people/doctors/{pending_practitioner.pk}/approve/", **HTMX
    )

    assert response.status_code == 200
    assert "<html" not in response.text
    assert response.text.strip().startswith('<div class="split split--wide" id="people">')
    assert "can be booked once hours are set" in response.text
    assert "HX-Request" in response["Vary"]


def test_an_administrator_cannot_be_approved_as_a_doctor(
    administrator: User, administrator_client: Client
) -> None:
    own = PractitionerFactory(user=administrator, approval=ApprovalStatus.PENDING)

    response = administrator_client.post(f"/people/doctors/{own.pk}/approve/")

    assert response.status_code == 409
    own.refresh_from_db()
    assert own.approval == ApprovalStatus.PENDING


def test_sent_invitation_leaves_an_empty_form(administrator_client: Client) -> None:
    """A morph keeps what was typed in a field it knows, so the next form's fields are new ones."""
    response = administrator_client.post(
        "/people/invitations/", {"email": "new@example.org", "role": "front-desk"}, **HTMX
    )

    assert "The invitation to new@example.org is sent" in response.text
    assert 'id="id_email"' not in response.text
    assert 'value="new@example.org"' not in response.text


def invitation_path(message: Any) -> str:
    found = re.search(r"http://testserver(/invitation/\S+)", message.body)
    assert found
    return found[1]


def test_invited_receptionist_joins_by_the_mail(
    administrator_client: Client, client: Client
) -> None:
    administrator_client.post(
        "/people/invitations/", {"email": "new@example.org", "role": "front-desk"}
    )
    path = invitation_path(mail.outbox[0])
    assert client.get(path)["Cache-Control"].startswith("max-age=0")

    response = client.post(
        path, {"given_name": "Nina", "family_name": "Abel", "password": PASSWORD}
    )

    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.get("/account/").status_code == 200, "signed in"
    user = User.objects.get(email="new@example.org")
    assert viewer(user).roles == {Role.FRONT_DESK}
    assert EmailAddress.objects.get(user=user).verified
    assert Client().get(path).status_code == 404, "works once"


def test_invited_doctor_says_more(administrator_client: Client, client: Client) -> None:
    administrator_client.post(
        "/people/invitations/", {"email": "doc@example.org", "role": "practitioner"}
    )
    path = invitation_path(mail.outbox[0])
    form = {"given_name": "Nina", "family_name": "Abel", "password": PASSWORD}

    assert client.post(path, form).status_code == 422, "specialty and licence are missing"
    client.post(path, form | {"specialty": "cardiology", "license_number": "DE-3"})

    assert Practitioner.objects.get().approval == ApprovalStatus.APPROVED


def test_invited_person_chooses_a_good_password(client: Client, db: None) -> None:
    InvitationFactory(secret="s", email="n@example.org", invited_at=dt.datetime.now(dt.UTC))
    form = {"given_name": "Nina", "family_name": "Abel", "password": "short"}

    response = client.post("/invitation/s/", form)

    assert response.status_code == 422
    assert "password" in response.context["form"].errors
    assert not User.objects.exists()


def test_invited_person_with_an_account_signs_in_first(patient: Patient, client: Client) -> None:
    InvitationFactory(secret="s", email="amara@example.org", invited_at=dt.datetime.now(dt.UTC))

    page = client.get("/invitation/s/")
    client.post("/invitation/s/", {"given_name": "M", "family_name": "X", "password": PASSWORD})

    assert "/accounts/login/?next=/invitation/s/" in page.text
    assert viewer(patient).roles == {Role.PATIENT}


def test_signed_in_person_accepts_with_one_press(patient: Patient, patient_client: Client) -> None:
    InvitationFactory(secret="s", email="amara@example.org", invited_at=dt.datetime.now(dt.UTC))

    assert "Accept the invitation" in patient_client.get("/invitation/s/").text
    patient_client.post("/invitation/s/")

    assert viewer(patient).roles == {Role.PATIENT, Role.FRONT_DESK}


@pytest.mark.parametrize("role", [Role.PATIENT, Role.PRACTITIONER])
def test_signed_in_person_is_asked_for_what_the_role_needs(
    receptionist: User, receptionist_client: Client, role: Role
) -> None:
    InvitationFactory(
        secret="s", email="desk@example.org", role=role, invited_at=dt.datetime.now(dt.UTC)
    )
    names = {"given_name": "Nina", "family_name": "Abel"}

    assert receptionist_client.post("/invitation/s/").status_code == 422
    receptionist_client.post(
        "/invitation/s/", names | {"specialty": "nursing", "license_number": "N-1"}
    )

    assert viewer(receptionist).roles == {Role.FRONT_DESK, role}


def test_someone_else_cannot_accept(outsider: Patient, outsider_client: Client) -> None:
    InvitationFactory(secret="s", email="other@example.org", invited_at=dt.datetime.now(dt.UTC))

    page = outsider_client.post("/invitation/s/").text

    assert "You are signed in as" in page
    assert viewer(outsider).roles == {Role.PATIENT}


def test_doctor_is_told_that_administration_does_not_mix(practitioner_client: Client) -> None:
    InvitationFactory(
        secret="s",
        email="ines@example.org",
        role=Role.ADMINISTRATOR,
        invited_at=dt.datetime.now(dt.UTC),
    )

    response = practitioner_client.post("/invitation/s/")

    assert response.status_code == 409
    assert "cannot be doctor and administrator" in response.text


def test_invitation_refused_in_the_last_moment_shows_why(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from clinic.people import rules
    from clinic.people.services import invitations

    InvitationFactory(secret="s", email="n@example.org", invited_at=dt.datetime.now(dt.UTC))

    def too_late(**_: Any) -> None:
        raise rules.InvitationOver

    monkeypatch.setattr(invitations, "accept_invitation", too_late)

    response = client.post(
        "/invitation/s/", {"given_name": "Nina", "family_name": "Abel", "password": PASSWORD}
    )

    assert response["Location"] == "/invitation/s/"


def test_administrator_takes_an_invitation_back(administrator_client: Client) -> None:
    invitation = InvitationFactory(secret="s", invited_at=dt.datetime.now(dt.UTC))
    path = f"/people/invitations/{invitation.pk}/withdraw/"

    assert administrator_client.post(path)["Location"] == "/people/"
    assert administrator_client.post(path).status_code == 409
    assert Client().get("/invitation/s/").status_code == 404


@pytest.mark.parametrize("email", ["", "nobody", "pаt@example.org"])
def test_invitation_needs_an_address(administrator_client: Client, email: str) -> None:
    response = administrator_client.post(
        "/people/invitations/", {"email": email, "role": "front-desk"}
    )

    assert response.status_code == 422
    assert not Invitation.objects.exists()


def test_silent_mail_server_is_said(
    administrator_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Any, *args: Any, **kwargs: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", refuse)

    response = administrator_client.post(
        "/people/invitations/", {"email": "n@example.org", "role": "front-desk"}
    )

    assert response.status_code == 409
    assert "mail server" in response.text


def test_administrator_gives_and_ends_a_role(
    administrator_client: Client, receptionist: User
) -> None:
    path = f"/people/{receptionist.pk}/roles/"

    administrator_client.post(path, {"role": "administrator"})
    assert viewer(receptionist).roles == {Role.FRONT_DESK, Role.ADMINISTRATOR}

    administrator_client.post(f"{path}end/", {"role": "front-desk"})
    assert viewer(receptionist).roles == {Role.ADMINISTRATOR}
    assert administrator_client.post(f"{path}end/", {"role": "front-desk"}).status_code == 409


@pytest.mark.parametrize(
    ("path", "data", "status"),
    [
        ("roles/", {"role": "practitioner"}, 409),
        ("roles/", {"role": "owner"}, 404),
        ("roles/", {}, 404),
        ("roles/end/", {"role": "owner"}, 404),
    ],
)
def test_role_that_makes_no_sense_is_refused(
    administrator_client: Client,
    receptionist: User,
    path: str,
    data: dict[str, str],
    status: int,
) -> None:
    response = administrator_client.post(f"/people/{receptionist.pk}/{path}", data)

    assert response.status_code == status
    assert viewer(receptionist).roles == {Role.FRONT_DESK}


def test_doctor_is_not_made_administrator(
    administrator_client: Client, practitioner: Practitioner
) -> None:
    response = administrator_client.post(
        f"/people/{practitioner.user_id}/roles/", {"role": "administrator"}
    )

    assert response.status_code == 409
    assert "cannot be doctor and administrator" in response.text


def test_last_administrator_is_kept(administrator: User, administrator_client: Client) -> None:
    end = administrator_client.post(
        f"/people/{administrator.pk}/roles/end/", {"role": "administrator"}
    )
    close = administrator_client.post(f"/people/{administrator.pk}/close/")

    assert (end.status_code, close.status_code) == (409, 409)
    assert administrator_client.get("/people/").status_code == 200


def test_closed_account_is_out_at_once_and_can_come_back(
    administrator_client: Client, receptionist: User, receptionist_client: Client
) -> None:
    administrator_client.post(f"/people/{receptionist.pk}/close/")
    assert receptionist_client.get("/account/").status_code == 302

    administrator_client.post(f"/people/{receptionist.pk}/reopen/")
    assert receptionist_client.get("/account/").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/people/doctors/{}/approve/",
        "/people/invitations/{}/withdraw/",
        "/people/{}/roles/",
        "/people/{}/roles/end/",
        "/people/{}/close/",
        "/people/{}/reopen/",
    ],
)
def test_unknown_id_is_404(administrator_client: Client, path: str) -> None:
    response = administrator_client.post(
        path.format("00000000-0000-7000-8000-000000000000"), {"role": "front-desk"}
    )

    assert response.status_code == 404


# --- the desk -------------------------------------------------------------------------------------


def test_desk_enters_a_caller_and_goes_back_to_the_booking(receptionist_client: Client) -> None:
    back = "/doctors/?site=1"
    assert receptionist_client.get(f"/patients/new/?next={back}").status_code == 200

    response = receptionist_client.post("/patients/new/", PROFILE | {"next": back})

    patient = Patient.objects.get()
    assert response["Location"] == f"{back}&patient={patient.pk}"
    assert patient.user_id is None


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "javascript:x", ""])
def test_desk_is_never_led_to_another_site(receptionist_client: Client, back: str) -> None:
    response = receptionist_client.post("/patients/new/", PROFILE | {"next": back})

    assert response["Location"] == "/"


def test_caller_needs_a_birth_date_and_a_phone(receptionist_client: Client) -> None:
    response = receptionist_client.post("/patients/new/", {"given_name": "A", "family_name": "B"})

    assert response.status_code == 422
    assert {"birth_date", "phone"} <= set(response.context["form"].errors)
    assert not Patient.objects.exists()


def test_names_of_patients_stay_out_of_addresses_and_reprs(db: None) -> None:
    person = PatientFactory(given_name="Amara")

    assert "Amara" not in str(person) + repr(person) + str(person.user)
    assert UserFactory(email="x@example.org").email not in str(User.objects.last())
