"""`/v1/approvals`: asked, decided and waited for by call, over the whole product."""

from __future__ import annotations

import asyncio
import base64
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from standardwebhooks.webhooks import Webhook

from bridge.api import approvals
from bridge.errors import Retry
from bridge.keys import Scope, new_key
from bridge.model import Agent, AgentId, Author, Role
from tests.bridge.fakes import AbleDesk
from tests.bridge.running import (
    API_KEY,
    BOT_SECRET,
    UNLIMITED,
    Running,
    configured,
    in_file,
    running,
    with_bot,
)

SCHEMA = {"type": "object", "properties": {"amount": {"type": "number", "maximum": 50}}}
REQUIRE = f"{UNLIMITED}\n[approvals]\nrequire = true\n"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(configured(in_file(tmp_path), tmp_path, REQUIRE, **with_bot())) as made:
        yield made


async def ask(desk: Running, status: int = 202, **body: Any) -> dict[str, Any]:
    given = {"title": "Refund", "draft": {"amount": 5}, **body}
    answer = await desk.api("POST", "/approvals", json=given)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def given(desk: Running, *scopes: Scope, name: str = "crm") -> dict[str, str]:
    """What a new key of these scopes is shown with."""
    token, key = new_key(name, frozenset(scopes), 1)
    assert await desk.process.now.records.keys.add(key, Author(Role.SYSTEM))
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
async def another(desk: Running) -> dict[str, str]:
    """Who asked does not decide."""
    return await given(desk, Scope.DESK)


Decide = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
def decide(desk: Running, another: dict[str, str]) -> Decide:
    async def send(it: dict[str, Any], act: str, **body: Any) -> httpx.Response:
        path = f"/approvals/{it['id']}/{act}"
        return await desk.api("POST", path, json=body, headers=another)

    return send


async def test_it_is_asked_once_and_shows_what_was_decided(desk: Running, decide: Decide) -> None:
    it = await ask(desk, id="r1", schema=SCHEMA, context={"run": 7})
    assert (it["status"], it["value"], it["conversation_id"]) == ("pending", None, None)
    assert (await ask(desk, 200, id="r1", schema=SCHEMA, context={"run": 7}))["id"] == it["id"]
    assert (await ask(desk, 409, id="r1"))["error"]["code"] == "id_reused"
    wrong = await decide(it, "edit", value={"amount": 99})
    assert (wrong.status_code, [*wrong.json()["error"]["fields"]]) == (409, ["amount"])
    old = await decide(it, "approve", revision=9)
    assert (old.status_code, old.json()["error"]["code"]) == (409, "draft_changed")
    done = await decide(it, "edit", value={"amount": 40})
    assert (done.status_code, done.json()["status"]) == (200, "edited")
    shown = (await desk.api("GET", f"/approvals/{it['id']}")).json()
    assert (shown["value"], shown["context"], shown["reviewers"][0]["name"]) == (
        *({"amount": 40}, {"run": 7}),
        "crm",
    )
    late = await decide(it, "reject", reason="No")
    assert (late.status_code, late.json()["error"]["decided_by"]) == (409, "crm")
    listed = await desk.api("GET", "/conversations")
    assert listed.json()["conversations"] == []


async def test_they_are_listed_by_the_page_by_state_queue_and_conversation(
    desk: Running, decide: Decide
) -> None:
    sam = await desk.visitor()
    await sam.say("Where is it?")
    first = await ask(desk, conversation_id=sam.conversation)
    second, third = await ask(desk, reviewers=["default"]), await ask(desk)
    await decide(second, "reject", reason="No")

    async def listed(**params: Any) -> list[str]:
        answer = await desk.api("GET", "/approvals", params=params)
        assert answer.status_code == 200, answer.text
        return [each["id"] for each in answer.json()["approvals"]]

    assert await listed() == [third["id"], second["id"], first["id"]]
    assert await listed(status="pending") == [third["id"], first["id"]]
    assert await listed(status="rejected,approved") == [second["id"]]
    assert await listed(queue="default") == [second["id"]]
    assert await listed(conversation=sam.conversation) == [first["id"]]
    page = (await desk.api("GET", "/approvals", params={"limit": 2})).json()
    assert await listed(cursor=page["next_cursor"]) == [first["id"]]
    other = await desk.api("GET", "/approvals", params={"cursor": "strange"})
    assert other.status_code == 404
    wrong = await desk.api("GET", "/approvals", params={"status": "lost"})
    assert wrong.status_code == 422
    shown = page["approvals"][0]
    assert (shown["bot"], shown["handoff_id"], shown["title"]) == ("default", None, "Refund")


