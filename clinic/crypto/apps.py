from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed_apps
from django.core import checks
from django.db.models.signals import post_migrate


class CryptoConfig(AppConfig):
    name = "clinic.crypto"
    label = "crypto"
    verbose_name = "Sealed data"

    def ready(self) -> None:
        checks.register(check_keyring, checks.Tags.security)
        post_migrate.connect(make_clinic_keys, sender=self)


def check_keyring(**_: Any) -> list[checks.CheckMessage]:
    """Say in one sentence what is wrong with FIELD_ENCRYPTION_KEY."""
    from clinic.crypto.errors import KeyringInvalid
    from clinic.crypto.keyring import keyring

    try:
        keyring()
    except KeyringInvalid as error:
        return [checks.Critical(str(error), id="crypto.E003")]
    return []


def make_clinic_keys(*, apps: Any = installed_apps, **_: Any) -> None:
    """Make the keys that every request shares, so that the first ones need not wait for each other.

    Also drops what this process unwrapped before: after a flush those keys are no longer stored.
    """
    from clinic.crypto import datakeys, news

    datakeys.forget_all()
    news.tell()
    if "datakey" in apps.all_models.get("crypto", {}):
        for scope in datakeys.CLINIC_WIDE:
            datakeys.ensure(scope)
