"""Who may speak to users, and what is done while Slack does not say."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from starlette.responses import JSONResponse

from adapters.slack.client import Client
from adapters.slack.config import QueuePlace, Staff, from_settings
from adapters.slack.identity import Identity, Self
from adapters.slack.members import Members, MembershipUnknown, read_person
from bridge.commands import Accepted, AgentSaid
from bridge.model import SECOND, AgentId
from bridge.ranks import Rank
from sandbox.slack import seed
from sandbox.slack.person import Person
from storage.memory import MemoryLimiter
from tests.adapters.slack.script import Script
from tests.adapters.slack.world import Stage, World, settings

US = Identity("T1", "U0BOT", "B1", "https://acme.slack.com/")


class Time:
    def __init__(self) -> None:
        self.now = 1_763_700_000 * SECOND

    def __call__(self) -> int:
        return self.now


def person(**fields: Any) -> dict[str, Any]:
    profile = {"display_name": "ana", "real_name": "Ana Torres", "image_192": "https://x.io/a.png"}
    return {"id": "U0ANA", "team_id": "T1", "profile": profile, "tz_offset": 3600, **fields}


@pytest.fixture
def script(stages: tuple[Stage, Stage]) -> Script:
    made = Script()
    stages[0].app = made.app
    made.on("auth.test", {"ok": True, "team_id": "T1", "user_id": "U0BOT", "bot_id": "B1"})
    made.on("users.info", {"ok": True, "user": person()})
    made.on("conversations.members", {"ok": True, "members": ["U0ANA", "U0BOT"]})
    return made


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
async def members(stages: tuple[Stage, Stage], clock: Time) -> AsyncIterator[Members]:
    config = from_settings(settings(stages[0].url))
    assert config is not None
    client = Client(config, MemoryLimiter())
    made = Members(client, Self(client), config.queues, clock, "http://x")
    yield made
    made.close()
    await client.close()


@pytest.fixture
async def many(stages: tuple[Stage, Stage], clock: Time) -> AsyncIterator[Members]:
    """Of a desk with several queues."""
    config = from_settings(settings(stages[0].url))
    assert config is not None
    client = Client(config, MemoryLimiter())
    made = Members(client, Self(client), QUEUES, clock, "http://x")
    yield made
    made.close()
    await client.close()


async def test_a_full_member_in_the_channel_is_an_agent(members: Members, script: Script) -> None:
    agent = await members.agent("U0ANA")
    assert (agent.id, agent.name, agent.avatar_url) == ("U0ANA", "ana", "https://x.io/a.png")
    assert agent.member
    assert members.known("U0ANA") == agent


async def test_slack_is_asked_once_a_minute_however_many_ask(
    members: Members, script: Script, clock: Time
) -> None:
    await asyncio.gather(*(members.agent("U0ANA") for _ in range(20)))
    assert len(script.of("users.info")) == len(script.of("conversations.members")) == 1
    clock.now += 61 * SECOND
    assert members.known("U0ANA") is None
    await members.agent("U0ANA")
    assert len(script.of("users.info")) == 2
    assert len(script.of("auth.test")) == 1


async def test_a_channel_of_many_is_read_to_the_end(members: Members, script: Script) -> None:
    more = {"ok": True, "members": ["U1"], "response_metadata": {"next_cursor": "c1"}}
    script.on("conversations.members", more, {"ok": True, "members": ["U0ANA"]})
    assert (await members.agent("U0ANA")).member
    assert script.of("conversations.members")[1]["cursor"] == "c1"


@pytest.mark.parametrize(
    "fields",
    [
        {"deleted": True},
        {"is_bot": True},
        {"is_restricted": True},
        {"is_ultra_restricted": True},
        {"is_stranger": True},
        {"team_id": "T9"},
        {"id": "USLACKBOT"},
    ],
)
def test_guests_bots_and_strangers_are_nobody_here(fields: dict[str, Any]) -> None:
    assert read_person("U0ANA", person(), US, "http://x").full
    assert not read_person("U0ANA", person(**fields), US, "http://x").full


def test_in_an_enterprise_a_person_belongs_to_several_workspaces() -> None:
    both = person(team_id="T9", enterprise_user={"teams": ["T9", "T1"]})
    assert read_person("U0ANA", both, US, "http://x").full


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://x.io/a.png", True),
        ("http://x/a.png", True),
        ("http://elsewhere/a.png", False),
        ("", False),
    ],
)
def test_a_picture_is_https_or_slacks_own(url: str, shown: bool) -> None:
    found = read_person("U0ANA", person(profile={"image_192": url}), US, "http://x")
    assert bool(found.avatar_url) is shown


@pytest.mark.parametrize("user", [None, [], {}, {"profile": []}, {"tz_offset": "x"}])
def test_whatever_slack_says_of_somebody_is_read(user: object) -> None:
    assert read_person("U0ANA", user, US, "http://x").offset == 0


async def test_who_does_not_exist_is_nobody(members: Members, script: Script) -> None:
    script.on("users.info", {"ok": False, "error": "user_not_found"})
    assert not (await members.agent("U0ANA")).member


async def test_who_is_not_in_the_channel_is_nobody(members: Members, script: Script) -> None:
    script.on("conversations.members", {"ok": True, "members": ["U0BEN"]})
    assert not (await members.agent("U0ANA")).member


SILENT = JSONResponse({"ok": False, "error": "ratelimited"}, 429)
QUEUES = (
    QueuePlace("default", seed.ORDERS),
    QueuePlace("billing", seed.BILLING),
    QueuePlace("leads", seed.ORDERS, frozenset({"U0BEN"})),
)


def by_channel(**inside: list[str]) -> Callable[[dict[str, Any]], Any]:
    names = {seed.ORDERS: "orders", seed.BILLING: "billing"}

    def answer(args: dict[str, Any]) -> Any:
        found = inside.get(names[args["channel"]])
        wrong = {"ok": False, "error": "channel_not_found"}
        return wrong if found is None else {"ok": True, "members": found}

    return answer


async def test_each_queue_has_its_own_members(script: Script, many: Members) -> None:
    script.on("conversations.members", by_channel(orders=["U0ANA"], billing=["U0ANA", "U0BEN"]))
    script.on("users.info", lambda args: {"ok": True, "user": person(id=args["user"])})
    queues = {agent.id: agent.queues for agent in await many.agents()}
    assert queues == {"U0ANA": ("default", "billing"), "U0BEN": ("billing", "leads")}
    assert many.inside() == {"U0ANA", "U0BEN"}
    script.on("conversations.members", SILENT)
    many.left(seed.BILLING, "U0BEN")
    assert (await many.agent("U0BEN")).queues == ("leads",)


async def test_groups_make_members_supervisors_and_admins_and_names_are_the_settings(
    stages: tuple[Stage, Stage], script: Script, clock: Time
) -> None:
    groups = {"S0TEAM": ["U0ANA", "U0BEN"], "S0LEADS": ["U0BEN"]}

    def members_of(args: dict[str, Any]) -> Any:
        found = groups.get(args["usergroup"])
        return {"ok": True, "users": found} if found else {"ok": False, "error": "no_such_subteam"}

    script.on("usergroups.users.list", members_of)
    script.on("users.info", lambda args: {"ok": True, "user": person(id=args["user"])})
    queues = (QueuePlace("default", seed.ORDERS, frozenset({"S0TEAM", "S0GONE", "U0CAT"})),)
    shown = {"U0ANA": ("Ana from Support", "https://x.io/own.png")}
    staff = Staff(frozenset({"S0LEADS"}), frozenset({"U0CAT"}), shown)
    config = from_settings(settings(stages[0].url))
    assert config is not None
    client = Client(config, MemoryLimiter())
    made = Members(client, Self(client), queues, clock, "http://x", staff=staff)
    found = {agent.id: agent for agent in await made.agents()}
    assert {agent.id: agent.rank for agent in found.values()} == {
        "U0ANA": Rank.AGENT,
        "U0BEN": Rank.SUPERVISOR,
        "U0CAT": Rank.ADMIN,
    }
    ana = found[AgentId("U0ANA")]
    assert (ana.name, ana.avatar_url) == shown["U0ANA"]
    assert made.inside() == {"U0ANA", "U0BEN", "U0CAT"}
    groups["S0TEAM"] = ["U0BEN"]
    clock.now += 61 * SECOND
    assert not (await made.agent("U0ANA")).member
    made.close()
    await client.close()


async def test_a_channel_that_is_closed_to_us_keeps_nobody_out_of_the_others(
    script: Script, many: Members
) -> None:
    script.on("conversations.members", by_channel(orders=["U0ANA"]))
    assert (await many.agent("U0ANA")).queues == ("default",)
    script.on("conversations.members", SILENT)
    many.joined(seed.ORDERS)
    with pytest.raises(MembershipUnknown):
        await many.agent("U0ANA")


async def test_a_change_is_asked_for_again_at_once(members: Members, script: Script) -> None:
    await members.agent("U0ANA")
    script.on("conversations.members", {"ok": True, "members": []})
    members.joined(seed.ORDERS)
    assert not (await members.agent("U0ANA")).member
    script.on("users.info", {"ok": True, "user": person(profile={"real_name": "Ana T."})})
    members.forget_person("U0ANA")
    assert (await members.agent("U0ANA")).name == "Ana T."


async def test_an_answer_from_before_a_change_does_not_stay(
    members: Members, script: Script
) -> None:
    started = asyncio.Event()
    go_on = asyncio.Event()

    async def asked() -> None:
        await members.agent("U0ANA")

    def answer(_: dict[str, Any]) -> dict[str, Any]:
        started.set()
        return {"ok": True, "members": ["U0ANA"]}

    script.on("conversations.members", answer, {"ok": True, "members": []})
    task = asyncio.create_task(asked())
    await started.wait()
    members.left(seed.ORDERS, "U0ANA")
    go_on.set()
    await task
    assert not (await members.agent("U0ANA")).member


async def test_while_slack_is_down_the_last_answer_holds_for_a_day(
    members: Members, script: Script, clock: Time
) -> None:
    await members.agent("U0ANA")
    for method in ("users.info", "conversations.members"):
        script.on(method, JSONResponse({"ok": False}, 503))
    clock.now += 3_600 * SECOND
    assert (await members.agent("U0ANA")).member
    clock.now += 86_400 * SECOND
    with pytest.raises(MembershipUnknown):
        await members.agent("U0ANA")


async def test_who_has_left_is_out_at_once_and_the_others_stay_though_slack_is_down(
    members: Members, script: Script
) -> None:
    script.on("conversations.members", {"ok": True, "members": ["U0ANA", "U0BEN"]})
    await members.agent("U0ANA")
    await members.person("U0BEN")
    script.on("conversations.members", SILENT)
    members.left(seed.ORDERS, "U0ANA")
    assert not (await members.agent("U0ANA")).member
    assert (await members.agent("U0BEN")).member


async def test_who_has_come_or_changed_is_unknown_until_slack_says(
    members: Members, script: Script
) -> None:
    await members.agent("U0ANA")
    for method in ("users.info", "conversations.members"):
        script.on(method, SILENT)
    members.joined(seed.ORDERS)
    with pytest.raises(MembershipUnknown):
        await members.agent("U0ANA")
    script.on("conversations.members", {"ok": True, "members": ["U0ANA"]})
    members.forget_person("U0ANA")
    with pytest.raises(MembershipUnknown):
        await members.agent("U0ANA")


async def test_comings_and_goings_of_other_channels_change_nothing(
    members: Members, script: Script
) -> None:
    agent = await members.agent("U0ANA")
    members.left(seed.GENERAL, "U0ANA")
    members.joined(seed.GENERAL)
    assert members.known("U0ANA") == agent


async def test_who_was_never_known_is_unknown_while_slack_is_down(
    members: Members, script: Script
) -> None:
    script.on("users.info", JSONResponse({"ok": False, "error": "ratelimited"}, 429))
    with pytest.raises(MembershipUnknown):
        await members.agent("U0ANA")


async def test_names_are_first_names_and_those_unknown_are_left_out(
    members: Members, script: Script
) -> None:
    script.on(
        "users.info",
        lambda asked: (
            {"ok": True, "user": person(profile={"real_name": "Ana Torres"})}
            if asked["user"] == "U0ANA"
            else {"ok": False, "error": "fatal_error"}
        ),
    )
    assert await members.names(("U0ANA", "U0BEN")) == {"U0ANA": "Ana"}


# --- with a workspace ----------------------------------------------------------------------------


async def test_leaving_the_channel_ends_membership(slack: World) -> None:
    thread = await slack.opened()
    await slack.ana.reply(thread.channel, thread.ts, "one")
    assert (await slack.bridge.next(AgentSaid)).by.member
    await slack.ana.join(thread.channel, on=False)
    await slack.ben.reply(thread.channel, thread.ts, "two")
    await slack.bridge.next(AgentSaid)
    await slack.ana.command(seed.GENERAL, "/desk queue")
    assert "Only members of this desk" in (await slack.ana.ephemerals())[-1]["text"]


async def test_a_guest_in_the_channel_is_told_that_nobody_heard(slack: World) -> None:
    thread = await slack.opened()
    slack.bridge.answer = lambda _: Accepted({"held": "not_a_member"})
    async with Person(slack.base, seed.GIL) as gil:
        await gil.join(thread.channel)
        await gil.reply(thread.channel, thread.ts, "!resolve")
        said = await slack.bridge.next(AgentSaid)
        assert not said.by.member
        await slack.desk.idle()
        [told] = await gil.ephemerals()
        assert told["text"].startswith("Your message stayed here and was not sent.")


async def test_words_come_again_when_nobody_could_say_whose_they_are(slack: World) -> None:
    thread = await slack.opened()
    rule = {"kind": "error", "methods": ["users.info"], "error": "fatal_error", "count": 1}
    slack.box.faults.install({"rules": [rule]}, 0)
    await slack.ana.reply(thread.channel, thread.ts, "hello")
    assert (await slack.bridge.next(AgentSaid)).by.member
    answers = [entry["status"] for entry in slack.box.delivery.log.entries()]
    assert 503 in answers
