"""Pages of who acts for whom: invite, accept, act, stop, end."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core import mail
from django.test import Client

from clinic.audit.models import AuditEvent
from clinic.people import rules
from clinic.people.choices import ProxyBasis, ProxyScope, Role
from clinic.people.models import Patient, ProxyGrant, User
from tests.conftest import Clock
from tests.factories.people import PatientFactory, ProxyGrantFactory, RoleGrantFactory, UserFactory
from tests.factories.scheduling import AppointmentFactory

pytestmark = pytest.mark.django_db

INVITATION = {
    "email": "carer@example.org",
    "relationship": "SPS",
    "scopes": ["visits", "record-read"],
    "last_day": "2026-09-01",
}
CUSTODY = INVITATION | {"relationship": "PRN", "papers_seen": "on"}


@pytest.fixture
def carer(db: None) -> User:
    """Bo has an account and is no patient."""
    return UserFactory(email="carer@example.org")


@pytest.fixture
def child(db: None) -> Patient:
    return PatientFactory(
        user=None, given_name="Mila", family_name="Fenwick", birth_date=dt.date(2017, 1, 5)
    )


@pytest.fixture
def grant(patient: Patient, carer: User) -> ProxyGrant:
    return ProxyGrantFactory(patient=patient, user=carer)


@pytest.fixture
def acting(carer: User, grant: ProxyGrant, sign_in, clock: Clock) -> Client:
    """Bo's browser, acting for Amara."""
    browser = sign_in(carer)
    browser.post(f"/acting/{grant.pk}/")
    return browser


def text(response) -> str:
    return response.content.decode()


def test_carer_is_invited_accepts_and_acts(patient, carer, patient_client, sign_in, clock) -> None:
    patient_client.post("/carers/invite/", INVITATION)
    [message] = mail.outbox
    [link] = set(re.findall(r"/carers/accept/[\w-]+/", message.body))
    browser = sign_in(carer)
    assert "Amara Fenwick asks you to help" in text(browser.get(link))

    browser.post(link)
    listed = text(browser.get("/acting/"))
    browser.post(f"/acting/{ProxyGrant.objects.get().pk}/")

    assert message.to == ["carer@example.org"]
    assert "Act for Amara Fenwick" in listed
    assert "You act for <b>Amara Fenwick</b>" in text(browser.get("/visits/"))
    assert browser.get(link).status_code == 404


def test_refused_invitation_keeps_what_was_typed(patient_client, clock) -> None:
    refused = patient_client.post("/carers/invite/", INVITATION | {"last_day": "2031-01-01"})

    assert refused.status_code == 422
    assert 'value="carer@example.org"' in text(refused)
    assert "Choose a day from today to 2 March 2028." in text(refused)
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"email": "amara@example.org"}, "This is your own address."),
        ({"scopes": []}, "required"),
        ({"scopes": ["messages"]}, "not one of the available choices"),
        ({"relationship": "GUARD"}, "not one of the available choices"),
        ({"last_day": "2026-03-01"}, "Choose a day from today"),
    ],
)
def test_invitation_says_what_is_wrong(patient_client, clock, changes, word) -> None:
    refused = patient_client.post("/carers/invite/", INVITATION | changes)

    assert refused.status_code == 422
    assert word in text(refused)


def test_mail_that_does_not_leave_is_said(patient_client, clock, monkeypatch) -> None:
    monkeypatch.setattr("clinic.people.mails.send", lambda **_: False)

    page = patient_client.post("/carers/invite/", INVITATION, follow=True)

    assert "did not take the mail" in text(page)


def test_page_lists_carers_invitations_and_those_before(patient, patient_client, clock) -> None:
    for_now = ProxyGrantFactory(patient=patient, user__email="now@example.org")
    ProxyGrantFactory(patient=patient, invited=True, email="asked@example.org")
    ProxyGrantFactory(patient=patient, user__email="gone@example.org", revoked_at=clock.now)

    page = text(patient_client.get("/carers/"))

    assert page.index("now@example.org") < page.index("asked@example.org")
    assert page.index("asked@example.org") < page.index("gone@example.org")
    assert f"/carers/{for_now.pk}/end/" in page


def test_page_takes_few_queries_for_many_carers(
    patient, patient_client, clock, django_assert_max_num_queries
) -> None:
    for _carer in range(12):
        ProxyGrantFactory(patient=patient, user=PatientFactory().user)

    with django_assert_max_num_queries(6):
        patient_client.get("/carers/")


def test_link_of_somebody_else_is_of_no_use(patient, outsider_client, client, clock) -> None:
    ProxyGrantFactory(patient=patient, invited=True, secret="s", email="carer@example.org")

    assert "You are signed in as" in text(outsider_client.get("/carers/accept/s/"))
    outsider_client.post("/carers/accept/s/")
    assert ProxyGrant.objects.get().user is None
    assert "next=/carers/accept/s/" in text(client.get("/carers/accept/s/"))


