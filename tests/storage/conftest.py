from collections.abc import AsyncIterator

import pytest

from storage.redis import Link
from tests.servers import RedisServer
from tests.storage.kinds import connected


@pytest.fixture(params=["memory", "redis"])
async def link(
    request: pytest.FixtureRequest, redis_server: RedisServer
) -> AsyncIterator[Link | None]:
    """None stands for the kind that lives in process."""
    if request.param == "memory":
        yield None
        return
    redis_server.flush()
    async with connected(redis_server.url) as one:
        yield one
