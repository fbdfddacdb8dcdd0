"""Signing in, registering and recovering: what happens, and that it tells strangers nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.audit.models import AuditEvent
from clinic.people.choices import ApprovalStatus, Role, Theme
from clinic.people.models import Patient, Practitioner, User
from clinic.people.signals import access_changed
from tests.factories.people import PASSWORD, UserFactory, viewer

SIGN_IN = "/accounts/login/"
SIGN_UP = "/accounts/signup/"
CODE = "/accounts/confirm-email/"
RESET = "/accounts/password/reset/"
NEW = {
    "given_name": "Amara",
    "family_name": "Fenwick",
    "email": "amara@example.org",
    "password1": PASSWORD,
}


def code_in(message: Any) -> str:
    """Return the code a person would type from the mail."""
    found = re.search(r"^\s{4}(\S+)$", message.body, re.MULTILINE)
    assert found, message.body
    return found[1]


def without_noise(response: HttpResponse, *typed: str) -> str:
    """Return a page without tokens, the clock and what was typed."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"|"X-CSRFToken": "\w+"', "", response.text)
    text = re.sub(r'data-now="\d+"', "", text)
    for value in typed:
        text = text.replace(value, "")
    return text


# --- signing in -----------------------------------------------------------------------------------


def test_person_signs_in_by_address_in_any_case(patient: Patient, client: Client) -> None:
    response = client.post(SIGN_IN, {"login": "Amara@Example.org", "password": PASSWORD})

    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.get("/account/").status_code == 200
    assert AuditEvent.objects.filter(action="account.signed_in", actor=patient.user_id).exists()


def test_session_id_is_new_after_signing_in(patient: Patient, client: Client) -> None:
    """Attack 19: a cookie planted before sign-in is worth nothing after it."""
    client.get(SIGN_IN)
    client.post(SIGN_IN, {"login": "amara@example.org", "password": "wrong password here"})
    before = client.session.session_key

    client.post(SIGN_IN, {"login": "amara@example.org", "password": PASSWORD})

    assert client.session.session_key != before


def test_old_cookie_is_dead_after_signing_out(patient_client: Client) -> None:
    """Attack 20."""
    cookie = patient_client.cookies["sid"].value

    patient_client.post("/accounts/logout/")

    thief = Client()
    thief.cookies["sid"] = cookie
    assert thief.get("/account/").status_code == 302
    assert AuditEvent.objects.filter(action="account.signed_out").exists()


def test_signing_out_takes_a_post(patient_client: Client) -> None:
    patient_client.get("/accounts/logout/")

    assert patient_client.get("/account/").status_code == 200


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example/",
        "javascript:alert(1)",
        "https:evil.example",
        "http://testserver:8443/",
        "http://user@evil.example/",
        "/\t/evil.example/",
    ],
)
def test_sign_in_never_leads_to_another_site(patient: Patient, client: Client, target: str) -> None:
    """Attack 31."""
    response = client.post(
        SIGN_IN, {"login": "amara@example.org", "password": PASSWORD, "next": target}
    )

    assert (response.status_code, response["Location"]) == (302, "/")


def test_sign_in_leads_back_to_where_one_was(patient: Patient, client: Client) -> None:
    response = client.post(
        SIGN_IN, {"login": "amara@example.org", "password": PASSWORD, "next": "/account/"}
    )

    assert response["Location"] == "/account/"


def test_wrong_password_and_unknown_address_look_the_same(patient: Patient) -> None:
    """Attack 22: same status, same page."""
    answers = []
    for address in ("amara@example.org", "nobod@example.org"):
        response = Client().post(SIGN_IN, {"login": address, "password": "not the password"})
        answers.append((response.status_code, without_noise(response, address)))

    assert answers[0] == answers[1]


