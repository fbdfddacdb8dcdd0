"""Give an owner a new data key and seal everything of theirs with it: after a suspected leak.

Each value names the generation that sealed it, so what is left to do can be read off the rows and
the files: a run that was stopped goes on where it was. The old generation is destroyed when nothing
names it any more, and not before every process has certainly stopped sealing with it.
"""

from __future__ import annotations

import datetime as dt
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

from clinic.crypto import datakeys, places, storage
from clinic.crypto.envelope import seal, unseal
from clinic.crypto.errors import KeyMissing, KeyShredded, OpenRefused, SealError
from clinic.crypto.fields import Sealed
from clinic.crypto.fileformat import FilePlace
from clinic.crypto.keyring import KEY_BYTES, keyring
from clinic.crypto.models import DataKey

PAGE: Final = 200
LAST_GENERATION: Final = 255
# A process may hold the old key for its five minutes, and a transaction may commit after that.
SETTLING: Final = dt.timedelta(seconds=datakeys.TTL_SECONDS + 120)
# A UUIDv7 begins with the milliseconds since 1970; so many bits follow them.
REST_BITS: Final = 80

Progress = Callable[[str, int, int], object]


@dataclass(frozen=True, slots=True)
class Run:
    """One owner, and the generation with which everything of theirs is to be sealed."""

    scope: str
    owner: uuid.UUID | None
    gen: int
    destroys_from: dt.datetime


def begin(*, scope: str, owner: uuid.UUID | None) -> Run:
    """Make a new generation, or take up the run that was not finished."""
    with transaction.atomic():
        rows = DataKey.objects.filter(datakeys.rows_of(scope, owner)).order_by("-gen")
        keys = list(rows.select_for_update())
        live = [key for key in keys if key.wrapped is not None]
        if not keys:
            raise KeyMissing("This owner has no data key: nothing is sealed with it.")
        if not live:
            raise KeyShredded("The key of this owner was destroyed: nothing is left to seal.")
        newest = live[0] if len(live) > 1 else _next_generation(live[0])
    datakeys.forget_everywhere(scope, owner)
    made = dt.datetime.fromtimestamp((newest.pk.int >> REST_BITS) / 1000, tz=dt.UTC)
    return Run(scope, owner, newest.gen, made + SETTLING)


def reseal(run: Run, *, progress: Progress) -> Iterator[str]:
    """Seal everything anew, page by page; give the name of each value that does not open."""
    for column in places.columns(run.scope, run.owner):
        yield from _reseal_column(run, column, progress)
    yield from _reseal_files(run, progress)


def left(run: Run) -> int:
    """Count the values and files that name another generation."""
    values = sum(_others(run, column).count() for column in places.columns(run.scope, run.owner))
    return values + sum(1 for _ in _other_files(run))


def destroy_older(run: Run, *, now: dt.datetime) -> bool:
    """Leave tombstones of the older generations, unless it is too early or something names them."""
    if now < run.destroys_from or left(run):
        return False
    older = DataKey.objects.filter(datakeys.rows_of(run.scope, run.owner), gen__lt=run.gen)
    older.filter(shredded_at__isnull=True).update(wrapped=None, shredded_at=now)
    datakeys.forget_everywhere(run.scope, run.owner)
    return True


def _next_generation(key: DataKey) -> DataKey:
    gen = key.gen + 1
    if gen > LAST_GENERATION:
        raise SealError("This owner has had 255 generations, as many as a value can name.")
    label = datakeys.wrap_label(key.scope, key.owner, gen)
    wrapped = keyring().wrap(os.urandom(KEY_BYTES), label=label)
    return DataKey.objects.create(scope=key.scope, owner=key.owner, gen=gen, wrapped=wrapped)


def _others(run: Run, column: places.Column) -> QuerySet[Any]:
    return column.rows.exclude(sealed_by=run.gen)


def _reseal_column(run: Run, column: places.Column, progress: Progress) -> Iterator[str]:
    done, whole = 0, _others(run, column).count()
    after: uuid.UUID | None = None
    while page := _reseal_page(run, column, after):
        after = page[-1][0]
        done += len(page)
        progress(column.field.sealed_as, done, max(done, whole))
        yield from (f"{column.field.sealed_as} of {row}" for row, opened in page if not opened)


def _reseal_page(
    run: Run, column: places.Column, after: uuid.UUID | None
) -> list[tuple[uuid.UUID, bool]]:
    """Seal the next rows anew; return their ids, and of each whether it opened."""
    name = column.field.name
    rows = _others(run, column).order_by("pk")
    if after is not None:
        rows = rows.filter(pk__gt=after)
    with transaction.atomic():
        page = list(rows.select_for_update().values_list("pk", name)[:PAGE])
        return [(row, _reseal_value(column, row, sealed)) for row, sealed in page]


def _reseal_value(column: places.Column, row: uuid.UUID, sealed: Sealed) -> bool:
    place, field = column.place(row), column.field
    try:
        text = unseal(sealed.blob, place)
    except (OpenRefused, KeyShredded):
        return False
    fresh = Sealed(seal(text, place, padded=field.padded))
    field.model._base_manager.filter(pk=row).update(**{field.name: fresh})
    return True


def _other_files(run: Run) -> Iterator[FilePlace]:
    for place in places.files(run.scope, run.owner):
        # A document may be removed while we look.
        with suppress(FileNotFoundError):
            if storage.generation(place) != run.gen:
                yield place


def _reseal_files(run: Run, progress: Progress) -> Iterator[str]:
    waiting = list(_other_files(run))
    for done, place in enumerate(waiting, start=1):
        try:
            with suppress(FileNotFoundError), closing(storage.Content(place)) as content:
                storage.write(source=content, place=place, replace=True)
        except (OpenRefused, KeyShredded):
            yield f"the file {place.row} of {place.table}"
        progress("files", done, len(waiting))
