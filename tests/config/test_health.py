"""What the supervisor and the proxy are told."""

import logging

import pytest
from django.core.cache import cache
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from clinic.audit.tasks import SEALED_KEY
from config import health
from config.celery import HEARTBEAT_KEY, beat_heart
from config.logs import is_worth_a_line


def test_healthz_answers_without_a_database(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.django_db
def test_readyz_is_ok_when_a_worker_has_beaten(client: Client) -> None:
    beat_heart()
    cache.set(SEALED_KEY, "1", timeout=60)

    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "checks": dict.fromkeys(
            ["database", "redis", "migrations", "worker", "audit", "role"], "ok"
        ),
    }


@pytest.mark.django_db
def test_readyz_fails_without_a_worker(client: Client) -> None:
    cache.delete(HEARTBEAT_KEY)

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["checks"]["worker"] == "fail"


@pytest.mark.django_db
def test_readyz_fails_when_the_trail_is_not_sealed(client: Client) -> None:
    cache.delete(SEALED_KEY)

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["checks"]["audit"] == "fail"


@pytest.mark.django_db
def test_readyz_fails_in_production_when_the_role_may_change_the_trail(
    client: Client, settings: Settings
) -> None:
    """The tests run as the owner of the tables, which a production must not."""
    settings.REQUIRE_APPLICATION_ROLE = True

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["checks"]["role"] == "fail"


@pytest.mark.django_db
def test_readyz_tells_no_reason(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> bool:
        raise OSError("password of 10.0.0.7 refused")

    monkeypatch.setitem(health.CHECKS, "redis", refuse)

    response = client.get("/readyz")

    assert response.json()["checks"]["redis"] == "fail"
    assert "10.0.0.7" not in response.content.decode()
    assert response.status_code == 503


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_refuses_other_methods(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


@pytest.mark.parametrize(("path", "logged"), [("/readyz", False), ("/visits/", True)])
def test_readyz_that_says_no_fills_no_log(
    rf: RequestFactory, settings: Settings, path: str, logged: bool
) -> None:
    """Supervisor and proxy ask several times a second until it says yes."""
    record = logging.makeLogRecord({"msg": "Service Unavailable", "request": rf.get(path)})

    assert is_worth_a_line(record) is logged
    assert settings.LOGGING["handlers"]["console"]["filters"] == ["worth_a_line"]
