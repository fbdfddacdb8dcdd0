"""Keeps the notes about sealed values that do not open in the test's own transaction.

The product commits them over another connection; they would outlive the test that caused them.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="session")
def refusals_noted_in_the_test() -> Iterator[None]:
    from clinic.audit import receivers

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(receivers, "apart", lambda write: write())
        yield
