"""What the tests run with: their own database and Valkey, no file of the developer's read."""

import os

from config import env as environment

os.environ.setdefault("SECRET_KEY", "test-only-secret-key-test-only-secret-key-test-only-00")
# SHA-256 of "betony tests": only ever seals what the tests make up.
os.environ.setdefault("FIELD_ENCRYPTION_KEY", "Nm112vOWWFhlU_u3aHtN7yi9uMcVc-Wa-PCiPVkKQfQ=")
os.environ["DEBUG"] = "false"
os.environ["SITE_URL"] = "http://testserver"
os.environ["EMAIL_URL"] = "dummy://"
environment.default_files = tuple
# Test databases are made, migrated and emptied; what the application may do is tested by SET ROLE.
environment.use_owner()

from config.settings.base import *  # noqa: E402
from config.settings.demo import *  # noqa: E402

ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
DATABASES["default"]["TEST"] = {"NAME": os.environ.get("TEST_DB_NAME", "test_betony")}

# Several test processes share one Valkey: each has its own keys.
_own = ":".join(
    (DATABASES["default"]["TEST"]["NAME"], os.environ.get("PYTEST_XDIST_WORKER", "main"))
)
CACHES["default"]["KEY_PREFIX"] = f"{_own}:cache"
CHANNEL_LAYERS["default"]["CONFIG"]["prefix"] = f"{_own}:bus"
CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"] = f"{_own}:queue:"
CELERY_TASK_ALWAYS_EAGER = False

EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# The parameters of production cost 50 ms a sign-in; these keep the format.
PASSWORD_HASHERS = ["clinic.people.hashers.QuickArgon2Hasher"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
