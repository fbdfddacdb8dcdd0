"""Each test process keeps its sealed files in a folder that vanishes with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(autouse=True, scope="session")
def file_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from django.test import override_settings

    folder = tmp_path_factory.mktemp("files")
    with override_settings(FILE_STORE=folder):
        yield folder
