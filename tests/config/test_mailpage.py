"""The kept mail can be read on a development copy, and nowhere else."""

from email.message import EmailMessage
from pathlib import Path

import pytest
from django.test import Client
from django.urls import NoReverseMatch, include, path, reverse
from pytest_django.fixtures import Settings

NAME = "20261123T140501.000001-0a1b2c3d"

urlpatterns = [path("mail/", include("config.mailpage.urls"))]


@pytest.fixture
def kept_mail(settings: Settings, tmp_path: Path) -> Path:
    settings.DEBUG = True
    settings.CLINIC_VAR = tmp_path
    message = EmailMessage()
    message["From"], message["To"] = "clinic@betony.example", "amara@example.com"
    message["Subject"] = "Your visit <tomorrow>"
    message.set_content("See you at https://portal.betony.test/v/abc/")
    message.add_alternative('<p style="color:red">See you</p><script>x()</script>', subtype="html")
    message.add_attachment(b"BEGIN:VCALENDAR", "text", "calendar", filename="visit.ics")
    folder = tmp_path / "mail"
    folder.mkdir()
    (folder / f"{NAME}.eml").write_bytes(bytes(message))
    return folder


@pytest.mark.urls(__name__)
def test_mail_list_shows_the_newest_first(client: Client, kept_mail: Path) -> None:
    newer = NAME.replace("140501", "150000")
    (kept_mail / f"{newer}.eml").write_bytes((kept_mail / f"{NAME}.eml").read_bytes())

    page = client.get("/mail/").content.decode()

    assert page.index(newer) < page.index(NAME)
    assert "Your visit &lt;tomorrow&gt;" in page


@pytest.mark.urls(__name__)
def test_mail_detail_shows_text_and_files(client: Client, kept_mail: Path) -> None:
    page = client.get(f"/mail/{NAME}/").content.decode()

    assert 'href="https://portal.betony.test/v/abc/"' in page
    assert "visit.ics" in page
    assert "<script>" not in page


@pytest.mark.urls(__name__)
def test_mail_html_cannot_run_anything(client: Client, kept_mail: Path) -> None:
    response = client.get(f"/mail/{NAME}/html")

    policy = response.headers["Content-Security-Policy"]
    assert "sandbox allow-popups allow-popups-to-escape-sandbox" in policy
    assert "allow-scripts" not in policy
    assert "frame-ancestors 'self'" in policy
    assert "<p style" in response.content.decode()


@pytest.mark.urls(__name__)
def test_mail_attachment_is_handed_out_as_a_file(client: Client, kept_mail: Path) -> None:
    response = client.get(f"/mail/{NAME}/files/0")

    assert response.content == b"BEGIN:VCALENDAR"
    assert response.headers["Content-Disposition"] == 'attachment; filename="visit.ics"'


@pytest.mark.urls(__name__)
def test_mail_source_is_plain_text(client: Client, kept_mail: Path) -> None:
    response = client.get(f"/mail/{NAME}/source")

    assert response.headers["Content-Type"].startswith("text/plain")


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(
    "rest",
    ["20261123T140501.000001-ffffffff/", "..%2Fsecrets/", f"{NAME}/files/9", "x/html", "x/source"],
)
def test_other_names_are_not_found(client: Client, kept_mail: Path, rest: str) -> None:
    assert client.get(f"/mail/{rest}").status_code == 404


@pytest.mark.urls(__name__)
def test_without_debug_the_page_does_not_exist(
    client: Client, kept_mail: Path, settings: Settings
) -> None:
    settings.DEBUG = False

    assert client.get("/mail/").status_code == 404
    assert client.get(f"/mail/{NAME}/").status_code == 404


def test_without_debug_the_page_is_not_routed() -> None:
    with pytest.raises(NoReverseMatch):
        reverse("mailpage:mail_list")
