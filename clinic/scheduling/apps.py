from django.apps import AppConfig


class SchedulingConfig(AppConfig):
    name = "clinic.scheduling"
    label = "scheduling"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from clinic.scheduling import receivers

        user_logged_in.connect(
            receivers.keep_hold_of_visitor, dispatch_uid="scheduling.keep_hold_of_visitor"
        )
