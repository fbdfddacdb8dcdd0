"""The local SMTP server keeps what it is given."""

import asyncio
import smtplib
from email.message import EmailMessage
from pathlib import Path

from config.mailpage import store
from config.mailsink import listen


async def test_the_sink_keeps_whole_mails_in_order(tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    server = await listen(host="127.0.0.1", port=0, folder=folder)
    port = server.sockets[0].getsockname()[1]

    await asyncio.to_thread(send_two, port)
    server.close()

    assert [mail.subject for mail in store.recent(folder)] == ["second", "first"]
    assert list(folder.glob("*.part")) == []
    assert folder.stat().st_mode & 0o077 == 0


def send_two(port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as client:
        for subject in ("first", "second"):
            message = EmailMessage()
            message["Subject"], message["From"], message["To"] = subject, "a@x.test", "b@x.test"
            message.set_content("Grüße")
            client.send_message(message)