def test_link_that_another_tab_used_meanwhile_says_so(patient, carer, sign_in, clock) -> None:
    ProxyGrantFactory(patient=patient, invited=True, secret="s", email="carer@example.org")

    def lost(**_: object) -> None:
        raise rules.GrantOver

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("clinic.people.services.proxies.accept_grant", lost)
        answer = sign_in(carer).post("/carers/accept/s/")

    assert answer["Location"] == "/carers/accept/s/"


def test_bar_stands_on_every_page_and_stop_ends_it(acting, patient) -> None:
    for address in ("/", "/visits/", "/doctors/", "/account/profile/", "/acting/"):
        assert "You act for <b>Amara Fenwick</b>" in text(acting.get(address)), address

    acting.post("/acting/stop/")

    assert "You act for" not in text(acting.get("/acting/"))
    actions = AuditEvent.objects.filter(action__startswith="proxy.").order_by("at", "pk")
    assert list(actions.values_list("action", flat=True)) == [
        "proxy.acting_started",
        "proxy.acting_ended",
    ]
    assert acting.post("/acting/stop/").status_code == 302


def test_session_keeps_the_id_of_the_grant_only(acting, grant) -> None:
    kept = {key: value for key, value in acting.session.items() if not key.startswith("_auth")}

    assert kept == {"acting_by": str(grant.pk)}


@pytest.mark.parametrize("end", ["revoked", "expired", "closed"])
def test_grant_that_ended_opens_nothing_from_the_next_request_on(
    acting, grant, patient, carer, clock, end
) -> None:
    visit = AppointmentFactory(patient=patient)
    assert acting.get(f"/visits/{visit.pk}/").status_code == 200
    if end == "revoked":
        ProxyGrant.objects.update(revoked_at=clock.now)
    elif end == "expired":
        ProxyGrant.objects.update(ends_at=clock.advance(minutes=5))
    else:
        User.objects.filter(pk=carer.pk).update(is_active=False)

    answer = acting.get(f"/visits/{visit.pk}/")

    assert answer.status_code == (302 if end == "closed" else 404)
    if end != "closed":
        assert "This is your own account" in text(acting.get("/acting/"))
        assert "acting_by" not in acting.session


@pytest.mark.parametrize(
    "address",
    [
        "/account/",
        "/account/preferences/",
        "/account/profile/first/",
        "/account/page/",
        "/accounts/email/",
        "/accounts/password/change/",
        "/carers/",
    ],
)
def test_own_account_waits_until_one_stops(acting, address) -> None:
    assert acting.get(address).status_code == 404
    assert acting.post(address).status_code in (404, 405)


def test_details_are_read_and_not_changed(acting, patient, grant) -> None:
    assert patient.record_number in text(acting.get("/account/profile/"))
    assert acting.post("/account/profile/", {"given_name": "Eve"}).status_code == 404

    ProxyGrant.objects.update(scopes=[ProxyScope.RECORD_READ])

    assert acting.get("/account/profile/").status_code == 404
    patient.refresh_from_db()
    assert patient.given_name == "Amara"


@pytest.mark.parametrize(
    ("scopes", "start"),
    [
        (["visits", "record-read"], None),
        (["record-read"], "/records/{}/"),
        (["messages"], "/acting/"),
    ],
)
def test_home_is_as_much_as_the_grant_reaches(acting, patient, scopes, start) -> None:
    ProxyGrant.objects.update(scopes=scopes)

    answer = acting.get("/")

    if start is None:
        assert "Visits of Amara Fenwick" in text(answer)
        assert "Complete your details" not in text(answer)
    else:
        assert answer["Location"] == start.format(patient.pk)


def test_staff_who_act_leave_their_work_behind(
    patient, receptionist, practitioner, sign_in, clock
) -> None:
    for person, work in ((receptionist, "/desk/"), (practitioner.user, "/records/emergency/")):
        grant = ProxyGrantFactory(patient=patient, user=person)
        browser = sign_in(person)
        assert browser.get(work).status_code == 200

        browser.post(f"/acting/{grant.pk}/")

        assert browser.get(work).status_code == 404


def test_nobody_starts_by_the_grant_of_another(grant, outsider_client, clock) -> None:
    assert outsider_client.post(f"/acting/{grant.pk}/").status_code == 404
    assert "acting_by" not in outsider_client.session


def test_one_changes_from_one_person_to_the_next_without_stopping(
    acting, carer, child, clock
) -> None:
    other = ProxyGrantFactory(patient=child, user=carer, parent=True)

    acting.post(f"/acting/{other.pk}/")

    assert "You act for <b>Mila Fenwick</b>" in text(acting.get("/"))


@pytest.mark.parametrize(
    ("person", "onwards"),
    [
        ("patient", "/carers/"),
        ("carer", "/acting/"),
        ("administrator", "/patients/{}/carers/"),
    ],
)
def test_each_who_may_ends_a_grant(
    request, grant, patient, sign_in, clock, person, onwards
) -> None:
    browser = sign_in(request.getfixturevalue(person))

    first = browser.post(f"/carers/{grant.pk}/end/")
    second = browser.post(f"/carers/{grant.pk}/end/")

    assert first["Location"] == onwards.format(patient.pk)
    assert second.status_code == 302
    grant.refresh_from_db()
    assert grant.revoked_at == clock.now


