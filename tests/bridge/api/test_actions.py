"""What agents do with a handoff, called by tools; pausing by user and by bot; deleting."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from bridge.errors import Retry
from bridge.model import Agent, AgentId
from tests.bridge.fakes import AbleDesk
from tests.bridge.running import (
    ANA,
    UNLIMITED,
    Running,
    Visitor,
    configured,
    in_file,
    running,
    with_bot,
)

MAY_DELETE = f"{UNLIMITED}[agents]\nmay_delete = true\n"


@dataclass
class StaffedDesk(AbleDesk):
    """Ana is a member, U7 is none, and everybody else is nobody."""

    away: bool = False
    known: dict[str, Agent] = field(
        default_factory=lambda: {"U1": ANA, "U7": Agent(AgentId("U7"), "Guest", member=False)}
    )

    async def agent(self, id: AgentId) -> Agent:
        if self.away:
            raise Retry("unreachable")
        return self.known.get(id, Agent(id, "", member=False))

    async def agents(self) -> list[Agent]:
        if self.away:
            raise Retry("unreachable")
        return [agent for agent in self.known.values() if agent.member]


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    settings = configured(database_url, tmp_path, MAY_DELETE, **with_bot())
    async with running(settings, desk=StaffedDesk()) as made:
        yield made


@pytest.fixture
async def sam(desk: Running) -> Visitor:
    visitor = await desk.visitor()
    await visitor.say("Hello")
    return visitor


@pytest.fixture
async def handoff(desk: Running, sam: Visitor) -> str:
    return await desk.hand_over(sam.conversation)


async def test_a_tool_says_who_is_there_and_is_told(desk: Running) -> None:
    async def says(agent: str, *, online: bool) -> httpx.Response:
        return await desk.api("POST", f"/agents/{agent}/presence", json={"online": online})

    async def told() -> list[bool | None]:
        return [a["online"] for a in (await desk.api("GET", "/agents")).json()["agents"]]

    assert await told() == [None]
    assert (await says("U1", online=True)).json() == {"id": "U1", "online": True}
    assert await told() == [True]
    assert (await desk.api("GET", "/availability")).json()["online"] == 1
    assert isinstance(desk.desk, StaffedDesk)
    desk.desk.away = True
    assert (await says("U1", online=True)).status_code == 503
    assert (await desk.api("GET", "/availability")).json()["online"] == 1
    desk.desk.away = False
    await says("U1", online=False)
    assert await told() == [False]
    assert (await says("U7", online=True)).status_code == 404
    assert not (await desk.api("GET", "/availability")).json()["accepting"]
    wish = {"title": "Help", "channel": "webchat", "user": {"id": "x"}, "if_unavailable": "reject"}
    assert (await desk.api("POST", "/handoffs", json=wish)).json()["status"] == "rejected"


async def act(desk: Running, handoff: str, action: str, **body: Any) -> httpx.Response:
    return await desk.api("POST", f"/handoffs/{handoff}/{action}", json=body)


async def test_a_label_that_does_not_fit_is_told_in_words(desk: Running, handoff: str) -> None:
    refused = await act(desk, handoff, "labels", add=["vip", "two words"])
    said = "Should be one word, without spaces, that does not begin with #, + or -"
    assert refused.json()["error"]["fields"] == {"add.1": said}


async def test_a_handoff_goes_through_its_life_by_calls(desk: Running, handoff: str) -> None:
    assigned = await act(desk, handoff, "assign", agent="U1")
    assert (assigned.status_code, assigned.json()["agent"]["name"]) == (200, "Ana")
    snoozed = await act(desk, handoff, "snooze", seconds=60)
    assert snoozed.json()["status"] == "snoozed"
    until = await act(desk, handoff, "snooze", until="2099-01-01T09:00:00+01:00")
    assert until.json()["status"] == "snoozed"
    last = await act(desk, handoff, "snooze", until="9999-12-31T23:59:59-12:00")
    assert last.json()["snoozed_until"].startswith("9999-01-01")
    assert (await act(desk, handoff, "release")).json()["status"] == "queued"
    moved = await act(desk, handoff, "transfer", agent="U1", note="he is angry")
    assert (moved.json()["status"], moved.json()["agent"]["id"]) == ("assigned", "U1")
    assert (await act(desk, handoff, "transfer", queue="default")).json()["agent"] is None
    labels = await act(desk, handoff, "labels", add=["vip", "late"])
    assert labels.json()["labels"] == ["vip", "late"]
    labels = await act(desk, handoff, "labels", remove=["late"])
    assert labels.json()["labels"] == ["vip"]
    urgent = await act(desk, handoff, "priority", priority="urgent")
    assert urgent.json()["priority"] == "urgent"
    assert (await act(desk, handoff, "notes", text="call back")).status_code == 201
    done = (await act(desk, handoff, "resolve", reason="refunded")).json()
    assert (done["status"], done["outcome"]) == ("resolved", "refunded")
    again = (await act(desk, handoff, "reopen")).json()
    assert (again["status"], again["agent"]) == ("queued", None)
    assert (await act(desk, handoff, "reject", reason="spam")).json()["status"] == "rejected"


async def test_what_the_lifecycle_forbids_is_409_with_the_reason(
    desk: Running, handoff: str
) -> None:
    await act(desk, handoff, "resolve")
    for action in ("resolve", "reject"):
        answer = await act(desk, handoff, action)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "already_ended")
    late = await act(desk, handoff, "priority", priority="low")
    assert (late.status_code, late.json()["error"]["code"]) == (409, "not_now")


@pytest.mark.parametrize(
    ("action", "body", "status"),
    [
        ("assign", {}, 422),
        ("assign", {"agent": "U404"}, 404),
        ("assign", {"agent": "U7"}, 409),
        ("transfer", {}, 422),
        ("transfer", {"agent": "U1", "queue": "default"}, 422),
        ("transfer", {"queue": "nowhere"}, 404),
        ("snooze", {}, 422),
        ("snooze", {"seconds": 1, "until": "2099-01-01T09:00:00Z"}, 422),
        ("snooze", {"until": "2001-01-01T09:00:00Z"}, 409),
        ("snooze", {"until": "2099-01-01T09:00:00"}, 422),
        ("labels", {"add": ["two words"]}, 422),
        ("notes", {"text": ""}, 422),
        ("priority", {"priority": "highest"}, 422),
    ],
)
async def test_what_does_not_fit_changes_nothing(
    desk: Running, handoff: str, action: str, body: dict[str, Any], status: int
) -> None:
    before = (await desk.api("GET", f"/handoffs/{handoff}")).json()
    assert (await act(desk, handoff, action, **body)).status_code == status
    assert (await desk.api("GET", f"/handoffs/{handoff}")).json() == before


async def test_what_is_not_there_is_404_and_without_a_key_401(desk: Running) -> None:
    assert (await act(desk, "hnd_nobody", "release")).status_code == 404
    bare = await desk.client.post("/v1/handoffs/hnd_nobody/release", json={})
    assert bare.status_code == 401


async def test_while_the_desk_cannot_say_who_somebody_is_it_is_503(
    desk: Running, handoff: str
) -> None:
    assert isinstance(desk.desk, StaffedDesk)
    desk.desk.away = True
    assert (await act(desk, handoff, "assign", agent="U1")).status_code == 503


async def test_a_desk_that_knows_nobody_assigns_nobody(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.db"
    async with running(configured(url, tmp_path)) as desk:
        answer = await act(desk, "hnd_1", "assign", agent="U1")
        assert answer.json()["error"]["fields"] == {"agent": "is nobody"}


# --- pausing -------------------------------------------------------------------------------------


async def test_a_user_is_paused_by_channel_and_id(desk: Running) -> None:
    user = {"channel": "webchat", "user": {"id": "kim/1"}, "title": "Hi"}
    opened = (await desk.api("POST", "/handoffs", json=user)).json()
    await act(desk, opened["id"], "resolve")
    path = "/channels/webchat/users/kim/1"
    for _ in range(2):
        answer = await desk.api("POST", f"{path}/pause", json={"reason": "abuse"})
        assert (answer.status_code, answer.json()) == (200, {"paused": True})
    shown = (await desk.api("GET", f"/conversations/{opened['conversation_id']}")).json()
    assert shown["paused"]
    for _ in range(2):
        assert (await desk.api("POST", f"{path}/resume")).json() == {"paused": False}
    nobody = await desk.api("POST", "/channels/webchat/users/zoe/pause")
    assert nobody.status_code == 404


async def test_what_is_known_of_a_user_is_told_by_and_by(
    desk: Running, sam: Visitor, handoff: str
) -> None:
    address = (await desk.api("GET", f"/handoffs/{handoff}")).json()["user"]["id"]
    path = f"/channels/webchat/users/{address}"
    first = {"name": "Sam Rivera", "locale": "fr", "attributes": {"plan": "Pro", "age": 4}}
    told = await desk.api("PATCH", path, json=first)
    assert (told.status_code, told.json()["name"], told.json()["locale"]) == (
        200,
        "Sam Rivera",
        "fr",
    )
    again = {"email": "sam@customer.example", "attributes": {"age": None}}
    for _ in range(2):
        known = (await desk.api("PATCH", path, json=again)).json()
        assert (known["name"], known["email"]) == ("Sam Rivera", "sam@customer.example")
        assert known["attributes"] == {"plan": "Pro"}
    shown = (await desk.api("GET", f"/conversations/{sam.conversation}")).json()
    assert shown["user"] == known
    wrong = await desk.api("PATCH", path, json={"avatar_url": "http://x.example/a.png"})
    assert (wrong.status_code, list(wrong.json()["error"]["fields"])) == (422, ["avatar_url"])
    nobody = await desk.api("PATCH", "/channels/webchat/users/zoe", json={"name": "Zoe"})
    assert nobody.status_code == 404


async def test_a_bot_is_paused_everywhere_and_resumed(desk: Running, sam: Visitor) -> None:
    for _ in range(2):
        answer = await desk.api("POST", "/bots/default/pause", json={"reason": "maintenance"})
        assert (answer.status_code, answer.json()) == (200, {"paused": True})
    path = f"/conversations/{sam.conversation}"
    spoken = await desk.api("POST", f"{path}/messages", json={"text": "hi"})
    assert (spoken.status_code, spoken.json()["error"]["code"]) == (409, "human_in_control")
    one = await desk.api("POST", f"{path}/resume")
    assert (one.status_code, one.json()["error"]["code"]) == (409, "bot_paused")
    for _ in range(2):
        assert (await desk.api("POST", "/bots/default/resume")).json() == {"paused": False}
    spoken = await desk.api("POST", f"{path}/messages", json={"text": "hi"})
    assert spoken.status_code == 202
    assert (await desk.api("POST", "/bots/nobody/pause")).status_code == 404


# --- the desk speaks, finds and deletes ----------------------------------------------------------


async def test_the_desk_speaks_while_the_bot_goes_on(desk: Running, sam: Visitor) -> None:
    path = f"/conversations/{sam.conversation}/messages"
    body = {"as": "desk", "id": "m1", "text": "We are closed today"}
    first, again = [await desk.api("POST", path, json=body) for _ in range(2)]
    assert (first.status_code, again.json()) == (202, first.json())
    said = [m for m in (await sam.read())["messages"] if m["author"]["kind"] == "agent"]
    assert [(m["text"], m["author"]["name"]) for m in said] == [("We are closed today", "Our team")]
    other = await desk.api("POST", path, json={**body, "text": "something else"})
    assert (other.status_code, other.json()["error"]["code"]) == (409, "id_reused")


async def test_conversations_are_found_and_only_paused_ones(desk: Running, sam: Visitor) -> None:
    async def found(query: str) -> list[str]:
        answer = await desk.api("GET", f"/conversations?{query}")
        assert answer.status_code == 200
        return [each["id"] for each in answer.json()["conversations"]]

    assert await found("q=hello") == [sam.conversation]
    assert await found("q=nothing+of+that") == []
    assert await found("paused=true") == []
    await desk.api("POST", f"/conversations/{sam.conversation}/pause")
    assert await found("paused=true") == [sam.conversation]
    assert await found("paused=false") == []
    assert (await desk.api("GET", "/conversations?paused=maybe")).status_code == 422


async def test_a_conversation_is_deleted_and_twice_does_no_harm(
    desk: Running, sam: Visitor
) -> None:
    for _ in range(2):
        answer = await desk.api("DELETE", f"/conversations/{sam.conversation}")
        assert (answer.status_code, answer.content) == (204, b"")
    assert (await sam.read())["messages"] == []
    assert (await desk.api("GET", f"/conversations/{sam.conversation}")).status_code == 404
    await sam.say("Hello again")
    assert (await desk.api("GET", f"/conversations/{sam.conversation}")).status_code == 200
    assert (await desk.api("DELETE", "/conversations/cnv_nobody")).status_code == 404


async def test_deleting_must_be_allowed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.db"
    async with running(configured(url, tmp_path, **with_bot())) as desk:
        sam = await desk.visitor()
        await sam.say("Hello")
        answer = await desk.api("DELETE", f"/conversations/{sam.conversation}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "delete_not_allowed")
        assert len((await sam.read())["messages"]) == 1


async def test_a_queue_that_wants_to_be_told_more_says_what_and_takes_labels_with_it(
    tmp_path: Path,
) -> None:
    wants = 'name = "default"\nrequire_labels = ["refund"]\noutcomes = ["Done"]\n'
    wants = f'{UNLIMITED}[labels]\nnames = ["refund", "vip"]\n[[queues]]\n{wants}'
    async with running(configured(in_file(tmp_path), tmp_path, wants)) as desk:
        sam = await desk.visitor()
        await sam.say("Hello")
        [handoff] = (await desk.api("GET", "/handoffs")).json()["handoffs"]
        path = f"/handoffs/{handoff['id']}/resolve"
        refused = await desk.api("POST", path, json={"reason": "sent"})
        error = refused.json()["error"]
        assert (refused.status_code, error["code"]) == (409, "wrap_up_required")
        needed = "is needed: one of"
        assert error["fields"] == {"labels": f"{needed} refund", "reason": f"{needed} Done"}
        for how, body in (("labels", {"add": ["refnd"]}), ("resolve", {"labels": ["refnd"]})):
            refused = await desk.api("POST", f"/handoffs/{handoff['id']}/{how}", json=body)
            error = refused.json()["error"]
            assert (refused.status_code, error["code"]) == (409, "unknown_label")
            why = "there is no refnd; did you mean refund or vip?"
            assert error["fields"] == {"labels": why}
        told = await desk.api("POST", path, json={"reason": "done", "labels": ["refund"]})
        assert (told.status_code, told.json()["outcome"]) == (200, "Done")
        assert told.json()["labels"] == ["refund"]
