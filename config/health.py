"""Liveness and readiness for the supervisor, the proxy and the container's health check.

Both tell only ok or fail per check: they are asked without signing in.
"""

import logging
from collections.abc import Callable

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

from clinic.audit import grants
from clinic.audit.tasks import SEALED_KEY
from clinic.people.permissions import PUBLIC, access
from config.celery import HEARTBEAT_KEY

logger = logging.getLogger(__name__)


def check_database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def check_redis() -> bool:
    cache.set("readyz", "1", timeout=10)
    return cache.get("readyz") == "1"


def check_migrations() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def check_worker() -> bool:
    return cache.get(HEARTBEAT_KEY) is not None


def check_audit() -> bool:
    """The sealer came to its end within the last minute: nothing older waits for its link."""
    return cache.get(SEALED_KEY) is not None


def check_role() -> bool:
    """In production the servers can add to the audit trail and not change it."""
    return not settings.REQUIRE_APPLICATION_ROLE or grants.trail_is_protected()


CHECKS: dict[str, Callable[[], bool]] = {
    "database": check_database,
    "redis": check_redis,
    "migrations": check_migrations,
    "worker": check_worker,
    "audit": check_audit,
    "role": check_role,
}


def _passes(name: str) -> bool:
    try:
        return CHECKS[name]()
    except Exception:
        logger.warning("readiness check failed: %s", name)
        return False


@access(PUBLIC)
@require_GET
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer that this process serves requests."""
    return JsonResponse({"status": "ok"})


@access(PUBLIC)
@require_GET
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer whether everything a booking needs is there; 503 when something is not."""
    results = {name: "ok" if _passes(name) else "fail" for name in CHECKS}
    ready = all(result == "ok" for result in results.values())
    body = {"status": "ok" if ready else "fail", "checks": results}
    return JsonResponse(body, status=200 if ready else 503)
