"""Factories of the scheduling domain: valid, minimal, deterministic.

The default site is in Berlin and open Monday to Friday, 09:00 to 12:00, in visits of twenty
minutes.
"""

import datetime as dt

import factory

from clinic.lib import times
from clinic.scheduling.choices import AppointmentStatus, Modality, WindowKind
from clinic.scheduling.models import (
    Absence,
    Appointment,
    Closure,
    DateWindow,
    Offering,
    Room,
    Schedule,
    Site,
    VisitType,
    WorkingHours,
)
from tests.factories.people import PatientFactory, PractitionerFactory

NINE = dt.time(9, 0)
NOON = dt.time(12, 0)


class SiteFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Site
        django_get_or_create = ("slug",)

    name = "Harbour Street"
    slug = "harbour-street"
    time_zone = "Europe/Berlin"
    address = "14 Harbour Street"
    phone = "+49 30 555 0100"


class RoomFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Room

    site = factory.SubFactory(SiteFactory)
    name = factory.Sequence(lambda n: f"Room {n + 1}")


class VisitTypeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = VisitType
        django_get_or_create = ("slug",)

    name = "Follow-up"
    slug = "follow-up"
    duration_minutes = 20
    lead_minutes = 60
    horizon_days = 56
    modalities = factory.LazyFunction(lambda: [Modality.IN_PERSON, Modality.VIDEO])


class OfferingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Offering

    practitioner = factory.SubFactory(PractitionerFactory)
    visit_type = factory.SubFactory(VisitTypeFactory)


class ScheduleFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Schedule
        django_get_or_create = ("practitioner",)

    practitioner = factory.SubFactory(PractitionerFactory)


class WorkingHoursFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = WorkingHours

    practitioner = factory.SubFactory(PractitionerFactory)
    site = factory.SubFactory(SiteFactory)
    weekday = 1
    starts = NINE
    ends = NOON
    valid_from = dt.date(2020, 1, 1)


class DateWindowFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = DateWindow

    practitioner = factory.SubFactory(PractitionerFactory)
    site = factory.SubFactory(SiteFactory)
    kind = WindowKind.EXTRA
    date = dt.date(2026, 3, 7)
    starts = NINE
    ends = NOON


class AbsenceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Absence

    practitioner = factory.SubFactory(PractitionerFactory)
    starts_at = dt.datetime(2026, 3, 3, 8, 0, tzinfo=dt.UTC)
    ends_at = dt.datetime(2026, 3, 3, 9, 0, tzinfo=dt.UTC)


class ClosureFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Closure

    site = factory.SubFactory(SiteFactory)
    starts_at = dt.datetime(2026, 3, 2, 23, 0, tzinfo=dt.UTC)
    ends_at = dt.datetime(2026, 3, 3, 23, 0, tzinfo=dt.UTC)
    public_reason = "Public holiday"


class AppointmentFactory(factory.django.DjangoModelFactory):
    """A booked visit on Tuesday 3 March 2026, 09:00 in Berlin; traits for the other states."""

    class Meta:
        model = Appointment

    class Params:
        hold = factory.Trait(
            status=AppointmentStatus.PROPOSED,
            released_at=factory.LazyAttribute(lambda o: o.claimed_at + dt.timedelta(minutes=5)),
        )
        cancelled = factory.Trait(
            status=AppointmentStatus.CANCELLED,
            released_at=factory.LazyAttribute(lambda o: o.claimed_at),
        )

    practitioner = factory.SubFactory(PractitionerFactory)
    patient = factory.SubFactory(PatientFactory)
    visit_type = factory.SubFactory(VisitTypeFactory)
    site = factory.SubFactory(SiteFactory)
    starts_at = dt.datetime(2026, 3, 3, 8, 0, tzinfo=dt.UTC)
    ends_at = factory.LazyAttribute(lambda o: o.starts_at + dt.timedelta(minutes=20))
    claim_starts_at = factory.LazyAttribute(lambda o: o.starts_at)
    claim_ends_at = factory.LazyAttribute(lambda o: o.ends_at)
    claimed_at = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
    created_at = factory.LazyAttribute(lambda o: o.claimed_at)
    time_zone = factory.LazyAttribute(lambda o: o.site.time_zone)
    local_start = factory.LazyAttribute(lambda o: times.intended_local(o.starts_at, o.time_zone))
    local_date = factory.LazyAttribute(lambda o: times.local_date(o.starts_at, o.time_zone))
    status = AppointmentStatus.BOOKED


def open_practice(practitioner, *, site=None, visit_type=None, **hours):
    """Give the doctor a schedule, an offering and hours from Monday to Friday; return the
    visit type.
    """
    visit_type = visit_type or VisitTypeFactory()
    site = site or SiteFactory()
    ScheduleFactory(practitioner=practitioner)
    OfferingFactory(practitioner=practitioner, visit_type=visit_type)
    for weekday in range(1, 6):
        WorkingHoursFactory(practitioner=practitioner, site=site, weekday=weekday, **hours)
    return visit_type
