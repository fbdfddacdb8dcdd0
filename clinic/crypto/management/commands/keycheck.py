"""`manage.py keycheck`: does FIELD_ENCRYPTION_KEY open what is stored? Asked before every start."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from clinic.crypto import rotation
from clinic.crypto.errors import SealError
from clinic.crypto.keyring import keyring
from clinic.crypto.models import DataKey


class Command(BaseCommand):
    help = "Unwrap one data key of each kind; end with 1 when FIELD_ENCRYPTION_KEY is another one."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            present = ", ".join(keyring().key_ids)
            if DataKey._meta.db_table not in connection.introspection.table_names():
                self.stdout.write(
                    f"Nothing is sealed yet. FIELD_ENCRYPTION_KEY is {present}: keep a copy of it "
                    "apart from the backups."
                )
                return
            scopes = rotation.unwrap_one_of_each()
        except (SealError, ImproperlyConfigured) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"FIELD_ENCRYPTION_KEY ({present}) opens: {', '.join(scopes) or '-'}.")
