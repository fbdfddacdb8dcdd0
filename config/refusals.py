"""What production refuses to start with. Each refusal is one sentence that names the variable."""

import base64
import binascii
import hashlib
from urllib.parse import urlsplit

from config.env import Environment, Misconfigured

# Words that stand in examples, tests and tutorials; a real random secret does not contain them.
DEMO_WORDS = (
    "change-me",
    "changeme",
    "demo",
    "example",
    "test-only",
    "insecure",
    "secret",
    "password",
)
DEMO_DATABASE_PASSWORDS = {"betony", "postgres", "admin"}
# The key of the settings for tests; it stands in the repository.
TEST_KEY = hashlib.sha256(b"betony tests").digest()


def refuse_unsafe(env: Environment) -> None:
    """Stop unless the environment is fit for patients' data."""
    reasons = [*_debug(env), *_secrets(env), *_transport(env)]
    if reasons:
        raise Misconfigured("\n".join(reasons))


def _debug(env: Environment) -> list[str]:
    return ["DEBUG must be false in production."] if env.debug else []


def _secrets(env: Environment) -> list[str]:
    reasons = []
    key = env.secret_key.get_secret_value()
    if len(key) < 50 or len(set(key)) < 12 or _is_demo(key):
        reasons.append("SECRET_KEY must be random and at least 50 characters long in production.")
    if any(_is_weak_field_key(item) for item in _field_keys(env)):
        reasons.append(
            "FIELD_ENCRYPTION_KEY must be 32 random bytes in base64, no example, in production."
        )
    logins = {"DB_PASSWORD": env.db_password}
    if env.db_owner_user:
        logins["DB_OWNER_PASSWORD"] = env.db_owner_password
    over_network = env.db_host and not env.db_host.startswith("/")
    for name, secret in logins.items():
        if over_network and _is_weak_password(secret.get_secret_value()):
            reasons.append(f"{name} must be set and must not be an example in production.")
    return reasons


def _transport(env: Environment) -> list[str]:
    reasons = []
    if urlsplit(env.site_url).scheme != "https":
        reasons.append("SITE_URL must start with https:// in production.")
    if "*" in env.allowed_hosts:
        reasons.append("ALLOWED_HOSTS must name the host, not *, in production.")
    if urlsplit(env.email_url.get_secret_value()).scheme not in {"smtp", "smtps"}:
        reasons.append("EMAIL_URL must be smtp:// or smtps:// in production.")
    return reasons


def _is_weak_password(password: str) -> bool:
    return not password or password.lower() in DEMO_DATABASE_PASSWORDS or _is_demo(password)


def _is_demo(value: str) -> bool:
    return any(word in value.lower() for word in DEMO_WORDS)


def _field_keys(env: Environment) -> list[str]:
    return env.field_encryption_key.get_secret_value().split(",")


def _is_weak_field_key(text: str) -> bool:
    try:
        key = base64.b64decode(text.strip().replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        return True
    return len(key) != 32 or len(set(key)) < 8 or key in (TEST_KEY, bytes(range(32)))
