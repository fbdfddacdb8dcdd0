"""Shows the kept mail to whoever develops or tries the product on this machine."""

from pathlib import Path

from csp.decorators import csp_replace, csp_update
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from clinic.people.permissions import PUBLIC, access
from config.mailpage import store

# A mail brings its own inline styles and nothing that runs. Links leave into a new tab.
MAIL_POLICY = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["data:"],
    "frame-ancestors": ["'self'"],
    "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
}


def folder() -> Path:
    """Return where the mail is; 404 unless DEBUG is on, even if this were routed by mistake."""
    if not settings.DEBUG:
        raise Http404
    return Path(settings.CLINIC_VAR) / "mail"


@access(PUBLIC)
@require_GET
def mail_list(request: HttpRequest) -> HttpResponse:
    return render(request, "mailpage/list.html", {"mails": store.recent(folder())})


@access(PUBLIC)
@require_GET
@csp_update({"frame-src": ["'self'"]})  # type: ignore[arg-type]  # it types views without URL arguments
def mail_detail(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, "mailpage/detail.html", {"mail": _mail(name)})


@access(PUBLIC)
@require_GET
@csp_replace(MAIL_POLICY)  # type: ignore[arg-type]
def mail_html(request: HttpRequest, name: str) -> HttpResponse:
    """The HTML part alone, for the frame; its links open in a new tab."""
    response = HttpResponse(f'<base target="_blank">{_mail(name).html}')
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


@access(PUBLIC)
@require_GET
def mail_source(request: HttpRequest, name: str) -> HttpResponse:
    raw = store.source(folder(), name)
    if raw is None:
        raise Http404
    return HttpResponse(raw, content_type="text/plain; charset=utf-8")


@access(PUBLIC)
@require_GET
def mail_attachment(request: HttpRequest, name: str, index: int) -> HttpResponse:
    found = store.attachment(folder(), name, index)
    if found is None:
        raise Http404
    described, content = found
    response = HttpResponse(content, content_type=described.content_type)
    plain_name = "".join(c for c in described.name if c.isalnum() or c in "-_. ")
    response.headers["Content-Disposition"] = f'attachment; filename="{plain_name}"'
    return response


def _mail(name: str) -> store.Mail:
    mail = store.find(folder(), name)
    if mail is None:
        raise Http404
    return mail
