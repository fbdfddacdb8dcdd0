"""Where this copy answers: HOST and PORT, checked before anything is started."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass

from config.env import Misconfigured


@dataclass(frozen=True)
class Address:
    host: str
    port: int

    @property
    def url(self) -> str:
        """The address to open in a browser on this machine."""
        shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)
        if ":" in shown and not shown.startswith("["):
            shown = f"[{shown}]"
        return f"http://{shown}:{self.port}"


def read_address(given: Mapping[str, str]) -> Address:
    """Return the address of HOST and PORT; stop when it cannot be used."""
    host = given.get("HOST") or "127.0.0.1"
    text = given.get("PORT") or "8000"
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise Misconfigured("PORT must be a whole number between 1 and 65535.")
    address = Address(host, int(text))
    _check_free(address)
    return address


def _check_free(address: Address) -> None:
    try:
        found = socket.getaddrinfo(
            address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except OSError:
        raise Misconfigured(f"HOST {address.host} is not an address of this machine.") from None
    family, kind, protocol, _, where = found[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(where)
            # Binding alone passes beside a listener that set SO_REUSEADDR on some systems.
            probe.listen(1)
        except PermissionError:
            raise Misconfigured(
                f"PORT {address.port} needs rights this user has not: choose one above 1023."
            ) from None
        except OSError:
            raise Misconfigured(
                f"PORT {address.port} on {address.host} is taken or cannot be used: "
                f"choose another, for example PORT={min(address.port + 1, 65535)} ./run.sh"
            ) from None
