"""The keys that seal rows: made on first use, unwrapped once, kept here for five minutes.

A key is *settled* when the transaction that inserted it is known to have committed. Only a settled
key may seal from the cache: a key read inside the transaction that made it dies with a rollback,
and what it sealed afterwards could never be read again. Opening may use either; a wrong key opens
nothing.
"""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import transaction
from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL

from clinic.crypto import news
from clinic.crypto.errors import KeyMissing, KeyShredded, SealError
from clinic.crypto.keyring import KEY_BYTES, keyring
from clinic.crypto.models import DataKey

TTL_SECONDS: Final = 300.0
LOOK_SECONDS: Final = 1.0
CAPACITY: Final = 2_000
PATIENT: Final = "patient"
CLINIC: Final = "clinic"
INDEX: Final = "index"
AUDIT: Final = "audit"
CLINIC_WIDE: Final = (CLINIC, INDEX, AUDIT)

# True when the row's transaction has committed: a row that can be seen is either committed or of a
# transaction (or savepoint) of our own that is still in progress. A row keeps 32 bits of the id;
# the rest is that of the newest ids, with room for ours that are newer than the snapshot's.
_NEWEST = "(pg_snapshot_xmax(pg_current_snapshot())::text::bigint + 1048576)"
SETTLED_SQL = f"""coalesce(pg_xact_status((
    {_NEWEST} - (({_NEWEST} - xmin::text::bigint) & 4294967295)
)::text::xid8), 'committed') = 'committed'"""

Holder = tuple[str, uuid.UUID | None]


@dataclass(frozen=True, repr=False)
class OpenKey:
    """One unwrapped generation. `secret` is None once the key was shredded."""

    gen: int
    secret: bytes | None
    settled: bool

    def usable(self) -> bytes:
        """Return the secret, or raise KeyShredded."""
        if self.secret is None:
            raise KeyShredded("The key of this record was destroyed: it is gone for good.")
        return self.secret

    @cached_property
    def cipher(self) -> AESGCM:
        return AESGCM(self.usable())


@dataclass(frozen=True, slots=True, repr=False)
class _Entry:
    keys: tuple[OpenKey, ...]  # newest generation first
    expires: float

    @property
    def settled(self) -> bool:
        return all(key.settled for key in self.keys)


_cache: OrderedDict[Holder, _Entry] = OrderedDict()
_lock = threading.Lock()
_news: str | None = None
_look_again_at = 0.0


def for_sealing(scope: str, owner: uuid.UUID | None = None) -> OpenKey:
    """Return the newest key of the owner, making the first one when there is none."""
    holder = (scope, owner)
    entry = _cached(holder)
    if entry is None or not entry.settled:
        entry = _read([holder]).get(holder) or _made(holder)
    entry.keys[0].usable()
    return entry.keys[0]


def for_opening(scope: str, owner: uuid.UUID | None, gen: int, *, reread: bool = False) -> OpenKey:
    """Return the generation a sealed value names; raises KeyMissing or KeyShredded."""
    holder = (scope, owner)
    entry = None if reread else _cached(holder)
    if entry is not None:
        for key in entry.keys:
            if key.gen == gen:
                return key
    entry = _read([holder]).get(holder)
    for key in entry.keys if entry else ():
        if key.gen == gen:
            return key
    raise KeyMissing("The key of this record does not exist.")


def candidates(scope: str, owner: uuid.UUID | None, gen: int) -> Iterator[OpenKey]:
    """Give the keys that may have sealed under this name: mostly one, at most two.

    A key read before its transaction ended may have been rolled back and made anew: what it does
    not open is tried again with the key that is stored now.
    """
    key = for_opening(scope, owner, gen)
    yield key
    if not key.settled:
        yield for_opening(scope, owner, gen, reread=True)


def preload(owners: Iterable[uuid.UUID | None], *, scope: str = PATIENT) -> None:
    """Read the keys of many owners in one query, before a list page opens their records.

    A key that does not unwrap is left out: only its own record is refused, not the page.
    """
    wanted: list[Holder] = [(scope, owner) for owner in set(owners) if owner is not None]
    missing = [holder for holder in wanted if _cached(holder) is None]
    if missing:
        _read(missing, leave_out_damaged=True)


def ensure(scope: str, owner: uuid.UUID | None = None) -> None:
    """Make the owner's first key if there is none, so that nothing waits to make it later."""
    for_sealing(scope, owner)


