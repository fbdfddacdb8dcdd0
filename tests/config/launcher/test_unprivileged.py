"""Root lends PostgreSQL an account that may pass through folders and nothing more."""

import os
from pathlib import Path

import pytest

from config.launcher.unprivileged import ACL_XATTR, Account, account

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root lends accounts")


def test_a_plain_user_stays_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    assert account() == Account()
    assert account().popen_options() == {}


@needs_root
def test_root_never_runs_as_root() -> None:
    assert account().uid not in (None, 0)


@needs_root
def test_a_closed_folder_opens_for_the_account_alone(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    inside = closed / "data"
    inside.mkdir(parents=True)
    closed.chmod(0o700)
    lent = account()

    lent.let_reach(inside)
    lent.let_reach(inside)

    assert closed.stat().st_mode & 0o007 == 0
    assert ACL_XATTR in os.listxattr(closed)
    assert can_enter(inside, lent)
    assert not can_enter(inside, Account(65533, 65533))


def can_enter(folder: Path, who: Account) -> bool:
    pid = os.fork()
    if pid == 0:
        assert who.uid is not None and who.gid is not None
        os.setgroups([])
        os.setgid(who.gid)
        os.setuid(who.uid)
        try:
            os.stat(folder)
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
