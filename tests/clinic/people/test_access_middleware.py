"""The policy is asked before any view runs, and answers a stranger with 404 (SECURITY 4.1)."""

from __future__ import annotations

import uuid

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path, resolve

from clinic.people import selectors
from clinic.people.choices import Role
from clinic.people.middleware import AccessMiddleware
from clinic.people.models import Patient, Practitioner, User
from clinic.people.permissions import (
    PUBLIC,
    SIGNED_IN,
    Decision,
    NotAllowed,
    access,
    audience_of,
    decide,
)
from clinic.people.viewer import VISITOR, Viewer
from tests.factories.people import RoleGrantFactory, UserFactory


def undeclared(request: HttpRequest) -> HttpResponse:
    return HttpResponse("secret")


@access(PUBLIC)
def public(request: HttpRequest) -> HttpResponse:
    return HttpResponse("public")


@access(SIGNED_IN)
def signed_in(request: HttpRequest) -> HttpResponse:
    return HttpResponse("signed in")


@access(Role.FRONT_DESK)
def desk_only(request: HttpRequest) -> HttpResponse:
    return HttpResponse("desk")


@access(PUBLIC)
def refusing(request: HttpRequest) -> HttpResponse:
    raise NotAllowed("no")


@access(PUBLIC)
def failing(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


urlpatterns = [
    path("undeclared/", undeclared),
    path("public/", public),
    path("signed-in/", signed_in),
    path("desk-only/", desk_only),
    path("refusing/", refusing),
    path("failing/", failing),
    path("accounts/login/", public, name="account_login"),
    path("accounts/social/", undeclared, name="socialaccount_connections"),
]


@pytest.fixture
def here() -> object:
    with override_settings(ROOT_URLCONF=__name__):
        yield


def ask(path: str, viewer: Viewer, **headers: str) -> HttpResponse | None:
    """Put one request to the middleware as this viewer."""
    request = RequestFactory().get(path, headers=headers)
    request.resolver_match = resolve(request.path_info, urlconf=__name__)
    request.viewer = viewer  # type: ignore[attr-defined]
    return AccessMiddleware(lambda r: HttpResponse()).process_view(request, undeclared, (), {})


DESK = Viewer(user_id=uuid.uuid4(), roles=frozenset({Role.FRONT_DESK}))
PATIENT = Viewer(user_id=uuid.uuid4(), roles=frozenset({Role.PATIENT}))


@pytest.mark.parametrize("viewer", [VISITOR, PATIENT, DESK])
def test_undeclared_view_does_not_exist(viewer: Viewer) -> None:
    with pytest.raises(Http404):
        ask("/undeclared/", viewer)


def test_unlisted_third_party_view_does_not_exist() -> None:
    with pytest.raises(Http404):
        ask("/accounts/social/", DESK)


@pytest.mark.parametrize("viewer", [VISITOR, PATIENT, DESK])
def test_public_view_is_open_to_everyone(viewer: Viewer) -> None:
    assert ask("/public/", viewer) is None


def test_visitor_is_sent_to_sign_in_and_back(here: object) -> None:
    response = ask("/desk-only/?day=2", VISITOR)

    assert response is not None
    assert response.status_code == 302
    assert response["Location"] == "/accounts/login/?next=/desk-only/%3Fday%3D2"
    assert "HX-Request" in response["Vary"]


def test_htmx_visitor_gets_401_and_goes_to_the_page_not_the_piece(here: object) -> None:
    response = ask(
        "/desk-only/",
        VISITOR,
        **{"HX-Request": "true", "HX-Current-URL": "http://testserver/visits/?x=1"},
    )

    assert response is not None
    assert response.status_code == 401
    assert response["HX-Redirect"] == "/accounts/login/?next=%2Fvisits%2F%3Fx%3D1"
    assert not response.content


@pytest.mark.parametrize(
    ("current", "back"),
    [
        ("https://evil.example/visits/", "%2F"),
        ("//evil.example/", "%2F"),
        ("javascript:alert(1)", "%2F"),
        ("", "%2F"),
        ("http://testserver/visits/", "%2Fvisits%2F"),
    ],
)
def test_htmx_sign_in_never_leads_to_another_site(here: object, current: str, back: str) -> None:
    response = ask("/desk-only/", VISITOR, **{"HX-Request": "true", "HX-Current-URL": current})

    assert response is not None
    assert response["HX-Redirect"] == f"/accounts/login/?next={back}"


def test_wrong_role_is_answered_404_never_403() -> None:
    with pytest.raises(Http404):
        ask("/desk-only/", PATIENT)


def test_right_role_and_signed_in_pass() -> None:
    assert ask("/desk-only/", DESK) is None
    assert ask("/signed-in/", PATIENT) is None


def test_signed_in_without_any_role_opens_only_signed_in_pages() -> None:
    nobody = Viewer(user_id=uuid.uuid4())

    assert ask("/signed-in/", nobody) is None
    with pytest.raises(Http404):
        ask("/desk-only/", nobody)


def test_not_allowed_in_a_service_becomes_404(here: object, client: Client) -> None:
    assert client.get("/refusing/").status_code == 404


def test_other_errors_stay_errors(here: object, client: Client) -> None:
    with pytest.raises(ZeroDivisionError):
        client.get("/failing/")


def test_access_without_an_audience_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="audience"):
        access()


