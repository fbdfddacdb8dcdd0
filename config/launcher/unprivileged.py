"""PostgreSQL refuses to run as root, so root lends it a system account.

A plain user needs none of this. The account gets only what it lacks: to pass through the folders
above its programs and data (search permission by ACL, not by opening them to everyone).
"""

import os
import pwd
import shutil
import stat
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ACCOUNT = "betony-postgres"
ACL_XATTR = "system.posix_acl_access"
# linux/posix_acl_xattr.h: version 2, then (tag, permissions, id) entries in this order.
USER_OBJ, USER, GROUP_OBJ, MASK, OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
NO_ID = 0xFFFFFFFF
SEARCH = 0o1


@dataclass(frozen=True)
class Account:
    """Whom to run as; no numbers mean "as we are"."""

    uid: int | None = None
    gid: int | None = None

    def own(self, path: Path) -> None:
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def popen_options(self) -> dict[str, Any]:
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def let_reach(self, path: Path) -> None:
        """Let the account pass through every folder above `path`."""
        if self.uid is None:
            return
        for folder in path.resolve().parents:
            status = folder.stat()
            if not status.st_mode & stat.S_IXOTH and status.st_uid != self.uid:
                _grant_search(folder, status.st_mode, self.uid)


def account() -> Account:
    """Return whom PostgreSQL runs as, making a system account when we are root."""
    if os.geteuid() != 0:
        return Account()
    try:
        entry = pwd.getpwnam(ACCOUNT)
    except KeyError:
        entry = _make_account()
    return Account(entry.pw_uid, entry.pw_gid)


def _make_account() -> pwd.struct_passwd:
    if tool := shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"):
        shell = "/usr/sbin/nologin"
        command = [tool, "--system", "--user-group", "--no-create-home", "--shell", shell, ACCOUNT]
        subprocess.run(command, check=False, capture_output=True)
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        return pwd.getpwnam("nobody")


def _grant_search(folder: Path, mode: int, uid: int) -> None:
    try:
        _set_acl(folder, mode, uid)
    except (OSError, AttributeError):
        # A file system without ACLs: search for everyone; the folder's list stays closed.
        folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


def _set_acl(folder: Path, mode: int, uid: int) -> None:
    if ACL_XATTR in os.listxattr(folder):
        entries = _read_acl(folder)
    else:
        entries = {
            (USER_OBJ, NO_ID): mode >> 6 & 0o7,
            (GROUP_OBJ, NO_ID): mode >> 3 & 0o7,
            (OTHER, NO_ID): mode & 0o7,
        }
    entries[USER, uid] = SEARCH
    granted = [bits for (tag, _), bits in entries.items() if tag not in {USER_OBJ, OTHER, MASK}]
    entries[MASK, NO_ID] = entries.get((MASK, NO_ID), 0) | SEARCH
    for bits in granted:
        entries[MASK, NO_ID] |= bits
    packed = b"".join(
        struct.pack("<HHI", tag, bits, who) for (tag, who), bits in sorted(entries.items())
    )
    os.setxattr(folder, ACL_XATTR, struct.pack("<I", 2) + packed)


def _read_acl(folder: Path) -> dict[tuple[int, int], int]:
    raw = os.getxattr(folder, ACL_XATTR)[4:]
    return {(tag, who): bits for tag, bits, who in struct.iter_unpack("<HHI", raw)}
