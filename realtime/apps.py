"""Declares the topics and connects the receivers: the clinic does not know this package."""

from django.apps import AppConfig


class RealtimeConfig(AppConfig):
    name = "realtime"
    label = "realtime"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_out

        from clinic.people.signals import access_changed
        from clinic.records.signals import record_changed
        from clinic.scheduling import signals
        from realtime import receivers

        user_logged_out.connect(receivers.close_session)
        access_changed.connect(receivers.close_person)
        signals.schedule_day_changed.connect(receivers.push_day)
        signals.schedule_rules_changed.connect(receivers.push_rules)
        signals.appointment_changed.connect(receivers.push_visit)
        signals.holder_changed.connect(receivers.push_holder)
        record_changed.connect(receivers.push_record)
