"""`python -m config.launcher.prepare` brings the database up to date for the programs."""

import os
import sys

import django
import psycopg
import redis
from django.core.management import call_command

from config.env import Environment, Misconfigured, load, settings_module


def main() -> None:
    if "--beside" in sys.argv:
        # The programs start at the same moment, and people wait for those.
        os.nice(10)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings_module())
    django.setup()
    check_servers(load())
    from django.conf import settings
    from django.contrib.auth import get_user_model

    call_command("migrate", interactive=False, verbosity=0)
    if not settings.DEBUG:
        call_command("collectstatic", interactive=False, verbosity=0)
    if settings.LOAD_DEMO and not get_user_model()._default_manager.exists():
        call_command("demo")


def check_servers(env: Environment) -> None:
    """Stop with a sentence when PostgreSQL or Valkey does not answer as configured."""
    try:
        psycopg.connect(
            host=env.db_host,
            port=env.db_port,
            dbname=env.db_name,
            user=env.db_user,
            password=env.db_password.get_secret_value(),
            connect_timeout=10,
        ).close()
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[-1].strip()
        raise Misconfigured(f"DB_HOST: PostgreSQL does not let us in ({reason}).") from None
    try:
        with redis.Redis.from_url(env.redis_url.get_secret_value(), socket_timeout=10) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        raise Misconfigured(f"REDIS_URL: Valkey does not answer ({error}).") from None


if __name__ == "__main__":
    main()
