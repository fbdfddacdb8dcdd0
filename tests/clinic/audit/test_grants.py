"""Two roles: the application reads the trail and adds to it; the owner is stopped by the triggers.

The application's part is taken with SET ROLE. A server with one role only has no such part to take.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from clinic.audit import grants, sealing
from clinic.audit.models import AuditEvent, AuditLink
from tests.clinic.audit.conftest import recorded

pytestmark = pytest.mark.django_db

FORBIDDEN = [
    "UPDATE {table} SET {column} = {column}",
    "DELETE FROM {table}",
    "TRUNCATE {table}",
    "ALTER TABLE {table} DISABLE TRIGGER USER",
    "ALTER TABLE {table} ADD COLUMN more int",
    "DROP TABLE {table}",
    "CREATE TRIGGER mine BEFORE INSERT ON {table} EXECUTE FUNCTION audit_append_only()",
    "CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE sql AS ''",
    "SET LOCAL session_replication_role = replica",
    "SELECT * FROM {table} FOR UPDATE",
]
TABLES = {"audit_auditevent": "action", "audit_auditlink": "pos"}


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def one_role_only() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(grants.OTHER_ROLE, [settings.APPLICATION_ROLE])
        return cursor.fetchone() is None


@pytest.fixture
def as_application() -> Iterator[None]:
    """The rest of the test runs with the rights of the server and the worker."""
    if one_role_only():
        pytest.skip("this server has one role only; ./test.sh starts one with two")
    sql(f'SET ROLE "{settings.APPLICATION_ROLE}"')
    yield
    sql("RESET ROLE")


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("statement", FORBIDDEN)
def test_application_cannot_change_the_trail(
    statement: str, table: str, as_application: None
) -> None:
    """Attack 97, with the rights of a server that was broken into."""
    recorded()
    sealing.seal(now=timezone.now())

    with (
        pytest.raises(ProgrammingError, match="permission denied|must be owner"),
        transaction.atomic(),
    ):
        sql(statement.format(table=table, column=TABLES[table]))


def test_application_reads_adds_and_seals(as_application: None) -> None:
    event = recorded()

    sealing.seal(now=timezone.now())

    assert AuditLink.objects.get().event == event.pk
    assert grants.trail_is_protected()


def test_application_works_with_every_other_table_but_not_on_it(as_application: None) -> None:
    session = Session.objects.create(session_key="k", expire_date=timezone.now())
    session.session_data = "x"
    session.save()
    session.delete()

    for statement in (
        "TRUNCATE django_session",
        "ALTER TABLE django_session ADD COLUMN more int",
        "CREATE TABLE mine (number int)",
        "DELETE FROM django_migrations",
        "CREATE ROLE mine",
    ):
        with (
            pytest.raises(ProgrammingError, match="permission denied|must be owner"),
            transaction.atomic(),
        ):
            sql(statement)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("replica", ["", "SET LOCAL session_replication_role = replica; "])
@pytest.mark.parametrize("statement", FORBIDDEN[:3])
@pytest.mark.usefixtures("audit_truncate_refused")
def test_owner_is_stopped_by_the_trigger(statement: str, replica: str, table: str) -> None:
    recorded()
    sealing.seal(now=timezone.now())

    with (
        pytest.raises(DatabaseError, match="append-only|permission denied to set parameter"),
        transaction.atomic(),
    ):
        sql(replica + statement.format(table=table, column=TABLES[table]))

    assert AuditEvent.objects.exists() and AuditLink.objects.exists()


def test_a_new_table_needs_no_thought() -> None:
    if one_role_only():
        pytest.skip("this server has one role only; ./test.sh starts one with two")
    sql("CREATE TABLE audit_test_new (number int)")

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT has_table_privilege(%s, 'audit_test_new', 'UPDATE'),"
            " has_table_privilege(%s, 'audit_test_new', 'TRUNCATE')",
            [settings.APPLICATION_ROLE] * 2,
        )
        assert cursor.fetchone() == (True, False)


def test_migrate_takes_back_what_somebody_granted() -> None:
    if one_role_only():
        pytest.skip("this server has one role only; ./test.sh starts one with two")
    role = settings.APPLICATION_ROLE
    sql(f'GRANT UPDATE ON audit_auditevent TO "{role}"')
    assert not grants.trail_is_protected(role=role)

    call_command("migrate", verbosity=0)

    assert grants.trail_is_protected(role=role)


def test_the_owner_could_change_the_trail_but_for_its_triggers() -> None:
    assert not grants.trail_is_protected()


def test_a_flush_changes_no_rights(settings: Settings, django_assert_num_queries: object) -> None:
    settings.APPLICATION_ROLE = "somebody_else"

    with django_assert_num_queries(0):  # type: ignore[operator]
        grants.apply_grants()


def test_one_role_is_left_as_it_is(settings: Settings) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        settings.APPLICATION_ROLE = cursor.fetchone()[0]

    grants.apply_grants(plan=[])

    assert not grants.trail_is_protected()
