"""HOST and PORT are checked before anything is started."""

import socket
from collections.abc import Iterator

import pytest

from config.env import Misconfigured
from config.launcher.address import Address, read_address
from config.launcher.valkey import free_port


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_taken_port_says_how_to_choose_another(taken_port: int) -> None:
    with pytest.raises(Misconfigured) as stopped:
        read_address({"PORT": str(taken_port)})

    assert str(stopped.value).startswith(f"PORT {taken_port} on 127.0.0.1 is taken")
    assert f"PORT={taken_port + 1} ./run.sh" in str(stopped.value)


@pytest.mark.parametrize("text", ["http", "0", "65536", "-1", "80 80"])
def test_a_port_that_is_no_port_names_the_variable(text: str) -> None:
    with pytest.raises(Misconfigured, match="^PORT must be a whole number"):
        read_address({"PORT": text})


def test_a_host_that_is_not_here_names_the_variable() -> None:
    with pytest.raises(Misconfigured, match="^HOST .* is not an address of this machine"):
        read_address({"HOST": "no such host", "PORT": str(free_port())})


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
        ("::1", "http://[::1]:8000"),
    ],
)
def test_the_printed_address_opens_in_a_browser(host: str, url: str) -> None:
    assert Address(host, 8000).url == url
