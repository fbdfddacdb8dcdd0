"""The Celery application, its beat table and the worker's heartbeat."""

import os
import warnings

from celery import Celery
from celery.platforms import SecurityWarning
from celery.signals import worker_ready

from config.env import settings_module

os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings_module())

HEARTBEAT_KEY = "worker-heartbeat"
HEARTBEAT_SECONDS = 10

# Celery warns root because of pickled messages; only JSON is accepted here.
warnings.filterwarnings("ignore", category=SecurityWarning)

app = Celery("betony")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# Each entry expires before its successor is due, so an outage leaves no pile of stale ticks behind.
app.conf.beat_schedule = {
    "worker-heartbeat": {
        "task": "config.celery.beat_heart",
        "schedule": HEARTBEAT_SECONDS,
        "options": {"expires": HEARTBEAT_SECONDS},
    },
    "reminders-dispatch": {
        "task": "reminders.tasks.dispatch_due",
        "schedule": 10,
        "options": {"expires": 10},
    },
    "reminders-plan-doses": {
        "task": "reminders.tasks.plan_doses",
        "schedule": 1800,
        "options": {"expires": 1800},
    },
    "holds-announce-expired": {
        "task": "realtime.tasks.announce_expired_holds",
        "schedule": 5,
        "options": {"expires": 5},
    },
    "audit-seal": {
        "task": "clinic.audit.tasks.seal_events",
        "schedule": 3,
        "options": {"expires": 3},
    },
    "audit-sweep": {
        "task": "clinic.audit.tasks.sweep_events",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
    "tell-of-emergencies": {
        "task": "clinic.records.tasks.tell_of_emergencies",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "scan-waiting-documents": {
        "task": "clinic.records.tasks.scan_waiting_documents",
        "schedule": 300,
        "options": {"expires": 300},
    },
    "audit-anchor": {
        "task": "clinic.audit.tasks.anchor_chain",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "audit-verify": {
        "task": "clinic.audit.tasks.verify_trail",
        "schedule": 12 * 3600,
        "options": {"expires": 3600},
    },
}


@app.task(name="config.celery.beat_heart")
def beat_heart(**_: object) -> None:
    """Note that a worker takes tasks; /readyz asks for it."""
    from django.core.cache import cache

    cache.set(HEARTBEAT_KEY, "1", timeout=HEARTBEAT_SECONDS * 4)


@worker_ready.connect
def _note_start(**_: object) -> None:
    beat_heart()
    # The first pass now, not in three seconds: /readyz waits for it.
    app.send_task("clinic.audit.tasks.seal_events")
    # Also what an earlier copy left behind: beat counts its hour from its own start.
    app.send_task("clinic.audit.tasks.sweep_events")