async def test_a_bot_that_signs_is_told_of_its_own_alone(tmp_path: Path) -> None:
    secret = f"whsec_{base64.b64encode(b'o' * 24).decode()}"
    bots = "".join(
        f'[[bots]]\nid = "{name}"\nurl = "http://127.0.0.1:1/{name}"\nsecret = "{key}"\n'
        for name, key in (("shop", BOT_SECRET), ("other", secret))
    )
    settings = configured(in_file(tmp_path), tmp_path, f"{UNLIMITED}\n{bots}")
    async with running(settings) as desk:

        async def signed(method: str, key: str, raw: str = "") -> httpx.Response:
            now = datetime.now(UTC)
            headers = {
                "webhook-id": f"msg_{method}",
                "webhook-timestamp": str(int(now.timestamp())),
                "webhook-signature": Webhook(key).sign(f"msg_{method}", now, raw),
                "content-type": "application/json",
            }
            return await desk.client.request(method, "/v1/approvals", content=raw, headers=headers)

        made = await signed("POST", BOT_SECRET, '{"title": "Refund", "draft": {"amount": 5}}')
        assert made.status_code == 202, made.text
        own, others = await signed("GET", BOT_SECRET), await signed("GET", secret)
    assert [each["bot"] for each in own.json()["approvals"]] == ["shop"]
    assert others.json()["approvals"] == []


async def test_a_held_answer_reaches_nobody_before_it_is_approved(
    desk: Running, decide: Decide
) -> None:
    sam = await desk.visitor()
    await sam.say("Where is it?")
    said = await desk.api(
        "POST", f"/conversations/{sam.conversation}/messages", json={"text": "On its way."}
    )
    assert said.status_code == 202, said.text
    held = {"id": said.json()["held"]}
    assert await sam.texts() == ["Where is it?"]
    waiting = asyncio.create_task(desk.api("GET", f"/approvals/{held['id']}?wait=30"))
    await decide(held, "approve")
    shown = (await waiting).json()
    assert (shown["status"], shown["sent"], shown["why"]) == ("approved", True, "everything")
    assert await sam.texts() == ["Where is it?", "On its way."]


async def test_what_is_not_settled_is_answered_when_the_time_is_over(desk: Running) -> None:
    it = await ask(desk)
    shown = await desk.api("GET", f"/approvals/{it['id']}?wait=0.01")
    assert shown.json()["status"] == "pending"


async def test_for_who_has_gone_nobody_waits(
    desk: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(approvals, "POLL", 0.01)
    it, sent = await ask(desk), []
    scope = {
        "type": "http",
        "method": "GET",
        "path": f"/v1/approvals/{it['id']}",
        "query_string": b"wait=60",
        "headers": [(b"authorization", f"Bearer {API_KEY}".encode())],
    }

    async def receive() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    async with asyncio.timeout(45):
        await desk.process.app(scope, receive, send)
    assert sent[0]["status"] == 200


async def test_what_is_to_be_sent_needs_the_bot_in_charge(desk: Running) -> None:
    sam = await desk.visitor()
    await sam.say("Hello")
    body: dict[str, Any] = {
        "conversation_id": sam.conversation,
        "draft": {"text": "Hi"},
        "send": True,
    }
    it = await ask(desk, **body)
    await desk.hand_over(sam.conversation)
    shown = (await desk.api("GET", f"/approvals/{it['id']}")).json()
    assert (shown["status"], shown["reason"]) == ("expired", "human_in_control")
    assert (await ask(desk, 409, **body))["error"]["code"] == "human_in_control"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"draft": None}, 422),
        ({"draft": {"text": "Hi"}, "send": True}, 422),
        ({"conversation_id": "cnv_x", "send": True}, 422),
        (
            {"conversation_id": "cnv_x", "draft": {"text": "Hi", "attachments": []}, "send": True},
            422,
        ),
        ({"conversation_id": "cnv_x"}, 404),
        ({"schema": {"type": "nothing"}}, 409),
        ({"schema": {"type": "string"}}, 409),
        ({"schema": {"$ref": "https://shop.example/schema"}}, 409),
        ({"schema": {"patternProperties": {"(a+)+": {}}}}, 409),
        ({"schema": {"$ref": "#"}}, 409),
        ({"schema": {"uniqueItems": True}, "draft": [{"n": n} for n in range(3_000)]}, 409),
        ({"draft": "x" * 40_000}, 422),
        ({"reviewers": ["Nobody"]}, 404),
    ],
)
async def test_what_does_not_fit_is_named(desk: Running, body: dict[str, Any], status: int) -> None:
    refused = await ask(desk, status, **body)
    assert refused["error"]["code"] in ("invalid", "not_found", "bad_schema")
    assert refused["error"].get("fields") or body == {"conversation_id": "cnv_x"}


