from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.adapters.slack.world import Stage, World, stage, world

MANIFEST = Path(__file__).parents[3] / "manifest.yml"


@pytest.fixture(scope="session")
def manifest() -> dict[str, Any]:
    """The app as its manifest declares it: what is not in there, the workspace refuses."""
    loaded: dict[str, Any] = yaml.safe_load(MANIFEST.read_text())
    return loaded


@pytest.fixture(scope="session")
async def stages() -> AsyncIterator[tuple[Stage, Stage]]:
    """Where the workspace and the desk are served."""
    async with stage() as workspace, stage() as product:
        yield workspace, product


@pytest.fixture
async def slack(stages: tuple[Stage, Stage], manifest: dict[str, Any]) -> AsyncIterator[World]:
    """The desk at work; every block that it sends is within Slack's limits."""
    async with world(stages, manifest) as made:
        yield made
        assert made.box.violations.entries() == []
