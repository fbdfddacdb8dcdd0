"""Every dependency is pinned by hash and has a reason."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from config.env import ROOT

LOCKS = ("requirements.lock", "requirements-test.lock")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)


def declared(*extras: str) -> dict[str, Requirement]:
    lines = list(PROJECT["dependencies"])
    for extra in extras:
        lines += PROJECT["optional-dependencies"][extra]
    found = [Requirement(line) for line in lines]
    return {canonicalize_name(requirement.name): requirement for requirement in found}


def pinned(lock: str) -> dict[str, str]:
    return {canonicalize_name(name): version for name, version in PINNED.findall(read(lock))}


def read(name: str) -> str:
    return (ROOT / name).read_text()


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash(lock: str) -> None:
    blocks = re.split(r"\n(?=[A-Za-z0-9])", read(lock).strip())

    assert len(blocks) > 40
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_name_no_registry(lock: str) -> None:
    assert re.findall(r"https?://|--index-url|--find-links| @ ", read(lock)) == []


@pytest.mark.parametrize(
    ("lock", "extras"),
    [("requirements.lock", ()), ("requirements-test.lock", ("test", "bench"))],
)
def test_locks_hold_what_is_declared(lock: str, extras: tuple[str, ...]) -> None:
    versions = pinned(lock)

    for name, requirement in declared(*extras).items():
        assert name in versions, f"{name} is missing from {lock}: write the lock again"
        assert requirement.specifier.contains(versions[name]), f"{name} {versions[name]}"


def test_tests_run_on_the_versions_of_the_product() -> None:
    tested = pinned("requirements-test.lock")

    for name, version in pinned("requirements.lock").items():
        assert tested[name] == version, name


def test_every_dependency_has_its_reason() -> None:
    reasons = dict(re.findall(r"^\| ([a-z0-9-]+) \| (.+) \|$", read("docs/dependencies.md"), re.M))

    for name in declared("test", "bench"):
        assert len(reasons.get(name, "")) > 10, f"docs/dependencies.md says nothing of {name}"


def test_every_declaration_has_its_reason() -> None:
    lines = re.findall(r'^  "[a-z].*', read("pyproject.toml").split("[tool.", 1)[0], re.M)

    assert [line for line in lines if " # " not in line] == []


def test_daphne_bounds_frames() -> None:
    """CVE-2026-44545: older daphne accepts frames of any size."""
    assert Version(pinned("requirements.lock")["daphne"]) >= Version("4.2.2")
