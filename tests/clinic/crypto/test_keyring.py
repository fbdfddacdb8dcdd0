"""FIELD_ENCRYPTION_KEY: what is accepted, what is refused, and what a new first key changes."""

from __future__ import annotations

import base64
import secrets

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django.fixtures import Settings as SettingsWrapper

from clinic.crypto.apps import check_keyring
from clinic.crypto.errors import OpenRefused, WrongKey
from clinic.crypto.keyring import key_id, keyring, parse

LABEL = b"data key|patient|1"


def written(key: bytes) -> str:
    return base64.urlsafe_b64encode(key).decode()


def test_parse_accepts_url_safe_standard_and_unpadded_base64() -> None:
    key = secrets.token_bytes(32)
    standard = base64.b64encode(key).decode()

    rings = [parse(written(key)), parse(standard), parse(f" {standard.rstrip('=')} ")]

    assert {ring.key_ids for ring in rings} == {(key_id(key).hex(),)}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "empty"),
        ("  ", "empty"),
        (",", "Entry 1 of 2 .* is empty"),
        (f"{written(secrets.token_bytes(32))},", "Entry 2 of 2 .* is empty"),
        ("not base64!", "Entry 1 of 1 .* not base64"),
        ("é" * 43, "not base64"),
        ("abcde", "not base64"),
        (written(secrets.token_bytes(16)), "holds 16 bytes"),
        (written(secrets.token_bytes(33)), "holds 33 bytes"),
        (written(bytes(32)), "not random"),
        (written(bytes(range(32))), "not random"),
        (written(b"\x00\xff" * 16), "not random"),
        (written(b"correct horse battery staple 123"), "not random"),
    ],
)
def test_parse_names_the_entry_it_refuses(text: str, complaint: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=complaint):
        parse(text)


def test_parse_refuses_the_same_key_twice() -> None:
    key = written(secrets.token_bytes(32))

    with pytest.raises(ImproperlyConfigured, match="Entry 2 .* repeats"):
        parse(f"{key},{key.rstrip('=')}")


def test_parse_accepts_a_thousand_random_keys() -> None:
    for _ in range(1_000):
        parse.__wrapped__(written(secrets.token_bytes(32)))


def test_refusals_and_repr_never_show_the_key() -> None:
    key = written(secrets.token_bytes(32))

    with pytest.raises(ImproperlyConfigured) as refusal:
        parse(f"{key},{key}")

    assert key not in str(refusal.value)
    assert key not in repr(parse(key))


def test_new_first_key_wraps_and_old_one_still_unwraps() -> None:
    old, new = written(secrets.token_bytes(32)), written(secrets.token_bytes(32))
    before = parse(old).wrap(b"k" * 32, label=LABEL)
    both = parse(f"{new},{old}")
    after = both.wrap(b"k" * 32, label=LABEL)

    assert both.unwrap(before, label=LABEL) == b"k" * 32
    assert parse(new).unwrap(after, label=LABEL) == b"k" * 32
    with pytest.raises(WrongKey, match="Was the variable changed"):
        parse(old).unwrap(after, label=LABEL)


def test_wrapped_key_opens_under_its_own_label_only() -> None:
    ring = keyring()
    wrapped = ring.wrap(b"k" * 32, label=LABEL)

    with pytest.raises(OpenRefused, match="altered or moved"):
        ring.unwrap(wrapped, label=b"data key|patient|2")


@pytest.mark.parametrize("wrapped", [b"", b"\x01", b"\x02" + bytes(64), b"\x01" + bytes(16)])
def test_unknown_wrapping_is_refused(wrapped: bytes) -> None:
    with pytest.raises(OpenRefused, match="not in a known format"):
        keyring().unwrap(wrapped, label=LABEL)


def test_each_use_and_each_key_derive_their_own_secret() -> None:
    old, new = written(secrets.token_bytes(32)), written(secrets.token_bytes(32))
    both = parse(f"{new},{old}")

    derived = {both.derive("wrap"), both.derive("session"), parse(old).derive("session")}

    assert len(derived) == 3
    assert both.derive_all("session") == (both.derive("session"), parse(old).derive("session"))
    assert len(both.derive("session", length=16)) == 16


def test_system_check_tells_what_is_wrong(settings: SettingsWrapper) -> None:
    assert check_keyring() == []

    settings.FIELD_ENCRYPTION_KEY = "changeme"

    [message] = check_keyring()
    assert message.id == "crypto.E003"
    assert "holds 6 bytes" in message.msg
