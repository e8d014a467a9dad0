"""The bots' part of `deskbridge check`: who is there, and who is not."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

import adapters.bots
from bridge.findings import Finding
from bridge.ports import Diagnoses, Patient
from bridge.settings import Settings
from tests.adapters.slack.world import served
from tests.bridge.running import BOT_SECRET
from tests.servers import free_port


async def diagnosed(**env: str) -> list[Finding]:
    settings, faults = Settings.examine(env, None)
    assert isinstance(adapters.bots.webhook, Diagnoses)
    found = await adapters.bots.webhook.diagnose(Patient(settings, faults, lambda: 0))
    assert BOT_SECRET not in repr(found)
    return list(found)


def at(status: int, methods: list[str]) -> Starlette:
    async def endpoint(_request: Any) -> Response:
        return PlainTextResponse("", status)

    return Starlette(routes=[Route("/webhook", endpoint, methods=methods)])


async def test_without_a_bot_that_is_said() -> None:
    (found,) = await diagnosed()
    assert (found.id, found.status) == ("bots", "ok")


async def test_a_bot_that_knows_only_post_is_there() -> None:
    async with served(at(200, ["POST"])) as url:
        (found,) = await diagnosed(BOT_URL=f"{url}/webhook?key=hunter2", BOT_SECRET=BOT_SECRET)
    assert (found.id, found.status) == ("bots.default", "ok")
    assert "hunter2" not in found.found


@pytest.mark.parametrize(
    ("status", "path", "remedy"),
    [
        (200, "/elsewhere", "Correct the path"),
        (410, "/webhook", "Correct the path"),
        (500, "/webhook", "bot's log"),
    ],
)
async def test_a_bot_that_cannot_answer_has_its_remedy(status: int, path: str, remedy: str) -> None:
    async with served(at(status, ["GET", "POST"])) as url:
        (found,) = await diagnosed(BOT_URL=f"{url}{path}", BOT_SECRET=BOT_SECRET)
    assert found.status == "failed"
    assert remedy in found.remedy


async def test_a_bot_that_is_not_there_is_to_be_started() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    (found,) = await diagnosed(BOT_URL=url, BOT_SECRET=BOT_SECRET)
    assert found.found == f"{url}: nothing listens there"
    assert "Start the bot" in found.remedy


@pytest.mark.parametrize(
    ("env", "because"),
    [
        ({"BOT_URL": "http://bot.example", "BOT_SECRET": "short"}, "BOT_SECRET"),
        ({"BOT_URL": "bot", "BOT_SECRET": BOT_SECRET}, "BOT_URL"),
        ({"BOT_URL": "http://bot.example"}, "BOT_SECRET"),
    ],
)
async def test_a_setting_with_a_fault_is_why_nobody_is_asked(
    env: dict[str, str], because: str
) -> None:
    (found,) = await diagnosed(**env)
    assert found.found == f"not looked at, because of {because}"


async def test_a_listed_bot_with_a_fault_is_why() -> None:
    settings = Settings()
    faults = {"bots[0].url": "must be a URL"}
    (found,) = await adapters.bots.webhook.diagnose(Patient(settings, faults, lambda: 0))
    assert found.found == "not looked at, because of bots[0].url"
