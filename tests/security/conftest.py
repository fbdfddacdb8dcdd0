from __future__ import annotations

import pytest
from pytest_django.fixtures import Settings

from tests.conftest import Clock
from tests.security.world import World, build


@pytest.fixture
def world(db: None, clock: Clock) -> World:
    """The clinic of `world.py` on a Monday morning; its visit is on the next day."""
    return build()


@pytest.fixture(autouse=True)
def own_cache(settings: Settings) -> None:
    """Rate limits count in a cache of the test's own: the shared one cannot be emptied safely."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
