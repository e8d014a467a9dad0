"""A client that knows Botpress' documentation alone: every documented route with its codes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from bridge.api.botpress.common import PAGE, gather
from bridge.keys import Scope
from tests.bridge.api.test_access import made
from tests.bridge.api.test_actions import StaffedDesk
from tests.bridge.running import BEARER, BOT_SECRET, Json, Running, configured, running, with_bot

SETTINGS = """
[webchat]
messages_per_minute = 0
conversations_per_hour = 0
[agents]
may_delete = true
idle_timeout = 60
[labels]
names = ["vip", "billing"]
[templates]
trigger = ":"
shortcuts = [{ name = "hi", value = "Hello!" }]
[messages.transfer]
it = "Un momento."
[[profile.attributes]]
path = "plan"
label = "Plan"
format = "from_now"
"""
MOD = "/api/v1/bots/any/mod"


class Client:
    def __init__(self, desk: Running, bot: str = "any") -> None:
        self.desk, self.bot = desk, bot

    async def ask(self, method: str, path: str, body: Any = None, **query: str) -> httpx.Response:
        return await self.desk.client.request(
            method,
            f"/api/v1/bots/{self.bot}/mod/{path}",
            json=body,
            params=query or None,
            headers=BEARER,
        )

    async def get(self, path: str, **query: str) -> Any:
        answer = await self.ask("GET", path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, status: int = 200, **body: Any) -> Any:
        answer = await self.ask("POST", path, body)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def online(self) -> None:
        await self.post("hitlnext/agents/me/online", online=True)

    async def handoff(self, user: str = "sam", thread: str = "thread-1", **more: Any) -> Json:
        wanted = {"userId": user, "userThreadId": thread, "userChannel": "web", **more}
        made: Json = await self.post("hitlnext/handoffs", 201, **wanted)
        return made


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    settings = configured(database_url, tmp_path, SETTINGS, **with_bot())
    async with running(settings, desk=StaffedDesk()) as made:
        yield made


@pytest.fixture
def client(desk: Running) -> Client:
    return Client(desk)


# --- hitl ----------------------------------------------------------------------------------------


async def test_a_session_is_watched_paused_spoken_into_and_given_back(
    desk: Running, client: Client
) -> None:
    sam = await desk.visitor()
    await sam.say("Where is my parcel?")
    [session] = await client.get("hitl/sessions")
    assert (session["id"], session["channel"], session["isPaused"]) == (
        sam.conversation,
        "web",
        False,
    )
    assert session["lastMessage"]["text"] == "Where is my parcel?"
    assert session["lastMessage"]["source"] == "user"
    one = f"hitl/sessions/{session['id']}"
    person = f"hitl/channel/web/user/{session['user']['id']}"
    for way in (one, person):
        paused = await client.post(f"{way}/pause", trigger="angry")
        assert paused == {"id": sam.conversation, "isPaused": True}
        assert await client.post(f"{way}/pause") == paused
        [silent] = await client.get("hitl/sessions", pausedOnly="true")
        assert silent["pausedBy"] == "the API"
        assert await client.get(f"{way}/isPaused") is True
        assert await client.post(f"{way}/isPaused") is True
        assert (await client.post(f"{way}/unpause"))["isPaused"] is False
        assert (await client.post(f"{way}/unpause"))["isPaused"] is False
    assert await client.get("hitl/sessions", pausedOnly="true") == []
    await client.post(f"{one}/message", message="We are looking into it.")
    first = (await client.get(one))[0]
    told = (first["direction"], first["source"], first["text"])
    assert told == ("in", "user", "Where is my parcel?")
    assert "We are looking into it." in await sam.texts()
    assert [each["id"] for each in await client.get("hitl/sessions", searchText="parcel")] == [
        sam.conversation
    ]
    assert await client.get("hitl/sessions", searchText="nothing like it") == []


async def test_unpausing_ends_an_open_handoff(desk: Running, client: Client) -> None:
    sam = await desk.visitor()
    await sam.say("A human, please")
    handoff = await desk.hand_over(sam.conversation)
    one = f"hitl/sessions/{sam.conversation}"
    assert await client.get(f"{one}/isPaused") is True
    assert (await client.post(f"{one}/pause"))["isPaused"] is True
    assert (await client.post(f"{one}/unpause"))["isPaused"] is False
    ended = (await desk.api("GET", f"/handoffs/{handoff}")).json()
    assert (ended["status"], ended["outcome"]) == ("resolved", "unpaused")


# --- hitlnext ------------------------------------------------------------------------------------


async def test_a_handoff_is_created_labelled_assigned_commented_and_resolved(
    client: Client,
) -> None:
    made = await client.handoff(timeoutDelay=9_999_999)
    assert (made["status"], made["userChannel"], made["userThreadId"]) == (
        "pending",
        "web",
        "thread-1",
    )
    again = await client.ask(
        "POST",
        "hitlnext/handoffs",
        {"userId": "sam", "userThreadId": "thread-1", "userChannel": "web"},
    )
    assert (again.status_code, again.content) == (200, b"")
    one = f"hitlnext/handoffs/{made['id']}"
    assert (await client.post(one, tags=["vip"]))["tags"] == ["vip"]
    assert (await client.post(f"hitlnext/handoffs/{made['number']}", tags=["billing"]))["tags"] == [
        "billing"
    ]
    offline = await client.post(f"{one}/assign", 422)
    assert offline["error"]["message"] == "You must be online to perform this action"
    await client.online()
    me = await client.get("hitlnext/agents/me")
    assert (me["agentId"], me["online"]) == ("key:default", True)
    taken = await client.post(f"{one}/assign")
    assert (taken["status"], taken["agentId"]) == ("assigned", "key:default")
    await client.post(f"{one}/assign", 422)
    note = await client.post(f"{one}/comments", 201, content="Call back")
    assert (note["content"], note["threadId"], note["agentId"]) == (
        "Call back",
        "thread-1",
        "key:default",
    )
    [listed] = await client.get("hitlnext/handoffs")
    assert [each["content"] for each in listed["comments"]] == ["Call back"]
    done = await client.post(f"{one}/resolve")
    assert done["status"] == "resolved"
    assert done["resolvedAt"]
    for step in ("assign", "resolve", "reject"):
        await client.post(f"{one}/{step}", 422)
    await client.post(one, 422, tags=["vip"])
    assert [each["content"] for each in (await client.handoff())["comments"]] == ["Call back"]


async def test_a_waiting_handoff_may_be_rejected_and_not_resolved(client: Client) -> None:
    one = f"hitlnext/handoffs/{(await client.handoff())['id']}"
    await client.online()
    await client.post(f"{one}/resolve", 422)
    await client.post(f"{one}/comments", 201, content="Spam")
    assert (await client.post(f"{one}/reject"))["status"] == "rejected"


async def test_who_goes_offline_can_take_nothing(client: Client) -> None:
    made = await client.handoff()
    await client.online()
    assert await client.post("hitlnext/agents/me/online", online=False) == {"online": False}
    assert (await client.get("hitlnext/agents/me"))["online"] is False
    await client.post(f"hitlnext/handoffs/{made['id']}/assign", 422)
    await client.post(f"hitlnext/handoffs/{made['id']}/comments", 201, content="Later")


async def test_of_two_who_take_it_at_once_one_has_it(desk: Running, client: Client) -> None:
    made_one = await client.handoff()
    other = {"Authorization": f"Bearer {await made(desk, Scope.DESK)}"}
    going: Json = {"json": {"online": True}, "headers": other}
    await client.online()
    await desk.client.post(f"{MOD}/hitlnext/agents/me/online", **going)
    path = f"hitlnext/handoffs/{made_one['id']}/assign"
    answers = await asyncio.gather(
        client.ask("POST", path), desk.client.post(f"{MOD}/{path}", headers=other)
    )
    assert sorted(int(answer.status_code) for answer in answers) == [200, 422]


async def test_handoffs_are_listed_in_any_order(client: Client) -> None:
    for user in ("sam", "kim", "lee"):
        await client.handoff(user, f"thread of {user}")
    await client.online()
    [first, *_] = await client.get("hitlnext/handoffs", column="id")
    await client.post(f"hitlnext/handoffs/{first['id']}/assign")

    async def order(**query: str) -> list[str]:
        return [each["userId"] for each in await client.get("hitlnext/handoffs", **query)]

    assert await order() == ["sam", "kim", "lee"]
    assert await order(desc="true", limit="2") == ["lee", "kim"]
    assert await order(column="assignedAt", desc="true", limit="1") == ["sam"]
    assert await order(column="status") == ["sam", "kim", "lee"]
    assert await order(column="userId", desc="true") == ["sam", "lee", "kim"]


async def test_a_conversation_is_read_by_either_name_and_deleted(
    desk: Running, client: Client
) -> None:
    sam = await desk.visitor()
    await sam.say("First")
    await sam.say("Second")
    [session] = await client.get("hitl/sessions")
    user = session["user"]["id"]
    made = await client.handoff(user, "a thread of theirs")
    assert made["userConversation"]["event"]["preview"] == "Second"
    assert made["userConversation"]["direction"] == "incoming"
    for thread in (sam.conversation, "a thread of theirs"):
        told = await client.get(f"hitlnext/conversations/{thread}/messages")
        words = [each["event"]["preview"] for each in told]
        assert words.index("Second") < words.index("First")
        one = await client.get(f"hitlnext/conversations/{thread}/messages", limit="1")
        assert one == told[:1]
    await client.post(f"hitlnext/handoffs/{made['id']}/reject")
    path = f"channel-web-private/conversations/{sam.conversation}/messages/delete"
    await client.post(path, 404, userId="somebody else")
    await client.post(path, 204, userId=user)
    assert await client.get("hitl/sessions") == []


async def test_what_is_configured_is_told_without_secrets(client: Client) -> None:
    config = await client.get("hitlnext/config")
    assert BOT_SECRET not in str(config)
    assert config["autoComplete"] == {
        "trigger": ":",
        "shortcuts": [{"name": "hi", "value": "Hello!"}],
    }
    assert (config["tags"], config["agentSessionTimeout"]) == (["vip", "billing"], "60s")
    assert (config["messageCount"], config["handoffAlert"]) == (10, 5)
    assert config["transferMessage"]["it"] == "Un momento."
    assert "{{agentName}}" in config["assignMessage"]["en"]
    assert await client.get("hitl/config/attributes") == [
        {"label": "Plan", "attributePath": "plan", "defaultValue": "", "formatter": "fromNow"}
    ]


async def test_agents_are_the_key_and_the_desks_members(desk: Running, client: Client) -> None:
    me, ana = await client.get("hitlnext/agents")
    assert (me["agentId"], me["online"]) == ("key:default", False)
    assert (ana["agentId"], ana["attributes"]["firstname"], ana["role"]) == ("U1", "Ana", "agent")
    assert isinstance(desk.desk, StaffedDesk)
    desk.desk.away = True
    assert (await client.ask("GET", "hitlnext/agents")).status_code == 503


async def test_lists_go_on_until_there_is_enough() -> None:
    asked: list[int] = []

    async def read(before: Sequence[int]) -> list[int]:
        first = before[-1] + 1 if before else 0
        asked.append(first)
        return list(range(first, min(first + PAGE, 450)))

    def even(row: int) -> bool:
        return row % 2 == 0

    assert await gather(read, even, 150) == list(range(0, 300, 2))
    assert asked == [0, 200]
    assert len(await gather(read, even, 1_000)) == 225


# --- what is refused -----------------------------------------------------------------------------

SAM = {"userId": "sam", "userThreadId": "t", "userChannel": "web"}


REFUSED: list[tuple[str, str, Any, int]] = [
    ("GET", "hitl/sessions/cnv_none", None, 404),
    ("POST", "hitl/sessions/cnv_none/pause", {}, 404),
    ("POST", "hitl/sessions/cnv_none/message", {"message": "Hi"}, 404),
    ("POST", "hitl/sessions/cnv_none/pausse", {}, 404),
    ("GET", "hitl/sessions?pausedOnly=yes", None, 422),
    ("POST", "hitl/channel/web/user/nobody/pause", {}, 404),
    ("GET", "hitl/channel/web/user/nobody/isPaused?threadId=7", None, 404),
    ("POST", "hitlnext/agents/me/online", {"online": "yes"}, 422),
    ("POST", "hitlnext/handoffs", {}, 422),
    ("POST", "hitlnext/handoffs", {**SAM, "userChannel": "smoke"}, 422),
    ("POST", "hitlnext/handoffs", {**SAM, "userChannel": "relay"}, 422),
    ("POST", "hitlnext/handoffs", {**SAM, "timeoutDelay": -1}, 422),
    ("POST", "hitlnext/handoffs/hnd_none", {"tags": []}, 404),
    ("POST", "hitlnext/handoffs/99", {"tags": []}, 404),
    ("POST", "hitlnext/handoffs/hnd_none/assign", {}, 404),
    ("POST", "hitlnext/handoffs/hnd_none/comments", {"content": ""}, 422),
    ("GET", "hitlnext/handoffs?column=password", None, 422),
    ("GET", "hitlnext/conversations/none/messages", None, 404),
    ("POST", "channel-web-private/conversations/none/messages/delete", SAM, 404),
]


async def test_what_is_not_there_or_does_not_fit_is_refused(client: Client) -> None:
    for method, path, body, status in REFUSED:
        answer = await client.ask(method, path, body)
        assert answer.status_code == status, (path, body, answer.text)


async def test_a_label_that_is_not_configured_is_refused(client: Client) -> None:
    made = await client.handoff()
    refused = await client.post(f"hitlnext/handoffs/{made['id']}", 422, tags=["vip", "gold"])
    assert "gold" in refused["error"]["fields"]["tags"]


async def test_of_several_bots_an_unknown_one_is_404_and_each_sees_its_own(
    database_url: str, tmp_path: Path
) -> None:
    bot = f'url = "http://127.0.0.1:1/bot"\nsecret = "{BOT_SECRET}"\n'
    toml = f'[[bots]]\nid = "one"\nchannels = ["webchat"]\n{bot}[[bots]]\nid = "two"\n{bot}'
    async with running(configured(database_url, tmp_path, toml)) as desk:
        one, two, other = Client(desk, "one"), Client(desk, "two"), Client(desk, "three")
        sam = await desk.visitor()
        await sam.say("Hello")
        made = await one.handoff("kim")
        assert (made["botId"], len(await one.get("hitl/sessions"))) == ("one", 2)
        assert await two.get("hitl/sessions") == []
        assert await two.get("hitlnext/handoffs") == []
        threads = "hitlnext/conversations"
        for path in (f"hitl/sessions/{sam.conversation}", f"{threads}/thread-1/messages"):
            assert (await two.ask("GET", path)).status_code == 404
            assert (await one.ask("GET", path)).status_code == 200
        assert (await two.ask("POST", f"hitlnext/handoffs/{made['id']}/assign")).status_code == 404
        await two.post("hitlnext/handoffs", 422, **SAM)
        for path in ("hitl/sessions", "hitl/config/attributes", "hitlnext/config"):
            assert (await other.ask("GET", path)).status_code == 404


async def test_a_key_without_the_scope_desk_is_refused(desk: Running) -> None:
    none = await desk.client.get(f"{MOD}/hitl/sessions")
    wrong = await desk.client.get(f"{MOD}/hitl/sessions", headers={"Authorization": "Bearer no"})
    assert (none.status_code, wrong.status_code) == (401, 401)
    key = {"Authorization": f"Bearer {await made(desk, Scope.BOT)}"}
    for path in ("hitl/sessions", "hitlnext/handoffs", "hitlnext/config"):
        answer = await desk.client.get(f"{MOD}/{path}", headers=key)
        assert answer.status_code == 403, path