def test_wrong_password_is_answered_as_slowly_for_nobody(
    patient: Patient, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Attack 22, time: as many hashes are computed for an unknown address."""
    from django.contrib.auth.hashers import get_hasher

    hashes: list[str] = []
    hasher = type(get_hasher())
    plain = hasher._params if hasattr(hasher, "_params") else None
    assert plain is None
    original = hasher.encode

    def counted(self: Any, password: str, salt: str) -> str:
        hashes.append("encode")
        return original(self, password, salt)

    verify = hasher.verify

    def verified(self: Any, password: str, encoded: str) -> bool:
        hashes.append("verify")
        return verify(self, password, encoded)

    monkeypatch.setattr(hasher, "encode", counted)
    monkeypatch.setattr(hasher, "verify", verified)

    client.post(SIGN_IN, {"login": "amara@example.org", "password": "not the password"})
    known = len(hashes)
    hashes.clear()
    client.post(SIGN_IN, {"login": "nobody@example.org", "password": "not the password"})

    assert known == len(hashes) == 1


def test_sixth_wrong_password_is_refused_even_if_right(patient: Patient, client: Client) -> None:
    """Attack 26: five tries per address, then a wait; the way by a code stays open."""
    for _ in range(5):
        client.post(SIGN_IN, {"login": "amara@example.org", "password": "not the password"})

    response = client.post(SIGN_IN, {"login": "amara@example.org", "password": PASSWORD})

    assert response.status_code == 200
    assert "Too many failed login attempts" in response.text
    client.post(RESET, {"email": "amara@example.org"})
    assert len(mail.outbox) == 1


def test_closed_account_cannot_sign_in(patient: Patient, client: Client) -> None:
    User.objects.filter(pk=patient.user_id).update(is_active=False)

    response = client.post(SIGN_IN, {"login": "amara@example.org", "password": PASSWORD})

    assert response["Location"] == "/accounts/inactive/"
    assert client.get("/account/").status_code == 302


def test_pending_doctor_lands_on_the_waiting_page(
    pending_practitioner: Practitioner, client: Client
) -> None:
    response = client.post(SIGN_IN, {"login": "noor@example.org", "password": PASSWORD})

    assert response["Location"] == "/account/waiting/"


def test_colours_of_the_account_come_along(patient: Patient, client: Client) -> None:
    User.objects.filter(pk=patient.user_id).update(theme=Theme.DARK, language="de")

    response = client.post(SIGN_IN, {"login": "amara@example.org", "password": PASSWORD})

    assert response.cookies["theme"].value == "dark"
    assert response.cookies["django_language"].value == "de"


# --- registering ----------------------------------------------------------------------------------


def test_patient_registers_proves_the_address_and_is_asked_for_details(
    db: None, client: Client
) -> None:
    response = client.post(SIGN_UP, NEW)
    assert response["Location"] == CODE
    assert client.get("/account/").status_code == 302, "not signed in before the code"

    response = client.post(CODE, {"code": code_in(mail.outbox[0])})

    assert response["Location"] == "/account/profile/first/"
    assert client.get("/account/profile/first/").status_code == 200
    user = User.objects.get()
    assert viewer(user).roles == {Role.PATIENT}
    assert EmailAddress.objects.get(user=user).verified


def test_registration_asks_for_name_address_and_password_only(client: Client, db: None) -> None:
    page = client.get(SIGN_UP).text

    asked = set(re.findall(r'<(?:input|select|textarea)[^>]* name="(\w+)"', page))
    assert asked - {"csrfmiddlewaretoken", "next"} == set(NEW)


def test_wrong_code_is_refused_three_times_then_dropped(db: None, client: Client) -> None:
    client.post(SIGN_UP, NEW)
    for _ in range(3):
        client.post(CODE, {"code": "WRONG-XX"})

    client.post(CODE, {"code": code_in(mail.outbox[0])})

    assert client.get("/account/").status_code == 302


def test_taken_and_free_address_are_answered_alike(patient: Patient) -> None:
    """Attack 22 at registration: same status, place, page; the mail tells the owner only."""
    answers = []
    for address in ("amara@example.org", "bmara@example.org"):
        browser = Client()
        first = browser.post(SIGN_UP, NEW | {"email": address})
        second = browser.get(CODE)
        wrong = browser.post(CODE, {"code": "WRONG-XX"})
        answers.append(
            (
                (first.status_code, first["Location"], first.content),
                (second.status_code, without_noise(second, address)),
                (wrong.status_code, without_noise(wrong, address)),
            )
        )

    assert answers[0] == answers[1]
    assert [message.to for message in mail.outbox] == [["amara@example.org"], ["bmara@example.org"]]
    assert "You have an account already" in mail.outbox[0].subject
    assert User.objects.filter(email="amara@example.org").count() == 1


@pytest.mark.parametrize("path", [SIGN_UP, "/join/doctor/"])
def test_taken_address_costs_the_work_of_a_free_one(patient: Patient, path: str) -> None:
    """Finding 9: the clock does not tell either. The same statements run, then are rolled back."""
    form = NEW | {"specialty": "cardiology", "license_number": "DE-1"}
    statements = []
    for address in ("amara@example.org", "bmara@example.org"):
        with CaptureQueriesContext(connection) as queries:
            Client().post(path, form | {"email": address})
        ran = [re.search(r'(?:INTO|FROM) "?([a-z]\w+)', query["sql"]) for query in queries]
        statements.append(sorted(match[1] for match in ran if match))

    assert statements[0] == statements[1]
    assert {"people_user", "account_emailaddress", "audit_auditevent"} <= set(statements[0])


def test_taken_address_leaves_nothing_behind(patient: Patient, client: Client) -> None:
    client.post(SIGN_UP, NEW)

    assert User.objects.count() == Patient.objects.count() == EmailAddress.objects.count() == 1
    assert not AuditEvent.objects.exists()


def test_race_for_one_address_is_answered_like_a_taken_one(
    patient: Patient, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two registrations at once: the form saw a free address, the database did not."""
    from clinic.people.forms.accounts import RegistrationForm

    monkeypatch.setattr(RegistrationForm, "validate_unique_email", lambda self, value: value)

    response = client.post(SIGN_UP, NEW)

    assert (response.status_code, response["Location"]) == (302, CODE)
    assert User.objects.filter(email="amara@example.org").count() == 1


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("given_name", "Ama\u202era", "hidden character"),
        ("given_name", "Ama\x00ra", "hidden character"),
        ("family_name", "12345", "at least one letter"),
        ("email", "pаt@example.org", "address"),  # a Cyrillic а
        ("email", "pat@exämple.org", "without accents"),
        ("password1", "short", "15"),
        ("password1", "amara@example.org", "your e-mail address"),
        ("password1", "x" * 300, "at most 256"),
        ("password1", "passwordpassword", None),
    ],
)
def test_registration_says_beside_the_field_what_is_wrong(
    db: None, client: Client, field: str, value: str, said: str | None
) -> None:
    response = client.post(SIGN_UP, NEW | {field: value})

    if said is None:
        assert response.status_code == 302
        return
    assert response.status_code == 200
    assert said in " ".join(response.context["form"].errors[field])
    assert not User.objects.exists()