def shred(scope: str, owner: uuid.UUID | None, *, now: datetime) -> None:
    """Destroy every generation of the owner's key and leave tombstones: what it sealed is gone.

    Other processes drop it within a second; were the cache away, when their five minutes are over.
    """
    with transaction.atomic():
        DataKey.objects.bulk_create(
            [DataKey(scope=scope, owner=owner, shredded_at=now)], ignore_conflicts=True
        )
        rows = DataKey.objects.filter(rows_of(scope, owner), shredded_at__isnull=True)
        rows.update(wrapped=None, shredded_at=now)
        transaction.on_commit(lambda: forget_everywhere(scope, owner))
    forget(scope, owner)


def forget(scope: str, owner: uuid.UUID | None) -> None:
    """Drop one owner's unwrapped keys from this process."""
    with _lock:
        _cache.pop((scope, owner), None)


def forget_everywhere(scope: str, owner: uuid.UUID | None) -> None:
    """Drop one owner's unwrapped keys here, and have every other process read its keys anew."""
    forget(scope, owner)
    news.tell()


def forget_all() -> None:
    """Drop every unwrapped key from this process."""
    with _lock:
        _cache.clear()


def wrap_label(scope: str, owner: uuid.UUID | None, gen: int) -> bytes:
    """Return what a wrapped key is bound to, so that it cannot be given to another owner."""
    return f"data key|{scope}|{owner or ''}|{gen}".encode()


def rows_of(scope: str, owner: uuid.UUID | None) -> Q:
    """Return the condition for the generations of one owner."""
    return Q(scope=scope, owner__isnull=True) if owner is None else Q(scope=scope, owner=owner)


def _follow_the_news() -> None:
    """Drop everything when another process said so; the next look is due in a second."""
    global _news, _look_again_at
    _look_again_at = time.monotonic() + LOOK_SECONDS
    known = _news
    latest = news.latest(known)
    with _lock:
        if latest != known:
            _cache.clear()
        _news = latest


def _cached(holder: Holder) -> _Entry | None:
    now = time.monotonic()
    if now >= _look_again_at:
        _follow_the_news()
    with _lock:
        entry = _cache.get(holder)
        if entry is None:
            return None
        if entry.expires <= now:
            del _cache[holder]
            return None
        _cache.move_to_end(holder)
        return entry


def _made(holder: Holder) -> _Entry:
    scope, owner = holder
    wrapped = keyring().wrap(os.urandom(KEY_BYTES), label=wrap_label(scope, owner, 1))
    # Two writers may come here at once: the second waits for the first, inserts nothing, and
    # reads.
    DataKey.objects.bulk_create(
        [DataKey(scope=scope, owner=owner, wrapped=wrapped)], ignore_conflicts=True
    )
    return _read([holder])[holder]


def _read(holders: list[Holder], *, leave_out_damaged: bool = False) -> dict[Holder, _Entry]:
    """Read and unwrap the keys of the holders, in one query per scope, and keep them."""
    condition = Q()
    by_scope: dict[str, list[uuid.UUID]] = defaultdict(list)
    for scope, owner in holders:
        if owner is None:
            condition |= rows_of(scope, owner)
        else:
            by_scope[scope].append(owner)
    for scope, owners in by_scope.items():
        condition |= Q(scope=scope, owner__in=owners)
    rows = (
        DataKey.objects.filter(condition)
        .annotate(settled=RawSQL(SETTLED_SQL, (), output_field=BooleanField()))
        .order_by("-gen")
        .values_list("scope", "owner", "gen", "wrapped", "settled")
    )
    found: dict[Holder, list[OpenKey]] = defaultdict(list)
    damaged: set[Holder] = set()
    for scope, owner, gen, wrapped, settled in rows:
        try:
            secret = _unwrapped(wrapped, wrap_label(scope, owner, gen))
        except SealError:
            if not leave_out_damaged:
                raise
            damaged.add((scope, owner))
            continue
        found[(scope, owner)].append(OpenKey(gen=gen, secret=secret, settled=settled))
    return _kept({holder: keys for holder, keys in found.items() if holder not in damaged})


def _unwrapped(wrapped: Any, label: bytes) -> bytes | None:
    return None if wrapped is None else keyring().unwrap(bytes(wrapped), label=label)


def _kept(found: dict[Holder, list[OpenKey]]) -> dict[Holder, _Entry]:
    expires = time.monotonic() + TTL_SECONDS
    entries = {holder: _Entry(tuple(keys), expires) for holder, keys in found.items()}
    with _lock:
        _cache.update(entries)
        while len(_cache) > CAPACITY:
            _cache.popitem(last=False)
    return entries
