"""One include per domain."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from config import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", include("clinic.portal.urls")),
    path("", include("clinic.people.urls")),
    path("", include("clinic.scheduling.urls")),
    path("", include("clinic.records.urls")),
    path("", include("clinic.fhir.urls")),
    path("codes/", include("clinic.portal.code_urls")),
    path("", include("reminders.urls")),
    path("", include("realtime.urls")),
    path("accounts/", include("allauth.urls")),
]

if settings.DEBUG:
    urlpatterns.append(path("mail/", include("config.mailpage.urls")))
