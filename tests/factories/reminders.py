"""Factory of the reminders domain."""

import datetime as dt

import factory

from reminders.choices import ReminderKind
from reminders.models import Reminder
from tests.factories.scheduling import AppointmentFactory


class ReminderFactory(factory.django.DjangoModelFactory):
    """A reminder two hours before its visit, planned and not yet sent."""

    class Meta:
        model = Reminder

    appointment = factory.SubFactory(AppointmentFactory)
    patient = factory.LazyAttribute(lambda o: o.appointment.patient)
    appointment_version = factory.LazyAttribute(lambda o: o.appointment.version)
    kind = ReminderKind.REMINDER
    step_minutes = 120
    day = factory.LazyAttribute(lambda o: o.appointment.local_date)
    due_at = factory.LazyAttribute(
        lambda o: o.appointment.starts_at - dt.timedelta(minutes=o.step_minutes or 120)
    )
    useful_until = factory.LazyAttribute(lambda o: o.appointment.starts_at - dt.timedelta(hours=1))
    created_at = factory.LazyAttribute(lambda o: o.appointment.created_at)
