"""A value that does not open leads to a page that says so, and to a note on the trail."""

from __future__ import annotations

import pytest
from django.db import connection
from django.urls import reverse

from clinic.crypto.signals import open_refused
from clinic.records.models import Condition
from tests.factories.records import ConditionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def damaged(patient):
    """A condition whose note was moved there from another one."""
    one, other = (ConditionFactory(patient=patient, note="Sealed") for _ in range(2))
    moved = Condition.objects.values_list("concept", flat=True).get(pk=other.pk)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE records_condition SET concept = %s WHERE id = %s", [moved.blob, one.pk]
        )
    return one


@pytest.fixture
def refused():
    """The rows of which the trail is told. Its note goes with this test's transaction."""
    rows = []

    def note(*, row, **_):
        rows.append(row)

    open_refused.connect(note)
    yield rows
    open_refused.disconnect(note)


def test_page_says_it_was_altered_and_the_trail_is_told(patient, patient_client, damaged, refused):
    response = patient_client.get(reverse("records:history", args=[patient.pk]))

    page = response.content.decode()
    assert response.status_code == 409
    assert "This entry cannot be opened" in page
    assert "It was altered" in page
    assert "Traceback" not in page
    assert refused == [damaged.pk]


def test_htmx_puts_it_onto_the_sheet(patient, patient_client, damaged):
    response = patient_client.get(
        reverse("records:history", args=[patient.pk]), headers={"HX-Request": "true"}
    )

    assert response.status_code == 409
    assert (response["HX-Retarget"], response["HX-Reswap"]) == ("#sheet", "innerHTML")
    assert "<html" not in response.content.decode()
    assert "HX-Request" in response["Vary"]
