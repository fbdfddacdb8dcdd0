"""The local SMTP server of run.sh: keeps every mail as an .eml file and sends nothing on.

`python -m config.mailsink --port PORT --folder FOLDER`
"""

import argparse
import asyncio
import datetime as dt
import secrets
import signal
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

LARGEST_MAIL = 10 * 1024 * 1024


class Keeper:
    """Writes what arrives into `folder`, named so that names sort by time of arrival."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        arrived = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S.%f")
        path = self.folder / f"{arrived}-{secrets.token_hex(4)}.eml"
        # Renamed when whole, so that nobody who lists the folder reads half a mail.
        partial = path.with_suffix(".part")
        partial.write_bytes(_content(envelope))
        partial.replace(path)
        return "250 kept"


def _content(envelope: Envelope) -> bytes:
    content = envelope.content or b""
    return content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape")


async def listen(*, host: str, port: int, folder: Path) -> asyncio.Server:
    """Take mail into `folder` until the server is closed."""
    loop = asyncio.get_running_loop()
    keeper = Keeper(folder)

    def protocol() -> SMTP:
        return SMTP(keeper, hostname="betony.local", data_size_limit=LARGEST_MAIL, loop=loop)

    return await loop.create_server(protocol, host, port)


async def serve(*, host: str, port: int, folder: Path) -> None:
    """Take mail until SIGTERM or SIGINT."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    server = await listen(host=host, port=port, folder=folder)
    await stopped.wait()
    server.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="config.mailsink", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    arguments = parser.parse_args()
    asyncio.run(serve(host=arguments.host, port=arguments.port, folder=arguments.folder))


if __name__ == "__main__":
    main()