class StaffedDesk(AbleDesk):
    """A desk that knows who its agents are."""

    async def agent(self, id: AgentId) -> Agent:
        return next(each for each in await self.agents() if each.id == id)

    async def agents(self) -> Sequence[Agent]:
        if error := self.moods.next():
            raise error
        names = {"U1": "Ana", "U2": "Ben", "U3": "ben"}
        return [Agent(AgentId(each), name) for each, name in names.items()]


async def test_people_are_asked_by_name_and_only_they_decide(tmp_path: Path) -> None:
    made = StaffedDesk()
    async with running(configured(in_file(tmp_path), tmp_path), desk=made) as desk:
        it = await ask(desk, reviewers=["default", "ana", "S07MANAGERS"])
        assert it["asked"] == ["default", "U1", "S07MANAGERS"]
        assert (await ask(desk, 404, reviewers=["Ben"]))["error"]["fields"] == {
            "reviewers.0": "there is no queue and nobody called Ben"
        }
        made.moods.say(Retry("away"))
        assert (await ask(desk, 503, reviewers=["Ana"]))["error"]["code"] == "desk_unavailable"
        only = await ask(desk, reviewers=["Ana"])
        theirs: dict[str, Any] = {"headers": await given(desk, Scope.DESK), "json": {}}
        path = f"/approvals/{only['id']}/approve"
        refused = await desk.api("POST", path, **theirs)
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "not_a_reviewer")
        theirs["headers"] = await given(desk, Scope.ADMIN, Scope.DESK, name="lead")
        assert (await desk.api("POST", path, **theirs)).json()["status"] == "approved"
        assert (await desk.api("GET", "/approvals/apr_none")).status_code == 404


async def test_of_many_who_decide_at_once_one_is_first(desk: Running, decide: Decide) -> None:
    asked = [await ask(desk, id=f"r{n}") for n in range(20)]
    answers = await asyncio.gather(
        *(
            decide(it, act, value={"amount": 1}, text="No", reason="No")
            for it in asked
            for act in ("approve", "edit", "reject", "respond")
        )
    )
    told = Counter(answer.status_code for answer in answers)
    assert told == {200: 20, 409: 60}
    kinds = {(await desk.api("GET", f"/approvals/{it['id']}")).json()["status"] for it in asked}
    assert "pending" not in kinds


@pytest.mark.parametrize("act", ["approve", "edit", "reject", "respond"])
async def test_the_key_that_asked_does_not_decide_whatever_it_may_do(
    desk: Running, decide: Decide, act: str
) -> None:
    it = await ask(desk)
    body = {"value": {"amount": 1}, "text": "No", "reason": "No"}
    refused = await desk.api("POST", f"/approvals/{it['id']}/{act}", json=body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "own_draft")
    assert "another key" in refused.json()["error"]["message"]
    assert (await decide(it, act, **body)).status_code == 200


async def test_nor_does_the_key_by_which_the_bot_spoke(desk: Running) -> None:
    sam = await desk.visitor()
    await sam.say("Where is it?")
    both = await given(desk, Scope.BOT, Scope.DESK)
    path = f"/conversations/{sam.conversation}/messages"
    held = (await desk.api("POST", path, json={"text": "Here."}, headers=both)).json()["held"]
    path = f"/approvals/{held}/approve"
    refused = await desk.api("POST", path, json={}, headers=both)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "own_draft")
    assert await sam.texts() == ["Where is it?"]
    assert (await desk.api("POST", path, json={})).status_code == 200


async def test_whatever_is_allowed_it_may_be_rejected(desk: Running, decide: Decide) -> None:
    it = await ask(desk, allowed=["edit", "approve"])
    assert it["allowed"] == ["approve", "edit", "reject"]
    assert (await decide(it, "respond", text="No")).json()["error"]["code"] == "act_not_allowed"
    assert (await decide(it, "reject", reason="No")).json()["status"] == "rejected"
