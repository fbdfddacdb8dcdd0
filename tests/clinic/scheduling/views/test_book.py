"""Choosing a time: what the page shows, and that a push is the same."""

import datetime as dt

from django.urls import reverse

from clinic.scheduling.choices import Modality
from clinic.scheduling.fragments import slots
from clinic.scheduling.presenters.slots import slot_id
from tests.factories.scheduling import AppointmentFactory, open_practice

TUESDAY = dt.date(2026, 3, 3)


def slot_page(practitioner):
    return reverse("scheduling:slot_list", args=[practitioner.pk])


def test_slot_list_embeds_the_fragments_byte_for_byte(client, clock, practitioner):
    visit_type = open_practice(practitioner)
    AppointmentFactory(practitioner=practitioner, visit_type=visit_type)
    key = {
        "practitioner_id": practitioner.pk,
        "visit_type_id": visit_type.pk,
        "modality": Modality.IN_PERSON,
        "now": clock.now,
    }

    html = client.get(slot_page(practitioner), {"day": "2026-03-03"}).content.decode()

    grid = slots.slot_grid(**key, date=TUESDAY)
    strip = slots.day_strip(**key, first=dt.date(2026, 3, 2))
    assert grid.container is not None and grid.container() in html
    assert all(piece in html for piece in grid.pieces.values())
    assert all(piece in html for piece in strip.pieces.values())


def test_slot_list_costs_a_fixed_number_of_queries(
    patient_client, clock, practitioner, django_assert_num_queries
):
    open_practice(practitioner)

    with django_assert_num_queries(10):
        response = patient_client.get(slot_page(practitioner), {"day": "2026-03-03"})

    assert response.status_code == 200
