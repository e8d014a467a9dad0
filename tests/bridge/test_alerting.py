"""The whole product tells a webhook, signed as all are; and looks only where it works."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from standardwebhooks.webhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bridge.model import SECOND
from bridge.watching import Watch
from tests.adapters.slack.world import served
from tests.bridge.alarm import BoardDesk
from tests.bridge.running import Running, configured, in_file, running
from tests.bridge.tools import SECRET


def watches(made: Running) -> list[Watch]:
    return [each for each in made.process.now.fetchers if isinstance(each, Watch)]


async def test_a_handoff_is_told_to_the_webhook_of_the_settings(tmp_path: Path) -> None:
    taken: list[Any] = []

    async def take(request: Request) -> Response:
        taken.append(Webhook(SECRET).verify(await request.body(), dict(request.headers)))
        return Response(status_code=204)

    app = Starlette(routes=[Route("/alert", take, methods=["POST"])])
    async with served(app) as base:
        toml = (
            '[webhooks]\nallow_private = "127.0.0.0/8"\n'
            f'[[alerts.to]]\nname = "ops"\nwebhook = "{base}/alert"\nsecret = "{SECRET}"\n'
            'kinds = ["new_handoff"]\nwords = true\n'
        )
        settings = configured(in_file(tmp_path), tmp_path, toml)
        async with running(settings, desk=BoardDesk()) as made:
            [watch] = watches(made)
            watch._clock = lambda: time.time_ns() // 1_000 + 10 * SECOND
            await watch.look()
            visitor = await made.visitor()
            await visitor.say("Where is my parcel?")

            async def told() -> list[Any]:
                await watch.look()
                return taken

            await made.until(told)
    [thing] = taken[0]["data"]["things"]
    assert taken[0]["type"] == "alert.new_handoff"
    assert (thing["number"], thing["title"]) == (1, "Where is my parcel?")
