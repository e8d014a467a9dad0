"""The world of a test: a workspace, an app at its other end, two people."""

from collections.abc import AsyncIterator

import pytest

from sandbox.slack import SandboxConfig
from tests.sandbox.support import World, world

FAST = SandboxConfig(retry_delays=(0.01, 0.02, 0.03), file_share_delay=0.01, ack_timeout=30.0)


@pytest.fixture
async def slack() -> AsyncIterator[World]:
    """A workspace that repeats events within milliseconds, and an app that hears it."""
    async with world(FAST) as built:
        yield built
