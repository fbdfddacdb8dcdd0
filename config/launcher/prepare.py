"""`python -m config.launcher.prepare` brings the database up to date for the programs."""

import io
import os
import sys

import django
import psycopg
import redis
from django.core.management import CommandError, call_command
from psycopg.errors import InsufficientPrivilege

from config.env import Environment, Misconfigured, load, settings_module, use_owner
from config.launcher import roles
from config.launcher.roles import Login


def main() -> None:
    if "--beside" in sys.argv:
        # The programs start at the same moment, and people wait for those.
        os.nice(10)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings_module())
    use_owner()
    django.setup()
    check_servers(load())
    from django.conf import settings
    from django.contrib.auth import get_user_model

    # Before anything is written: what a wrong key seals, the right one does not open.
    check_keys(tell="--beside" not in sys.argv)
    call_command("migrate", interactive=False, verbosity=0)
    check_application_role()
    call_command("load_codes", start=True)
    if not settings.DEBUG:
        call_command("collectstatic", interactive=False, verbosity=0)
    if settings.LOAD_DEMO and not get_user_model()._default_manager.exists():
        call_command("demo")


def check_servers(env: Environment) -> None:
    """Stop with a sentence when PostgreSQL or Valkey does not answer as configured.

    The application's role is made where the owner may do that, as in docker-compose.yml.
    """
    application = Login(env.db_user, env.db_password.get_secret_value())
    owner = Login(env.db_owner_user, env.db_owner_password.get_secret_value())
    if owner.user and owner.user != application.user:
        _check_login(env, owner)
        if _refusal(env, application):
            _make_role(env, owner, application)
    _check_login(env, application)
    try:
        with redis.Redis.from_url(env.redis_url.get_secret_value(), socket_timeout=10) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        raise Misconfigured(f"REDIS_URL: Valkey does not answer ({error}).") from None


def check_keys(*, tell: bool = False) -> None:
    """Stop with a sentence when FIELD_ENCRYPTION_KEY does not open what the database holds.

    `tell` names the key by its fingerprint, to compare with the copy that is kept elsewhere.
    """
    told = io.StringIO()
    try:
        call_command("keycheck", stdout=told)
    except CommandError as error:
        raise Misconfigured(str(error)) from None
    if tell:
        sys.stdout.write(told.getvalue())


def check_application_role() -> None:
    """Stop a production whose servers could change the audit trail."""
    from django.conf import settings

    from clinic.audit import grants

    role = settings.APPLICATION_ROLE
    if settings.REQUIRE_APPLICATION_ROLE and not grants.trail_is_protected(role=role):
        raise Misconfigured(
            "DB_USER may change the audit trail. In production the tables belong to another role, "
            "DB_OWNER_USER; docs/audit.md says how."
        )


def _make_role(env: Environment, owner: Login, application: Login) -> None:
    with _connect(env, owner) as connection:
        try:
            roles.ensure_role(connection, application)
            roles.let_act_as(connection, owner, application)
        except InsufficientPrivilege:
            # Said by the check that follows: PostgreSQL does not let the application in.
            connection.rollback()


def _check_login(env: Environment, login: Login) -> None:
    if reason := _refusal(env, login):
        raise Misconfigured(f"DB_HOST: PostgreSQL does not let us in ({reason}).")


def _refusal(env: Environment, login: Login) -> str:
    """Return why PostgreSQL does not let this role in; empty when it does."""
    try:
        _connect(env, login).close()
    except psycopg.OperationalError as error:
        return str(error).strip().splitlines()[-1].strip()
    return ""


def _connect(env: Environment, login: Login) -> roles.Connection:
    return psycopg.connect(
        host=env.db_host,
        port=env.db_port,
        dbname=env.db_name,
        user=login.user,
        password=login.password,
        connect_timeout=10,
    )


if __name__ == "__main__":
    main()