def test_look_alike_of_an_address_is_the_same_address(patient: Patient, client: Client) -> None:
    """Attack 40: a long s is no new account beside the one with the plain s."""
    UserFactory(email="sam@example.org")

    client.post(SIGN_UP, NEW | {"email": "ſam@example.org"})

    assert mail.outbox[0].to == ["sam@example.org"]
    assert "You have an account already" in mail.outbox[0].subject


def test_silent_mail_server_is_said_at_registration(
    db: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", refuse)

    page = client.post(SIGN_UP, NEW, follow=True).text

    assert "mail server does not answer" in page


def test_extra_fields_change_nothing(db: None, client: Client) -> None:
    """Mass assignment (ASVS 15.3.3): a role is not something to type in."""
    client.post(SIGN_UP, NEW | {"role": "administrator", "is_active": "1", "roles": "front-desk"})

    assert viewer(User.objects.get()).roles == {Role.PATIENT}


def test_doctor_registers_and_waits(db: None, client: Client) -> None:
    doctor = NEW | {
        "title": "Dr",
        "specialty": "cardiology",
        "license_number": "DE-1",
        "languages": ["en", "de"],
        "bio": "",
    }

    assert client.post("/join/doctor/", doctor)["Location"] == CODE
    response = client.post(CODE, {"code": code_in(mail.outbox[0])})

    assert response["Location"] == "/account/waiting/"
    assert "Waiting for approval" in client.get("/account/waiting/").text
    practitioner = Practitioner.objects.get()
    assert practitioner.approval == ApprovalStatus.PENDING
    assert viewer(practitioner).roles == frozenset()


def test_doctor_registration_refuses_a_missing_licence(db: None, client: Client) -> None:
    response = client.post("/join/doctor/", NEW | {"specialty": "cardiology"})

    assert "license_number" in response.context["form"].errors
    assert not User.objects.exists()


def test_signed_in_patient_registers_as_a_doctor(patient: Patient, patient_client: Client) -> None:
    form = {
        "given_name": "Amara",
        "family_name": "Fenwick",
        "specialty": "nursing",
        "license_number": "DE-2",
    }

    assert patient_client.get("/join/doctor/").status_code == 200
    assert patient_client.post("/join/doctor/", form | {"license_number": ""}).status_code == 422
    assert patient_client.post("/join/doctor/", form)["Location"] == "/account/waiting/"
    assert patient_client.get("/join/doctor/")["Location"] == "/account/waiting/"
    assert viewer(patient).roles == {Role.PATIENT}


# --- recovering -----------------------------------------------------------------------------------


def test_new_password_comes_by_a_code(patient: Patient, client: Client) -> None:
    fresh = "another long enough password"
    client.post(RESET, {"email": "amara@example.org"})
    response = client.post("/accounts/password/reset/confirm/", {"code": code_in(mail.outbox[0])})
    assert response["Location"] == "/accounts/password/reset/complete/"

    client.post("/accounts/password/reset/complete/", {"password1": fresh})

    assert User.objects.get(pk=patient.user_id).check_password(fresh)
    assert "Your password was changed" in mail.outbox[-1].subject


def test_known_and_unknown_address_are_answered_alike_at_reset(patient: Patient) -> None:
    """Attack 22 at recovery."""
    answers = []
    for address in ("amara@example.org", "nobod@example.org"):
        browser = Client()
        first = browser.post(RESET, {"email": address})
        second = browser.get("/accounts/password/reset/confirm/")
        wrong = browser.post("/accounts/password/reset/confirm/", {"code": "WRONG-XX"})
        answers.append(
            (
                (first.status_code, first["Location"]),
                without_noise(second, address),
                without_noise(wrong, address),
            )
        )

    assert answers[0] == answers[1]
    assert [message.to[0] for message in mail.outbox] == ["amara@example.org", "nobod@example.org"]


def test_sixth_code_in_a_minute_is_not_sent(patient: Patient, client: Client) -> None:
    """Attack 25: five codes per address and minute, and the answer says so."""
    answers = [client.post(RESET, {"email": "amara@example.org"}) for _ in range(6)]

    assert [answer.status_code for answer in answers[:5]] == [302] * 5
    assert answers[5].status_code == 429
    assert len(mail.outbox) == 5


def test_mails_never_repeat_the_host_of_the_request(patient: Patient, client: Client) -> None:
    """Attack 32: `testserver` is this test's SITE_URL; the request came to another name."""
    client.post(RESET, {"email": "nobody@example.org"}, headers={"host": "localhost:8001"})

    assert "http://testserver/accounts/signup/" in mail.outbox[0].body
    assert "localhost" not in mail.outbox[0].body


def test_unknown_host_is_refused(client: Client) -> None:
    assert client.get(SIGN_IN, headers={"host": "evil.example"}).status_code == 400


def test_reset_code_proves_an_address_that_was_not(db: None, client: Client) -> None:
    """Someone squatting on an address loses it to the one who reads its mail."""
    UserFactory(email="amara@example.org", address=False, roles=[Role.PATIENT])
    client.post(RESET, {"email": "amara@example.org"})

    client.post("/accounts/password/reset/confirm/", {"code": code_in(mail.outbox[0])})

    assert EmailAddress.objects.get().verified


# --- changing -------------------------------------------------------------------------------------


def change_password(browser: Client, old: str, new: str) -> HttpResponse:
    return browser.post("/accounts/password/change/", {"oldpassword": old, "password1": new})


def test_new_password_ends_every_other_session(
    patient: Patient,
    sign_in: Callable[[Any], Client],
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    heard: list[Any] = []

    def listen(sender: type, user_id: Any, **_: Any) -> None:
        heard.append(user_id)

    here, elsewhere = sign_in(patient), sign_in(patient)
    access_changed.connect(listen)
    with django_capture_on_commit_callbacks(execute=True):
        changed = change_password(here, PASSWORD, "another long enough password")
    access_changed.disconnect(listen)

    assert changed["Location"] == "/account/"
    assert here.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302
    assert heard == [patient.user_id]
    assert AuditEvent.objects.filter(action="account.password_changed").exists()


def test_password_change_needs_the_present_one_and_a_new_one(patient_client: Client) -> None:
    wrong = change_password(patient_client, "not the password", "another long enough password")
    same = change_password(patient_client, PASSWORD, PASSWORD)

    assert "oldpassword" in wrong.context["form"].errors
    assert "password1" in same.context["form"].errors


def test_new_address_counts_once_it_is_proved(patient: Patient, client: Client) -> None:
    """Attack 34: asks the password, changes nothing before the code, tells the old address."""
    client.post(SIGN_IN, {"login": "amara@example.org", "password": PASSWORD})

    asked = client.post("/accounts/email/", {"email": "new@example.org", "action_add": ""})
    assert asked["Location"] == "/accounts/reauthenticate/?next=%2Faccounts%2Femail%2F"
    assert client.get(asked["Location"]).status_code == 200
    client.post(asked["Location"], {"password": PASSWORD, "next": "/accounts/email/"})
    assert User.objects.get(pk=patient.user_id).email == "amara@example.org"
    client.post(CODE, {"code": code_in(mail.outbox[-1])})

    patient.refresh_from_db()
    assert User.objects.get(pk=patient.user_id).email == "new@example.org"
    assert patient.email == "new@example.org"
    assert ["amara@example.org"] in [message.to for message in mail.outbox]
    assert AuditEvent.objects.filter(action="account.email_changed").exists()


def test_address_of_another_account_is_refused_without_saying_so(
    patient: Patient, outsider: Patient, client: Client
) -> None:
    client.post(SIGN_IN, {"login": "bela@example.org", "password": PASSWORD})

    answers = []
    for address in ("amara@example.org", "nobod@example.org"):
        asked = client.post("/accounts/email/", {"email": address, "action_add": ""})
        again = {"password": PASSWORD, "next": "/accounts/email/"}
        if asked["Location"] != CODE:
            asked = client.post(asked["Location"], again)
        answers.append((asked.status_code, asked["Location"]))

    assert answers == [(302, CODE)] * 2
    assert User.objects.get(pk=outsider.user_id).email == "bela@example.org"
