from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.adapters.slack.world import World, world

MANIFEST = Path(__file__).parents[3] / "manifest.yml"


@pytest.fixture(scope="session")
def manifest() -> dict[str, Any]:
    """The app as its manifest declares it: what is not in there, the workspace refuses."""
    loaded: dict[str, Any] = yaml.safe_load(MANIFEST.read_text())
    return loaded


@pytest.fixture
async def slack(manifest: dict[str, Any]) -> AsyncIterator[World]:
    """The desk at work; every block that it sends is within Slack's limits."""
    async with world(manifest) as made:
        yield made
        assert made.box.violations.entries() == []
