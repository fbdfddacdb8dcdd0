from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection

from clinic.crypto import datakeys
from tests.clinic.crypto.letters import MODELS


@pytest.fixture(autouse=True)
def fresh_cache() -> Iterator[None]:
    datakeys.forget_all()
    yield
    datakeys.forget_all()


@pytest.fixture
def letters(db: None) -> None:
    """The tables of the test models, until the test's transaction rolls back."""
    with connection.schema_editor() as editor:
        for model in MODELS:
            editor.create_model(model)


@pytest.fixture
def committed_letters(transactional_db: None) -> Iterator[None]:
    """The same for tests that commit."""
    with connection.schema_editor() as editor:
        for model in MODELS:
            editor.create_model(model)
    yield
    with connection.schema_editor() as editor:
        for model in MODELS:
            editor.delete_model(model)