def test_static_files_of_the_development_server_are_public() -> None:
    from django.contrib.staticfiles.views import serve
    from django.urls import ResolverMatch

    assert audience_of(ResolverMatch(serve, (), {})) == {PUBLIC}


def test_decide_hides_what_nobody_declared() -> None:
    assert decide(allowed=None, viewer=DESK) is Decision.HIDE


# --- the viewer -----------------------------------------------------------------------------------


def test_viewer_holds_roles_and_ids(patient: Patient, practitioner: Practitioner) -> None:
    assert selectors.viewer_for(user_id=patient.user_id) == Viewer(
        user_id=patient.user_id, roles=frozenset({"patient"}), patient_id=patient.pk
    )
    assert selectors.viewer_for(user_id=practitioner.user_id) == Viewer(
        user_id=practitioner.user_id,
        roles=frozenset({"practitioner"}),
        practitioner_id=practitioner.pk,
    )


def test_viewer_takes_one_query(
    patient: Patient, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    with django_assert_num_queries(1):
        selectors.viewer_for(user_id=patient.user_id)


def test_viewer_forgets_an_ended_role(patient: Patient, clock: object) -> None:
    grant = RoleGrantFactory(user=patient.user, role=Role.FRONT_DESK)
    grant.ended_at = grant.granted_at
    grant.save()

    assert selectors.viewer_for(user_id=patient.user_id).roles == {"patient"}


def test_pending_doctor_is_no_doctor(pending_practitioner: Practitioner) -> None:
    viewer = selectors.viewer_for(user_id=pending_practitioner.user_id)

    assert viewer.roles == frozenset()
    assert viewer.practitioner_id is None
    assert selectors.waits_for_approval(viewer=viewer)


def test_nobody_waits_for_approval_but_the_pending(practitioner: Practitioner) -> None:
    assert not selectors.waits_for_approval(viewer=VISITOR)
    assert not selectors.waits_for_approval(
        viewer=selectors.viewer_for(user_id=practitioner.user_id)
    )


def test_closed_account_is_a_visitor(patient: Patient) -> None:
    User.objects.filter(pk=patient.user_id).update(is_active=False)

    assert selectors.viewer_for(user_id=patient.user_id) == VISITOR


def test_no_account_is_a_visitor(db: None) -> None:
    assert selectors.viewer_for(user_id=None) == VISITOR
    assert selectors.viewer_for(user_id=uuid.uuid4()) == VISITOR
    assert selectors.viewer_of(user=AnonymousUser()) == VISITOR
    assert selectors.user_with_access(user_id="not a uuid") is None


def test_viewer_of_a_plain_account_is_read_afresh(db: None) -> None:
    user = UserFactory(roles=[Role.FRONT_DESK])

    assert selectors.viewer_of(user=User.objects.get(pk=user.pk)).roles == {"front-desk"}


def test_closed_account_is_signed_out_at_its_next_request(
    here: object, patient: Patient, patient_client: Client
) -> None:
    assert patient_client.get("/signed-in/").status_code == 200

    User.objects.filter(pk=patient.user_id).update(is_active=False)

    assert patient_client.get("/signed-in/").status_code == 302


def test_request_of_a_signed_in_person_asks_for_the_person_once(
    here: object, patient_client: Client, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    with django_assert_num_queries(2):  # the session, the person with roles and ids
        patient_client.get("/signed-in/")
