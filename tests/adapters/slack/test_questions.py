"""A question in another channel: who may put it where, and what stands there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from adapters.slack.questions import ARCHIVED, NO_SUCH, SHARED, asked_body
from bridge.commands import AgentSaid, Rejected, ToThread
from bridge.errors import Broken, Refused
from bridge.model import Author, Message, Role, Visibility
from sandbox.slack import seed
from sandbox.slack.model import Channel
from sandbox.slack.person import Person
from tests.adapters.slack.checks import check
from tests.adapters.slack.texts import LONG, TEXT
from tests.adapters.slack.things import assigned, message
from tests.adapters.slack.world import World

QUESTION = replace(
    message("Is it *paid*? <!channel>"),
    author=Author(Role.AGENT, seed.ANA, "Ana Torres"),
    visibility=Visibility.INTERNAL,
)
OVER = "The conversation that this question was about has ended."
HIDDEN = "C06H1DDEN00"


def channel(slack: World, members: list[str], **fields: Any) -> str:
    """A private one."""
    made = Channel(HIDDEN, "hidden", 0, seed.ANA, dict.fromkeys(members), is_private=True, **fields)
    slack.box.workspace.channels[HIDDEN] = made
    return HIDDEN


async def put(slack: World, place: str, question: Message = QUESTION) -> str:
    await slack.opened(assigned())
    receipt = await slack.desk.ask(assigned(), question, place, "msg_1")
    assert receipt.place is not None
    return receipt.place[2]


async def test_it_stands_there_with_the_way_back_and_nothing_of_the_customer(slack: World) -> None:
    ts = await put(slack, seed.BILLING)
    shown = slack.message(ts, seed.BILLING)
    told = str(shown.blocks)
    assert "Is it *paid*? <!channel>" in told
    assert f"/archives/{seed.ORDERS}/p" in told
    assert "#42" in told
    assert "Sam" not in told
    found = await slack.desk.asked(seed.BILLING, "msg_1", 0)
    assert found
    assert found.place == (seed.TEAM, seed.BILLING, ts)
    assert await slack.desk.asked(seed.BILLING, "msg_2", 0) is None


async def test_what_is_answered_below_it_is_heard_in_any_channel(slack: World) -> None:
    ts = await put(slack, channel(slack, [seed.ANA, seed.CHLOE, seed.BOT_USER]))
    slack.books.posts = {ts}
    async with Person(slack.base, seed.CHLOE) as chloe:
        slack.bridge.answer = lambda _: Rejected("question_over")
        await chloe.reply(HIDDEN, ts, "Yes")
        said = await slack.bridge.next(AgentSaid)
        assert (said.to, said.text) == (ToThread(seed.TEAM, HIDDEN, ts), "Yes")
        await slack.desk.idle()
        [told] = await chloe.ephemerals()
        assert told["text"] == f"Your message stayed here and was not sent. {OVER}"


@pytest.mark.parametrize(
    ("members", "fields", "reason"),
    [
        ([seed.CHLOE, seed.BOT_USER], {}, NO_SUCH),  # who asks is not in it
        ([seed.ANA], {}, NO_SUCH),  # the app is not in it
        ([seed.ANA, seed.BOT_USER], {"is_archived": True}, ARCHIVED),
        ([seed.ANA, seed.BOT_USER], {"is_ext_shared": True}, SHARED),
    ],
)
async def test_a_private_channel_is_only_there_for_who_is_in_it(
    slack: World, members: list[str], fields: dict[str, bool], reason: str
) -> None:
    place = channel(slack, members, **fields)
    with pytest.raises(Refused, match=reason):
        await put(slack, place)
    assert slack.box.workspace.channels[HIDDEN].messages == {}


async def test_a_channel_that_is_none_is_refused_and_a_token_that_is_refused_is_told(
    slack: World,
) -> None:
    with pytest.raises(Refused, match=NO_SUCH):
        await put(slack, "C0NOWHERE")
    with pytest.raises(Refused, match=NO_SUCH):
        await slack.desk.asked("C0NOWHERE", "msg_1", 0)
    rule = {"kind": "error", "methods": ["conversations.info", "conversations.history"]}
    slack.box.faults.install({"rules": [{**rule, "error": "token_revoked"}]}, 0)
    with pytest.raises(Broken):
        await slack.desk.ask(assigned(), QUESTION, seed.BILLING, "msg_1")
    with pytest.raises(Broken):
        await slack.desk.asked(seed.BILLING, "msg_1", 0)


async def test_before_there_is_a_thread_it_has_no_way_back(slack: World) -> None:
    receipt = await slack.desk.ask(assigned(), QUESTION, seed.BILLING, "msg_1")
    assert receipt.place
    shown = slack.message(receipt.place[2], seed.BILLING)
    assert "/archives/" not in str(shown.blocks)


@given((LONG | TEXT).filter(str.strip))
def test_the_longest_question_fits(text: str) -> None:
    question = replace(QUESTION, text=text)
    check(asked_body(assigned(), question, "https://acme.slack.com/archives/C1/p1", "msg_1"))
