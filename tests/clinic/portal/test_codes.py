"""The address that answers while somebody types."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from clinic.terminology.choices import Kind, System
from clinic.terminology.models import Concept

ADDRESS = "/codes/condition/"


def concept() -> Concept:
    return Concept.objects.create(
        kind=Kind.CONDITION,
        system=System.ICD10CM,
        code="I10",
        display="Essential (primary) hypertension",
        words="blood essential high hypertension i10 pressure primary",
        details={"names": ["high blood pressure"]},
        rank=0,
    )


def test_suggestions_come_as_json_and_are_not_stored(patient_client: Client) -> None:
    concept()

    answer = patient_client.post(
        reverse("terminology:suggest", args=["condition"]), {"q": "high bl"}
    )

    assert answer.json() == {
        "suggestions": [
            {
                "text": "High blood pressure",
                "detail": "Essential (primary) hypertension",
                "system": System.ICD10CM,
                "code": "I10",
                "shown": "I10",
            }
        ]
    }
    assert "no-store" in answer.headers["Cache-Control"]


def test_what_is_typed_never_stands_in_an_address(patient_client: Client) -> None:
    assert patient_client.get(ADDRESS, {"q": "high"}).status_code == 405


def test_an_unknown_kind_is_not_there(patient_client: Client) -> None:
    assert patient_client.post("/codes/secrets/", {"q": "high"}).status_code == 404


def test_nothing_typed_and_very_much_typed_are_answered(patient_client: Client) -> None:
    assert patient_client.post(ADDRESS).json() == {"suggestions": []}
    assert patient_client.post(ADDRESS, {"q": "zz " * 5_000}).json() == {"suggestions": []}


def test_a_visitor_is_asked_to_sign_in(db: None, client: Client) -> None:
    assert client.post(ADDRESS, {"q": "high"}).status_code in (302, 401)
