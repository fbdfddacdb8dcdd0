"""What the application's role may do with the tables, which belong to another role.

Rows of every table are its daily work; the audit trail it may read and add to, and nothing else.
Applied after every `migrate`, so that a new table needs no thought.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import connections, transaction
from django.db.utils import DEFAULT_DB_ALIAS
from psycopg import sql

from clinic.audit.models import AuditEvent, AuditLink

APPEND_ONLY = (AuditEvent._meta.db_table, AuditLink._meta.db_table)
# Written by `migrate`, which runs as the owner.
READ_ONLY = ("django_migrations",)

STATEMENTS = (
    "GRANT USAGE ON SCHEMA public TO {role}",
    "REVOKE CREATE ON SCHEMA public FROM {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "REVOKE TRUNCATE, REFERENCES, TRIGGER ON ALL TABLES IN SCHEMA public FROM {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public"
    " GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role}",
    "REVOKE UPDATE, DELETE ON {append_only} FROM {role}",
    "REVOKE INSERT, UPDATE, DELETE ON {read_only} FROM {role}",
)
OTHER_ROLE = "SELECT 1 FROM pg_roles WHERE rolname = %s AND rolname <> current_user"
MAY_CHANGE = """
SELECT bool_or(has_table_privilege(%s, name, 'UPDATE, DELETE, TRUNCATE, TRIGGER'))
FROM unnest(%s::text[]) AS name
"""


def apply_grants(*, using: str = DEFAULT_DB_ALIAS, plan: Any = None, **_: Any) -> None:
    """Give the application's role its rights, if it is a role of its own; after every `migrate`.

    A flush also says that a migration has ended, but without a plan: no table has changed.
    """
    if plan is None:
        return
    names = {
        "role": sql.Identifier(settings.APPLICATION_ROLE),
        "append_only": _listed(APPEND_ONLY),
        "read_only": _listed(READ_ONLY),
    }
    # In one transaction: nobody sees the trail between GRANT and REVOKE.
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute(OTHER_ROLE, [settings.APPLICATION_ROLE])
        if cursor.fetchone():
            for statement in STATEMENTS:
                cursor.execute(sql.SQL(statement).format(**names))


def trail_is_protected(*, role: str | None = None) -> bool:
    """Say whether a role, by default the one we run as, can do nothing but read and add."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        if role is None:
            cursor.execute("SELECT current_user")
            role = cursor.fetchone()[0]
        cursor.execute(MAY_CHANGE, [role, list(APPEND_ONLY)])
        return not cursor.fetchone()[0]


def _listed(tables: tuple[str, ...]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, tables))
