"""Connects the receivers: this package hears the clinic, the clinic does not know it."""

from django.apps import AppConfig


class RemindersConfig(AppConfig):
    name = "reminders"
    label = "reminders"

    def ready(self) -> None:
        from clinic.records.signals import record_changed
        from clinic.scheduling.signals import appointment_recorded
        from reminders import receivers

        appointment_recorded.connect(receivers.plan_messages)
        record_changed.connect(receivers.plan_doses, dispatch_uid="reminders.plan_doses")
