"""`manage.py create_administrator`: how the first administrator comes in."""

from __future__ import annotations

import io
import re

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from clinic.people.choices import Role
from clinic.people.models import Invitation, User
from tests.factories.people import UserFactory, viewer

pytestmark = pytest.mark.django_db
ADDRESS = "first@example.org"


def create(email=ADDRESS):
    said = io.StringIO()
    call_command("create_administrator", email, stdout=said)
    return re.search(r"https?://[^/\s]+(/\S+)", said.getvalue())[1]


def test_the_link_makes_an_administrator_once(client):
    link = create(" First@Example.org ")
    answers = {
        "given_name": "Robin",
        "family_name": "Hale",
        "password": "four words in a row",
        "accept_terms": "on",
    }

    assert client.post(link, answers).status_code == 302

    user = User.objects.get()
    assert user.email == ADDRESS
    assert viewer(user).has(Role.ADMINISTRATOR)
    assert client.get("/setup/").status_code == 200
    assert Client().get(link).status_code == 404


def test_an_account_that_exists_gets_the_role_when_it_signs_in(sign_in):
    user = UserFactory(email=ADDRESS)

    assert sign_in(user).post(create()).status_code == 302
    assert viewer(user).has(Role.ADMINISTRATOR)


def test_only_the_newest_link_works(client):
    first, second = create(), create()

    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200


def test_an_administrator_is_not_made_again(administrator):
    with pytest.raises(CommandError, match="already"):
        create(administrator.email.upper())


def test_a_doctor_does_not_become_administrator(practitioner):
    with pytest.raises(CommandError, match="doctor"):
        create(practitioner.user.email)


@pytest.mark.parametrize("email", ["nobody", "", "a\x00b@example.org", "a" * 300 + "@example.org"])
def test_what_is_no_address_is_refused(email):
    with pytest.raises(CommandError):
        create(email)
    assert not Invitation.objects.exists()
