"""What every page may name: the clinic."""

from django.conf import settings
from django.http import HttpRequest


def clinic(request: HttpRequest) -> dict[str, object]:
    """Return the clinic's name and telephone number, and whether this is a development copy."""
    return {
        "clinic_name": settings.CLINIC_NAME,
        "clinic_phone": settings.CLINIC_PHONE,
        "mail_page": settings.DEBUG,
    }
