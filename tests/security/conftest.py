from __future__ import annotations

import pytest

from tests.conftest import Clock
from tests.security.world import World, build


@pytest.fixture
def world(db: None, clock: Clock) -> World:
    """The clinic of `world.py` on a Monday morning; its visit is on the next day."""
    return build()
