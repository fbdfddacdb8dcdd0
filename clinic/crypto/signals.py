"""What sealed data tells the packages above it."""

from __future__ import annotations

import uuid
from typing import Protocol

from django.dispatch import Signal

from clinic.crypto.errors import OpenRefused

# Sent with `column` ("table.column", or "table" for a file), `row`, `scope` and `owner` each time
# a sealed value does not open. Never carries content. The transaction around it will likely be
# rolled back: a receiver that wants its note to survive writes it over another connection.
open_refused = Signal()


class Bound(Protocol):
    """Where a sealed value or file belongs."""

    @property
    def column(self) -> str: ...
    @property
    def row(self) -> uuid.UUID: ...
    @property
    def scope(self) -> str: ...
    @property
    def owner(self) -> uuid.UUID | None: ...


class announcing:
    """Within this block, tell the receivers of a refusal before it goes on its way.

    A receiver that fails is logged and does not hide the refusal.
    """

    __slots__ = ("_place",)

    def __init__(self, place: Bound) -> None:
        self._place = place

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None and issubclass(kind, OpenRefused):
            place = self._place
            open_refused.send_robust(
                sender=OpenRefused,
                column=place.column,
                row=place.row,
                scope=place.scope,
                owner=place.owner,
            )
