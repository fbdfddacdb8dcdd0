"""run.sh says in one sentence what is missing."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from config.env import ROOT


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """What run.sh looks at before there is an environment."""
    folder = tmp_path / "copy"
    (folder / "config/launcher").mkdir(parents=True)
    for name in ("run.sh", "test.sh", "requirements.lock", "requirements-test.lock"):
        shutil.copy2(ROOT / name, folder / name)
    shutil.copy2(ROOT / "config/launcher/python.sh", folder / "config/launcher/python.sh")
    return folder


def fake_python(folder: Path, body: str, name: str = "python3") -> Path:
    programs = folder / "bin"
    programs.mkdir(exist_ok=True)
    path = programs / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def run(folder: Path, script: str = "./run.sh", **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [script], cwd=folder, capture_output=True, text=True, timeout=60, check=False, env=env
    )


@pytest.mark.parametrize("script", ["./run.sh", "./test.sh"])
def test_a_python_that_is_too_old_is_named(copy: Path, script: str) -> None:
    fake_python(copy, 'case "$1" in --version) echo Python 3.9.2;; *) exit 1;; esac')

    done = run(copy, script, PATH=f"{copy}/bin:{basics(copy)}")

    assert done.returncode == 1
    assert done.stderr.strip() == (
        "Betony needs Python 3.11 or newer, and Python 3.9.2 is all there is; "
        "name another with PYTHON=..."
    )


def test_no_python_at_all_is_said(copy: Path) -> None:
    done = run(copy, PATH=basics(copy))

    assert done.returncode == 1
    assert done.stderr.strip() == (
        "Betony needs Python 3.11 or newer, and there is no python3 on this machine."
    )


def test_a_chosen_python_that_is_too_old_names_the_variable(copy: Path) -> None:
    old = fake_python(copy, "exit 1", "python3.8")

    done = run(copy, PATH=basics(copy), PYTHON=str(old))

    assert done.stderr.strip() == f"PYTHON is set to {old}, which is older than Python 3.11."


def test_a_missing_venv_module_is_said(copy: Path) -> None:
    fake_python(copy, 'case "$2" in *venv*) exit 1;; *) exit 0;; esac')

    done = run(copy, PATH=f"{copy}/bin:{basics(copy)}")

    assert done.returncode == 1
    assert done.stderr.startswith("The Python module venv is missing")


def test_a_broken_env_file_names_the_line() -> None:
    done = subprocess.run(
        [shutil.which("python") or "python3", "-c", READ_BROKEN],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "line 2: expected NAME=value" in done.stderr
    assert "Traceback" not in done.stderr


READ_BROKEN = """
import tempfile, pathlib
from config import env
file = pathlib.Path(tempfile.mkdtemp()) / ".env"
file.write_text("DB_NAME=x\\nwhat is this\\n")
env.load((file,))
"""


def basics(copy: Path) -> str:
    """A path with the shell's tools and no Python."""
    tools = copy / "tools"
    tools.mkdir(exist_ok=True)
    for name in ("bash", "sh", "env", "dirname", "cksum", "tr", "grep", "rm", "id"):
        if (found := shutil.which(name)) and not (tools / name).exists():
            os.symlink(found, tools / name)
    return str(tools)
