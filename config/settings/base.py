"""Settings common to every place. Values come from `config.env`."""

import datetime as dt
from typing import Any

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from config import env as environment
from config import logs
from config.mail_url import mail_settings

env = environment.load()
BASE_DIR = environment.ROOT

# --- The clinic -------------------------------------------------------------------------------

CLINIC_NAME = env.clinic_name
CLINIC_PHONE = env.clinic_phone
SITE_URL = env.site_url
CLINIC_VAR = env.clinic_var
# Uploaded documents, sealed (clinic.crypto.storage). Back it up together with the database.
FILE_STORE = CLINIC_VAR / "files"

SCHEDULING = {
    "HOLD": dt.timedelta(minutes=5),
    "HOLD_EXTENSION": dt.timedelta(minutes=5),
    "OPEN_APPOINTMENTS_PER_PATIENT": 10,
    "BUFFERS_MAY_OVERLAP": True,
}

REMINDERS = {
    # Minutes before the visit; a visit type may have its own.
    "STEPS_MINUTES": (7 * 24 * 60, 24 * 60, 2 * 60),
    # Wall times of the site in which nobody is reminded.
    "QUIET_HOURS": (dt.time(21, 0), dt.time(8, 0)),
    # Every ten seconds at most so many messages, so many of them to one person.
    "CAP_PER_RUN": 2000,
    "CAP_PER_RECIPIENT": 3,
    # What one task sends over one connection to the mail server.
    "BATCH": 50,
}

RECORDS: dict[str, dt.timedelta] = {
    # A doctor may open the record of those seen in the last year or coming within two weeks.
    "CARE_BEFORE": dt.timedelta(days=365),
    "CARE_AHEAD": dt.timedelta(days=14),
    # Break-the-glass closes by itself.
    "EMERGENCY_ACCESS": dt.timedelta(hours=4),
    # For so long after an erasure a backup may still hold the destroyed key.
    "BACKUPS_KEPT": dt.timedelta(days=35),
}
RECORD_LIMITS: dict[str, int] = {
    # From this age on a young person decides what a parent still sees.
    "PROXY_NARROWS_AT_AGE": 14,
    # One document, and one patient's documents together.
    "DOCUMENT_BYTES": 20 * 1024 * 1024,
    "DOCUMENT_PAGES": 200,
    "DOCUMENTS_BYTES": 500 * 1024 * 1024,
    # One request: as much as nginx lets through.
    "UPLOAD_BYTES": 25 * 1024 * 1024,
    # The process that parses a file: its pictures, its time, its memory.
    "IMAGE_PIXELS": 50_000_000,
    "CHECK_SECONDS": 20,
    "CHECK_BYTES": 1024 * 1024 * 1024,
    # Kept for so many years after the last entry before it may be erased (many places: ten).
    "RETENTION_YEARS": 10,
}

# A virus scanner: tcp://host:3310 or unix:///run/clamav/clamd.ctl. Empty: nothing is scanned.
CLAMD_URL = env.clamd_url

# How often the end of the audit chain is noted outside the database; who gets it by mail daily.
AUDIT_ANCHOR_INTERVAL = dt.timedelta(minutes=env.audit_anchor_minutes)
AUDIT_ANCHOR_EMAIL = env.audit_anchor_email

# --- Core -------------------------------------------------------------------------------------

DEBUG = env.debug
LOAD_DEMO = env.debug and env.demo
SECRET_KEY = env.secret_key.get_secret_value()
SECRET_KEY_FALLBACKS = [key.get_secret_value() for key in env.secret_key_fallbacks]
FIELD_ENCRYPTION_KEY = env.field_encryption_key.get_secret_value()
ALLOWED_HOSTS = env.allowed_hosts

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "channels",
    "allauth",
    "allauth.account",
    "clinic.crypto",
    "clinic.audit",
    "clinic.terminology",
    "clinic.people",
    "clinic.scheduling",
    "clinic.records",
    "clinic.fhir",
    "clinic.portal",
    "clinic.lib",
    "realtime",
    "reminders",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "clinic.audit.context.RequestIdMiddleware",
    "config.headers.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    # Takes the place of LoginRequiredMiddleware: it knows roles and refuses undeclared views.
    "clinic.people.middleware.AccessMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "config.context.clinic",
                "clinic.lib.context.ui",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]

