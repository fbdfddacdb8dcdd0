"""`./run.sh`: the whole product on one machine."""

import hashlib
import os
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from config.env import ROOT, clinic_var, settings_module
from config.healthcheck import answers
from config.launcher import children, programs, stopping
from config.launcher.address import Address, read_address
from config.launcher.services import data_folder, given_variables, services, without_owner
from config.launcher.supervisor import Supervisor
from config.launcher.valkey import free_port

ACCOUNTS = ("patient@example.com", "doctor@example.com", "desk@example.com", "admin@example.com")


def run() -> int:
    """Start everything, keep it running, and stop it all on Ctrl-C."""
    given = given_variables()
    address = read_address(given)
    var = clinic_var()
    stopping.listen()
    try:
        with data_folder(var):
            extra, mail_port = _addresses(given, address)
            with services(var, extra=extra) as found:
                env = {**os.environ, **found, "PYTHONUNBUFFERED": "1"}
                return _run_programs(env, var, address, mail_port)
    except stopping.Stopping:
        return 0


def _addresses(given: Mapping[str, str], address: Address) -> tuple[dict[str, str], int | None]:
    """Return what the programs are told, and the port of the mail sink if one is needed."""
    extra = {"DJANGO_SETTINGS_MODULE": settings_module()}
    extra["SITE_URL"] = given.get("SITE_URL") or address.url
    if given.get("EMAIL_URL"):
        return extra, None
    port = free_port()
    extra["EMAIL_URL"] = f"smtp://127.0.0.1:{port}"
    return extra, port


def _run_programs(
    env: Mapping[str, str], var: Path, address: Address, mail_port: int | None
) -> int:
    beat_folder = var / "beat"
    beat_folder.mkdir(exist_ok=True)
    serving = without_owner(env)
    wanted = [
        programs.web(serving, host=address.host, port=address.port),
        programs.worker(serving),
        programs.beat(serving, schedule=beat_folder / "schedule"),
    ]
    if mail_port is not None:
        wanted.append(programs.mail_sink(serving, port=mail_port, folder=var / "mail"))
    if not _prepare(env, var):
        return 1
    ready = threading.Event()
    waits_for = (address, env["SITE_URL"], ready)
    threading.Thread(target=_wait_until_ready, args=waits_for, daemon=True).start()
    told = False

    def tell_once() -> None:
        nonlocal told
        if ready.is_set() and not told:
            told = True
            sys.stdout.write(_greeting(env, address, mail_port is not None))
            sys.stdout.flush()

    return Supervisor(on_tick=tell_once).run(wanted)


def _prepare(env: Mapping[str, str], var: Path) -> bool:
    """Bring the database up to date; False when that failed.

    When nothing changed since the last start, it is only checked, beside the programs that start.
    """
    stamp = var / "prepared"
    wanted = _fingerprint(env)
    command = [sys.executable, "-m", "config.launcher.prepare"]
    # Ending a migration half way because it takes long would help nobody.
    patient_env = {**env, "DB_STATEMENT_TIMEOUT_SECONDS": "0"}
    if stamp.exists() and stamp.read_text() == wanted and (var / "postgres").exists():
        process = children.start([*command, "--beside"], env=patient_env)
        threading.Thread(target=process.wait, daemon=True).start()
        return True
    process = children.start(command, env=patient_env)
    try:
        if stopping.wait_for(process):
            return False
    except stopping.Stopping:
        children.stop(process)
        raise
    stamp.write_text(wanted)
    return True


def _fingerprint(env: Mapping[str, str]) -> str:
    """Name the state that `prepare` left: which migrations, in which database, for whom."""
    about = ("DB_HOST", "DB_NAME", "DB_USER", "FIELD_ENCRYPTION_KEY")
    place = " ".join([str(ROOT), *(env.get(name, "") for name in about)])
    digest = hashlib.sha256(place.encode())
    for path in sorted(ROOT.glob("*/**/migrations/*.py")):
        if ".venv" not in path.parts:
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _wait_until_ready(address: Address, site_url: str, ready: threading.Event) -> None:
    while not answers(f"{address.url}/readyz", site_url=site_url):
        time.sleep(0.1)
    ready.set()


def _greeting(env: Mapping[str, str], address: Address, keeps_mail: bool) -> str:
    lines = ["", f"  Betony is ready: {address.url}", ""]
    if env["DJANGO_SETTINGS_MODULE"] == "config.settings.local":
        from config.settings.demo import DEMO_PASSWORD

        lines.append(f"  Sign in with the password {DEMO_PASSWORD} as")
        lines += [f"    {account}" for account in ACCOUNTS]
        if keeps_mail:
            lines.append(
                f"  Outgoing mail: {address.url}/mail/  (files in {env['CLINIC_VAR']}/mail)"
            )
    lines += ["  Stop with Ctrl-C; the data stays.", "", ""]
    return "\n".join(lines)
