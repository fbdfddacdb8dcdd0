"""Connects the receivers: this package hears the clinic, the clinic does not know it."""

from django.apps import AppConfig


class RealtimeConfig(AppConfig):
    name = "realtime"
    label = "realtime"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_out

        from clinic.people.signals import access_changed
        from realtime import receivers, topics  # noqa: F401  (declares the topics)

        user_logged_out.connect(receivers.close_session)
        access_changed.connect(receivers.close_person)
