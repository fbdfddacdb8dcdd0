"""One include per domain."""

from importlib.util import find_spec

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from config import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
for _module in (
    "clinic.portal.urls",
    "clinic.people.urls",
    "clinic.scheduling.urls",
    "reminders.urls",
    "realtime.urls",
):
    if find_spec(_module):
        urlpatterns.append(path("", include(_module)))

urlpatterns.append(path("accounts/", include("allauth.urls")))

if settings.DEBUG and find_spec("config.mailpage"):
    urlpatterns.append(path("mail/", include("config.mailpage.urls")))
