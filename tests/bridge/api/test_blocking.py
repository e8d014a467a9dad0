"""Blocking by the API: who is not heard, who is told what, and who is listed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bridge.api.blocking import _done
from bridge.commands import Rejected
from tests.bridge.api.test_lists import pages
from tests.bridge.api.test_relay import pass_in
from tests.bridge.api.test_webhooks import ALLOWED, Tool, register, tool
from tests.bridge.running import Running, Visitor, configured, in_file, running

__all__ = ["tool"]


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(configured(database_url, tmp_path, ALLOWED)) as made:
        yield made


async def switch(desk: Running, sam: Visitor, verb: str, **body: str) -> Any:
    talk = (await desk.api("GET", f"/conversations/{sam.conversation}")).json()
    path = f"/channels/webchat/users/{talk['user']['id']}/{verb}"
    answer = await desk.api("POST", path, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["blocked"]


async def test_who_is_blocked_is_told_that_the_chat_is_closed_and_nothing_opens(
    desk: Running,
) -> None:
    sam = await desk.visitor()
    await sam.say("Hello")
    for _ in range(2):
        assert await switch(desk, sam, "block", reason="threats")
    for _ in range(2):
        told = await sam.say("You will see", "one")
        assert (told.status_code, told.json()["error"]["code"]) == (403, "blocked")
    asked = {"title": "help", "conversation_id": sam.conversation}
    assert (await desk.api("POST", "/handoffs", json=asked)).status_code == 403
    talk = (await desk.api("GET", f"/conversations/{sam.conversation}")).json()
    assert (talk["mode"], talk["blocked"]) == ("bot", True)
    handoffs = (await desk.api("GET", "/handoffs")).json()["handoffs"]
    assert [each["outcome"] for each in handoffs] == ["threats"]
    assert "You will see" not in await sam.texts()
    assert not await switch(desk, sam, "unblock")
    assert (await sam.say("Thank you", "two")).status_code == 202


async def test_the_list_has_the_last_first_and_says_by_whom_and_why(desk: Running) -> None:
    visitors = [await desk.visitor() for _ in range(3)]
    for number, visitor in enumerate(visitors):
        await visitor.say("Hello")
        await switch(desk, visitor, "block", reason=f"no. {number}")
    await switch(desk, visitors[1], "unblock")
    rows = await pages(desk, "blocked")
    told = [(row["conversation_id"], row["by"], row["reason"]) for row in rows]
    assert told == [
        (visitors[2].conversation, "the API", "no. 2"),
        (visitors[0].conversation, "the API", "no. 0"),
    ]
    assert rows[0]["channel"] == "webchat"
    assert rows[0]["at"] >= rows[1]["at"]


async def test_a_bot_that_keeps_its_own_channel_is_told_so_too(desk: Running, tool: Tool) -> None:
    webhook = await register(desk, tool, events=["*"])
    await pass_in(desk, webhook, "I want a human")
    path = "/channels/relay/users/{}/block"
    [row] = (await desk.api("GET", "/conversations")).json()["conversations"]
    assert (await desk.api("POST", path.format(row["user"]["id"]), json={})).json()["blocked"]
    for _ in range(2):
        refused = await pass_in(desk, webhook, "hello?", "m2")
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "blocked")


async def test_nobody_unknown_is_blocked(tmp_path: Path) -> None:
    async with running(configured(in_file(tmp_path), tmp_path)) as desk:
        for verb in ("block", "unblock"):
            answer = await desk.api("POST", f"/channels/webchat/users/nobody/{verb}", json={})
            assert answer.status_code == 404
        old = await desk.api("GET", "/blocked", params={"cursor": "x"})
        assert old.status_code == 404


def test_what_cannot_be_written_down_is_refused_with_its_reason() -> None:
    assert _done(Rejected("bad_data")).status_code == 422


async def test_two_users_are_merged_once_and_for_all_and_unknown_ones_are_refused(
    desk: Running,
) -> None:
    sam, kim = await desk.visitor(), await desk.visitor()
    for each in (sam, kim):
        await each.say("Hello")
    talks = [
        (await desk.api("GET", f"/conversations/{each.conversation}")).json() for each in (sam, kim)
    ]
    mine, other = (talk["user"]["id"] for talk in talks)
    path = f"/channels/webchat/users/{mine}/merge"
    for whom in (other, other, mine):
        told = await desk.api("POST", path, json={"channel": "webchat", "user_id": whom})
        assert (told.status_code, told.json()) == (200, {"merged": True})
    assert await switch(desk, kim, "block", reason="threats")
    refused = await sam.say("You will see")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "blocked")
    assert len((await desk.api("GET", "/blocked")).json()["blocked"]) == 2
    for where, body in (
        (path, {"channel": "webchat", "user_id": "nobody"}),
        (path.replace(mine, "nobody"), {"channel": "webchat", "user_id": mine}),
    ):
        unknown = await desk.api("POST", where, json=body)
        assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "not_found")
    assert (await desk.api("POST", path, json={"channel": "webchat"})).status_code == 422
