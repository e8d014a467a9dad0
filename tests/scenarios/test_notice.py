"""How agents notice, over the public surface: who is mentioned where, with times made short."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest

from sandbox.slack import seed
from sandbox.slack.seed import ORDERS
from tests.scenarios.customer import Customer
from tests.scenarios.processes import until
from tests.scenarios.puppet import Puppet, hands_over
from tests.scenarios.stage import Setting, Stage, on_stage
from tests.scenarios.thread import Thread, buttons, key_of, plain

NOTIFY_AFTER = 1.0
"""Seconds."""
ALERTS = f"""
[alerts]
notify = "{seed.ORDERS_GROUP}"
lead = "{seed.CHLOE}"
notify_after = {NOTIFY_AFTER}
overdue_after = 2.0
lead_after = 3.0
held_after = 1.0
"""
SOON = 60.0


@pytest.fixture(scope="module")
async def stage(bot: Puppet, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    folder = tmp_path_factory.mktemp("alerts")
    url = f"sqlite:///{folder}/deskbridge.db"
    async with on_stage(Setting(url, bot=bot, more_toml=ALERTS), folder) as stage:
        yield stage
        assert await stage.oracle.violations() == []


async def waiting(stage: Stage) -> tuple[Customer, Thread]:
    sam = await stage.customer("Sam Rivera")
    stage.the_bot.answers[sam.conversation] = hands_over
    await sam.say("Where is my parcel?")
    return sam, await stage.thread(sam)


def called(post: dict[str, Any]) -> list[str]:
    """Whom a post mentions, by Slack's ids."""
    found: list[str] = []
    nodes: list[Any] = [post.get("blocks") or []]
    while nodes:
        node = nodes.pop()
        if isinstance(node, list):
            nodes += node
        elif isinstance(node, dict):
            found += [str(node[key]) for key in ("user_id", "usergroup_id") if key in node]
            nodes.append(node.get("elements") or [])
    return found


async def calls(thread: Thread, since: int = 0) -> list[str]:
    """Whom the posts mention; `since`: from this one on."""
    return [who for post in (await thread.posts())[since:] for who in called(post)]


async def test_a_waiting_handoff_calls_nobody_then_the_team_then_the_channel_then_the_lead(
    stage: Stage,
) -> None:
    _, thread = await waiting(stage)
    assert called(await thread.card()) == []

    async def all_called() -> bool:
        return await calls(thread) == [seed.ORDERS_GROUP, seed.CHLOE]

    await until(all_called, timeout=SOON, what="the team and then the lead to be called")
    first = next(post for post in await thread.posts() if called(post))
    handoff = (await stage.api("GET", f"/handoffs/{thread.handoff}")).json()
    opened = datetime.fromisoformat(handoff["opened_at"]).timestamp()
    assert float(first["ts"]) - opened > 0.9 * NOTIFY_AFTER
    (overdue,) = [
        post for post in await thread.posts() if post.get("subtype") == "thread_broadcast"
    ]
    assert plain(overdue).startswith("Overdue: #")
    assert "Sam Rivera" in plain(overdue)
    assert buttons(overdue) == ["assign_me"]
    await stage.agent(seed.BEN).click("assign_me", channel=ORDERS, ts=overdue["ts"])
    await thread.card_begins("Ben")

    async def told_of() -> bool:
        return sum("Ben took it" in plain(post) for post in await thread.posts()) == 3

    await until(told_of, what="the lines to say who has it")
    again = next(post for post in await thread.posts() if post["ts"] == overdue["ts"])
    assert "Sam Rivera" in plain(again)
    assert buttons(again) == []


async def test_who_took_it_by_a_button_is_called_by_the_customers_words(stage: Stage) -> None:
    sam, thread = await waiting(stage)
    ana = stage.agent()
    await ana.click("assign_me", channel=ORDERS, ts=thread.ts)
    await thread.card_begins("Ana")
    await sam.say("Hello?")
    await sam.say("Anybody?")
    await thread.has_said("Hello?<user>", "Anybody?")
    posts = [post for post in await thread.posts() if key_of(post).startswith("msg_")]
    assert [called(post) for post in posts] == [[seed.ANA], []]
    assert posts[0]["text"] == "Sam: Hello?"
    await ana.reply(ORDERS, thread.ts, "Here I am")
    await sam.say("Good")
    await thread.has_said("Hello?<user>", "Anybody?", "Good")


async def test_an_unanswered_customer_calls_the_assignee_again_and_then_the_lead(
    stage: Stage,
) -> None:
    sam, thread = await waiting(stage)
    ana = stage.agent()
    await ana.reply(ORDERS, thread.ts, "Hello")
    await sam.has_heard("Hello")
    await sam.say("And?")

    async def both_called() -> bool:
        """Since then: the team may have been called before Ana had answered."""
        texts = [plain(post)[:4] for post in await thread.posts()]
        return "And?" in texts and (await calls(thread, texts.index("And?"))) == [
            seed.ANA,
            seed.CHLOE,
        ]

    await until(both_called, timeout=SOON, what="Ana and then the lead to be called")


async def test_the_author_of_a_held_message_is_called_once(stage: Stage) -> None:
    sam, thread = await waiting(stage)
    ana = stage.agent()
    await ana.reply(ORDERS, thread.ts, "Hello")
    held = await ana.reply(ORDERS, thread.ts, "!refund him")
    line = await thread.line_about("still waits for a word from you")
    assert called(line) == [seed.ANA]
    assert buttons(line) == ["send_held", "keep_as_note"]
    await ana.click("keep_as_note", channel=ORDERS, ts=line["ts"])
    await thread.has_mark(held, "🔒")
    await sam.has_heard("Hello")


async def test_a_word_at_the_channels_root_is_answered_with_the_way(stage: Stage) -> None:
    _, thread = await waiting(stage)
    chloe = stage.agent(seed.CHLOE)
    await stage.oracle.post("member", {"channel": ORDERS, "user": seed.CHLOE, "on": True})
    await chloe.click("assign_me", channel=ORDERS, ts=thread.ts)
    await thread.card_begins("Chlo")
    ts = await chloe.say(ORDERS, "Your parcel leaves today")
    below = Thread(stage.oracle, ts)

    async def answered() -> list[dict[str, Any]]:
        return await below.posts()

    (told,) = await until(answered, what="an answer")
    assert plain(told).startswith("This went to nobody")
    assert f"/p{thread.ts.replace('.', '')}" in str(told["blocks"])
