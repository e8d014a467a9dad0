"""A world for each module, with one house in it: starting takes longer than most of its stories."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.virtual.clock import World
from tests.virtual.house import House, opened


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    made = World()
    yield made
    made.close()


@pytest.fixture(scope="module")
def house(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """With Slack over HTTP."""
    yield from _opened(world, tmp_path_factory.mktemp("house"), sockets=False)


@pytest.fixture(scope="module")
def house_of_sockets(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    yield from _opened(world, tmp_path_factory.mktemp("sockets"), sockets=True)


def _opened(world: World, folder: Path, *, sockets: bool) -> Iterator[House]:
    stack = AsyncExitStack()
    made = world.run(stack.enter_async_context(opened(folder, sockets=sockets)))
    yield made
    world.run(stack.aclose())