# --- Database ---------------------------------------------------------------------------------

# A pool instead of CONN_MAX_AGE: under ASGI every request may run in another thread, and opening a
# connection per request cost 25 s for 2,000 sockets where the pool took 3 to 4 s.
_database_user, _database_password = environment.database_login(env)
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": env.db_name,
        "USER": _database_user,
        "PASSWORD": _database_password,
        "HOST": env.db_host,
        "PORT": env.db_port,
        "CONN_MAX_AGE": 0,
        "OPTIONS": {
            "pool": {"min_size": 1, "max_size": env.db_pool_size, "timeout": 10},
            "options": (
                f"-c statement_timeout={env.db_statement_timeout_seconds}s"
                " -c idle_in_transaction_session_timeout=60s"
            ),
        },
    }
}

# The role of the server and the worker. It gets its rights after every `migrate`.
APPLICATION_ROLE = env.db_user
# Whether a server that may change the audit trail counts as not ready.
REQUIRE_APPLICATION_ROLE = False

# The rest of the pool is for drawing what is pushed.
REQUESTS_AT_ONCE = max(1, env.db_pool_size * 2 // 3)

# --- Valkey: cache, bus, queue. Only what may be lost lives there -----------------------------

REDIS_URL = env.redis_url.get_secret_value()
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "betony:cache",
        "TIMEOUT": 300,
    }
}
CHANNEL_LAYERS: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "realtime.layer.LiveChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": "betony:bus"},
    }
}

CELERY_BROKER_URL = REDIS_URL
CELERY_RESULT_BACKEND = None
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # A message whose worker died is handed out again after this; the longest task is far shorter.
    "visibility_timeout": 300,
    "global_keyprefix": "betony:queue:",
}
CELERY_TIMEZONE = "UTC"

# --- Accounts ---------------------------------------------------------------------------------

from config.settings.accounts import *  # noqa: E402

ALLAUTH_TRUSTED_PROXY_COUNT = env.trusted_proxy_count

# --- Sessions and cookies ---------------------------------------------------------------------

# In the database: ending a session is deleting one row, nothing of it is copied to the cache, and
# allauth keeps secrets in the session, which rules out signed cookies.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "sid"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- Headers and limits -----------------------------------------------------------------------

CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 5
# Files stay in memory, and only views that say so receive any: nothing of them reaches a disk.
FILE_UPLOAD_HANDLERS = ["clinic.lib.uploads.MemoryOnlyHandler"]

# --- Languages and time -----------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", _("English")), ("de", _("German")), ("es", _("Spanish"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- Static files -----------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = CLINIC_VAR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
# The first one hands out css/app.css with its parts in place: one request instead of fifty.
STATICFILES_FINDERS = [
    "clinic.lib.stylesheets.StylesheetFinder",
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]

# --- Mail -------------------------------------------------------------------------------------

globals().update(mail_settings(env.email_url.get_secret_value()))
DEFAULT_FROM_EMAIL = env.email_from
SERVER_EMAIL = env.email_from
EMAIL_SUBJECT_PREFIX = ""

# --- Logging ----------------------------------------------------------------------------------

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "filters": {
        "worth_a_line": {
            "()": "django.utils.log.CallbackFilter",
            "callback": logs.is_worth_a_line,
        }
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["worth_a_line"],
        }
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "level": "INFO", "propagate": True},
        # One line per request would bury what matters; the proxy keeps the access log.
        "daphne": {"level": "WARNING"},
        "django.channels.server": {"level": "WARNING"},
        # A stranger's Host header is refused with 400; a traceback of it would fill the log.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "celery": {"level": "WARNING"},
        "kombu": {"level": "WARNING"},
    },
}
