from django.apps import AppConfig


class SchedulingConfig(AppConfig):
    name = "clinic.scheduling"
    label = "scheduling"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from clinic.lib.clinic_time import register_zone
        from clinic.scheduling import receivers
        from clinic.scheduling.selectors.zones import oldest_zone

        user_logged_in.connect(
            receivers.keep_hold_of_visitor, dispatch_uid="scheduling.keep_hold_of_visitor"
        )
        register_zone(oldest_zone)
