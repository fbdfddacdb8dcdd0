"""What a claim covers: which site, and how much of the buffers (A5)."""

import datetime as dt
from dataclasses import replace

import pytest

from clinic.scheduling import availability as engine
from clinic.scheduling.choices import Modality
from clinic.scheduling.models import Offering, WorkingHours
from clinic.scheduling.services import claims
from tests.factories.scheduling import AppointmentFactory, SiteFactory, open_practice

TUESDAY_NINE = dt.datetime(2026, 3, 3, 8, 0, tzinfo=dt.UTC)


@pytest.fixture
def wish(practitioner):
    visit_type = open_practice(practitioner)
    return claims.Wish(
        practitioner_id=practitioner.pk,
        visit_type_id=visit_type.pk,
        starts_at=TUESDAY_NINE,
        modality=Modality.IN_PERSON,
        for_patient=True,
    )


@pytest.fixture
def buffers(wish):
    Offering.objects.update(buffer_before_minutes=10, buffer_after_minutes=10, grid_minutes=10)


def minutes(number):
    return dt.timedelta(minutes=number)


def test_a_claim_covers_its_buffers(wish, buffers, now):
    opening = claims.find_opening(wish=wish, now=now)

    assert opening.claim_starts_at == TUESDAY_NINE - minutes(10)
    assert opening.claim_ends_at == TUESDAY_NINE + minutes(30)


@pytest.mark.parametrize("neighbor", [-30, 30])
def test_a_claim_leaves_a_neighbors_buffer_to_the_neighbor(wish, buffers, now, neighbor):
    """The larger of two buffers stands between two visits, not their sum."""
    starts_at = TUESDAY_NINE + minutes(60)
    AppointmentFactory(
        practitioner_id=wish.practitioner_id,
        starts_at=starts_at + minutes(neighbor),
        claim_starts_at=starts_at + minutes(neighbor - 10),
        claim_ends_at=starts_at + minutes(neighbor + 30),
        buffer_before_minutes=10,
        buffer_after_minutes=10,
    )

    opening = claims.find_opening(wish=replace(wish, starts_at=starts_at), now=now)

    before, after = (0, 10) if neighbor < 0 else (10, 0)
    assert opening.claim_starts_at == starts_at - minutes(before)
    assert opening.claim_ends_at == starts_at + minutes(20 + after)


def test_a_claim_keeps_its_whole_buffers_where_they_may_not_overlap(wish, buffers, now, settings):
    settings.SCHEDULING = settings.SCHEDULING | {"BUFFERS_MAY_OVERLAP": False}
    AppointmentFactory(
        practitioner_id=wish.practitioner_id,
        starts_at=TUESDAY_NINE + minutes(50),
        buffer_before_minutes=10,
        buffer_after_minutes=10,
    )

    opening = claims.find_opening(wish=wish, now=now)

    assert opening.claim_ends_at == TUESDAY_NINE + minutes(30)
    with pytest.raises(claims.SlotTaken) as refusal:
        claims.find_opening(wish=replace(wish, starts_at=TUESDAY_NINE + minutes(20)), now=now)
    assert refusal.value.refusal == engine.Refusal.BUFFER


def test_the_own_visit_does_not_shorten_a_claim(wish, buffers, now):
    own = AppointmentFactory(
        practitioner_id=wish.practitioner_id, starts_at=TUESDAY_NINE, buffer_after_minutes=10
    )
    moved = replace(wish, starts_at=TUESDAY_NINE + minutes(20), ignore_appointment_id=own.pk)

    opening = claims.find_opening(wish=moved, now=now)

    assert opening.claim_starts_at == TUESDAY_NINE + minutes(10)


def test_a_wish_for_one_site_is_not_met_at_another(wish, now):
    elsewhere = SiteFactory(slug="hill", name="Hill")
    WorkingHours.objects.filter(weekday=5).update(site=elsewhere)

    assert claims.find_opening(wish=wish, now=now).start.site_id != elsewhere.pk
    with pytest.raises(claims.SlotTaken) as refusal:
        claims.find_opening(wish=replace(wish, site_id=elsewhere.pk), now=now)
    assert refusal.value.refusal == engine.Refusal.CLOSED


def test_a_doctor_without_hours_offers_no_time(wish, now):
    """A4: parameters belong to sites; without hours there is none, and nothing breaks."""
    WorkingHours.objects.all().delete()

    with pytest.raises(claims.SlotTaken) as refusal:
        claims.find_opening(wish=wish, now=now)
    assert refusal.value.refusal == engine.Refusal.CLOSED