@pytest.mark.parametrize("address", ["/carers/{}/end/", "/carers/{}/confirm/"])
def test_unknown_grant_is_not_there(patient_client, clock, address) -> None:
    unknown = "00000000-0000-7000-8000-000000000000"

    assert patient_client.post(address.format(unknown)).status_code == 404


def test_young_person_decides_what_a_parent_sees(carer, sign_in, clock) -> None:
    young = PatientFactory(birth_date=dt.date(2011, 9, 1))
    grant = ProxyGrantFactory(patient=young, user=carer, parent=True)
    browser = sign_in(young)
    assert "You decide what this person still sees" in text(browser.get("/carers/"))

    browser.post(f"/carers/{grant.pk}/confirm/", {"scopes": ["record-read"]})

    grant.refresh_from_db()
    assert grant.confirmed_scopes == ["record-read"]
    assert browser.post(f"/carers/{grant.pk}/confirm/", {"scopes": ["x"]}).status_code == 404
    ProxyGrant.objects.update(revoked_at=clock.now)
    said = browser.post(f"/carers/{grant.pk}/confirm/", {"scopes": []}, follow=True)
    assert "This had ended already." in text(said)


class TestDesk:
    def test_desk_lets_a_parent_act(self, child, carer, receptionist_client, clock) -> None:
        address = f"/patients/{child.pk}/carers/"
        assert "Let a parent act" in text(receptionist_client.get(address))

        page = receptionist_client.post(address, CUSTODY, follow=True)

        grant = ProxyGrant.objects.get()
        assert (grant.basis, grant.user) == (ProxyBasis.CUSTODY, carer)
        assert "carer@example.org" in text(page)
        assert [message.to for message in mail.outbox] == [["carer@example.org"]]
        assert f"/carers/{grant.pk}/end/" not in text(page)

    @pytest.mark.parametrize(
        ("changes", "word"),
        [
            ({"papers_seen": ""}, "Look at the papers first."),
            ({"email": "nobody@example.org"}, "Nobody signs in with this address yet."),
            ({"email": "desk@example.org"}, "This cannot be your own account"),
            ({"last_day": "2035-01-05"}, "Choose a day from today to 4 January 2035."),
            ({"relationship": "FRND"}, "not one of the available choices"),
        ],
    )
    def test_desk_is_told_what_is_wrong(
        self, child, carer, receptionist_client, clock, changes, word
    ) -> None:
        refused = receptionist_client.post(f"/patients/{child.pk}/carers/", CUSTODY | changes)

        assert refused.status_code == 422
        assert word in text(refused)
        assert not ProxyGrant.objects.exists()

    def test_adult_has_no_such_form(self, patient, receptionist_client, clock) -> None:
        address = f"/patients/{patient.pk}/carers/"

        assert "An adult invites a carer" in text(receptionist_client.get(address))
        assert receptionist_client.post(address, CUSTODY).status_code == 404

    def test_administrator_sees_the_button_to_end(
        self, grant, patient, administrator_client, clock
    ) -> None:
        page = text(administrator_client.get(f"/patients/{patient.pk}/carers/"))

        assert f"/carers/{grant.pk}/end/" in page

    def test_unknown_patient_is_not_there(self, receptionist_client, clock) -> None:
        unknown = "00000000-0000-7000-8000-000000000000"

        assert receptionist_client.get(f"/patients/{unknown}/carers/").status_code == 404


def test_carer_reads_the_live_page_no_longer_than_they_act(acting, patient, grant, clock) -> None:
    """Attack: a page rendered while acting asks for a new ticket after the carer has stopped."""
    page = text(acting.get(f"/records/{patient.pk}/"))
    [token] = set(re.findall(r'hx-ws:connect="/[^"]*?/?live/([^"/]+)/?"', page)) or {None}
    assert token is not None
    assert acting.post("/live/renew/", {"token": token}).status_code == 200

    acting.post("/acting/stop/")

    assert acting.post("/live/renew/", {"token": token}).status_code == 401


def test_patient_role_is_not_needed_to_act(carer, acting) -> None:
    assert Role.PATIENT not in set(carer.role_grants.values_list("role", flat=True))
    assert acting.get("/visits/").status_code == 200


def test_account_menu_leads_to_both_pages(patient_client, patient, clock) -> None:
    RoleGrantFactory(user=patient.user, role=Role.FRONT_DESK)

    page = text(patient_client.get("/account/"))

    assert 'href="/carers/"' in page and 'href="/acting/"' in page


def test_invitations_come_to_an_end_for_an_hour(patient, sign_in, clock) -> None:
    amara = sign_in(patient)
    for number in range(10):
        amara.post("/carers/invite/", INVITATION | {"email": f"carer{number}@example.org"})

    refused = amara.post("/carers/invite/", INVITATION)
    clock.advance(hours=1)
    taken = amara.post("/carers/invite/", INVITATION)

    assert refused.status_code == 422
    assert "You have sent many invitations." in text(refused)
    assert taken.status_code == 302
    assert len(mail.outbox) == 11
