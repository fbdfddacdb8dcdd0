"""Behind the TLS proxy. Refuses to start with demo secrets, DEBUG on or plain HTTP."""

from urllib.parse import urlsplit

from config.refusals import refuse_unsafe
from config.settings.base import *

refuse_unsafe(env)

DEBUG = False
ALLOWED_HOSTS = env.allowed_hosts or [str(urlsplit(SITE_URL).hostname)]

# The proxy overwrites this header (config/proxy/nginx.conf), so it cannot be forged from outside.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
# Asked for inside the machine, over plain HTTP, by the container's health check.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 2 * 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
CONTENT_SECURITY_POLICY["DIRECTIVES"]["upgrade-insecure-requests"] = True

SESSION_COOKIE_NAME = "__Host-sid"
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
CSRF_COOKIE_SECURE = True
LANGUAGE_COOKIE_NAME = "__Host-language"
LANGUAGE_COOKIE_SECURE = True

REQUIRE_APPLICATION_ROLE = True

ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https"

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "clinic.lib.staticfiles.ContentNamedStorage"},
}
