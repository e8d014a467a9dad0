"""A head goes out when its day is over, to the log and to whoever asks, until they have it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from bridge.alert_words import plain
from bridge.audit import Head
from bridge.errors import Retry, StoreUnavailable
from bridge.heads import GIVE_UP, Heads, Post, day_before, to_desk
from bridge.hooks import Endpoint
from bridge.model import SECOND, Author, Micros
from bridge.trail import Trail
from tests.bridge.alarm import BoardDesk
from tests.bridge.test_settings_email import faults, load
from tests.waiting import until

DAY = 86_400 * SECOND
NOON = 20_000 * DAY + DAY // 2
HEAD = Head("2024-10-03", 7, 20_000 * DAY - 5 * SECOND, "f00")


class Days:
    """The one head waits until it is told."""

    def __init__(self) -> None:
        self.waiting = [HEAD]
        self.closed: list[tuple[str, Micros]] = []
        self.away = 0

    async def close_day(self, day: str, ended: Micros, by: Author, at: Micros) -> None:
        del by, at
        self.closed.append((day, ended))
        if self.away:
            self.away -= 1
            raise StoreUnavailable("away")

    async def untold(self) -> list[Head]:
        return list(self.waiting)

    async def told(self, head: Head) -> None:
        self.waiting.remove(head)


class Tools:
    def __init__(self, fails: int = 0) -> None:
        self.fails = fails
        self.got: list[tuple[str, str, Mapping[str, Any]]] = []

    async def tell(self, webhook: str, id: str, body: Mapping[str, Any]) -> None:
        self.got.append((webhook, id, body))
        if self.fails:
            self.fails -= 1
            raise Retry("http_503")


def heads(
    days: Days, tools: Tools, now: Micros = NOON, every: float = 60.0, post: Post | None = None
) -> Heads:
    asking = Endpoint("whk_1", "https://a.example", ("audit.head",))
    other = Endpoint("whk_2", "https://b.example", ("handoff.*",))
    more: Any = {"every": every, "post": post}
    return Heads(cast(Trail, days), lambda: [asking, other], tools.tell, lambda: now, **more)


@pytest.mark.parametrize("now", [20_000 * DAY, NOON, 20_001 * DAY - 1])
def test_the_day_before_ended_at_midnight(now: Micros) -> None:
    assert day_before(now) == ("2024-10-03", 20_000 * DAY)


async def test_a_head_goes_to_the_log_and_to_who_asks_once() -> None:
    days, tools = Days(), Tools()
    one = heads(days, tools)
    with capture_logs() as logs:
        await one.look()
        await one.look()
    (told,) = [each for each in logs if each["event"] == "audit_head"]
    assert (told["day"], told["position"], told["seal"]) == ("2024-10-03", 7, "f00")
    assert days.closed == [("2024-10-03", 20_000 * DAY)] * 2
    data = {"day": "2024-10-03", "position": 7, "seal": "f00"}
    [(webhook, named, body)] = tools.got
    assert (webhook, named) == ("whk_1", "evt_audit_2024-10-03")
    assert (body["type"], body["data"]) == ("audit.head", data)


async def test_who_does_not_take_it_is_told_again_but_not_for_ever() -> None:
    days, tools = Days(), Tools(fails=1)
    one = heads(days, tools)
    await one.look()
    assert days.waiting == [HEAD]
    await one.look()
    assert (days.waiting, len(tools.got)) == ([], 2)
    days, tools = Days(), Tools(fails=1)
    await heads(days, tools, HEAD.at + GIVE_UP + 1).look()
    assert days.waiting == []


async def test_a_channel_of_the_desk_gets_it_once_and_later_where_it_cannot_now() -> None:
    days, tools, desk = Days(), Tools(), BoardDesk()
    one = heads(days, tools, post=to_desk(desk, "C0AUDIT"))
    desk.announcer.moods.say(Retry("away"))
    await one.look()
    assert (days.waiting, desk.announcer.shown) == ([HEAD], [])
    await one.look()
    days.waiting = [HEAD]  # another process has read it before it was told
    await one.look()
    [(channel, notice)] = desk.announcer.shown
    assert channel == "C0AUDIT"
    assert plain(notice) == (
        "Head of the audit trail on 2024-10-03\n\n- deskbridge audit verify --head 7:f00\n"
    )
    assert days.waiting == []


async def test_without_a_desk_no_channel_gets_it() -> None:
    days = Days()
    await heads(days, Tools(), post=to_desk(None, "C0AUDIT")).look()
    assert days.waiting == [HEAD]
    assert to_desk(None, "") is None


def test_the_channel_is_the_id_of_one_and_needs_a_token(tmp_path: Path) -> None:
    assert load(tmp_path, "").audit.slack_channel == ""
    assert "audit.slack_channel" in faults(tmp_path, '[audit]\nslack_channel = "#audit"')
    told = faults(tmp_path, '[audit]\nslack_channel = "C0AUDIT"')
    assert told["SLACK_BOT_TOKEN"] == "is needed with audit.slack_channel"


async def test_it_looks_again_and_again_and_outlives_a_database_that_is_away() -> None:
    days = Days()
    days.away = 1
    one = heads(days, Tools(), every=0.001)
    await one.start()
    await until(lambda: not days.waiting)
    await one.close()
    looks = len(days.closed)
    assert looks >= 2
    await asyncio.sleep(0)
    assert len(days.closed) == looks
