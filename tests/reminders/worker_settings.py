"""What a real Celery worker of a test runs with: the test's database and mail sink."""

import datetime as dt
import os

from config.settings.test import *  # noqa: F403

DATABASES["default"]["NAME"] = os.environ["WORKER_DB_NAME"]  # noqa: F405
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = "127.0.0.1"
EMAIL_PORT = int(os.environ["WORKER_EMAIL_PORT"])
EMAIL_TIMEOUT = 10
# The messages of the test are due at whatever time it runs.
REMINDERS = REMINDERS | {"QUIET_HOURS": (dt.time(0), dt.time(0))}  # noqa: F405
