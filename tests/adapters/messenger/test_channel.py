"""What goes out to Messenger: by which right, under whose name, and what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from adapters.messenger import sending
from bridge.errors import Broken, Refused, Retry, Unknown
from bridge.model import SECOND, Author, Button, Micros, Mode, Role
from bridge.ports import Receipt
from tests.adapters.messenger.things import (
    ANA,
    CONFIG,
    CONVERSATION,
    KEY,
    NOW,
    PAGE,
    PSID,
    World,
    outgoing,
    world,
)

HOUR: Micros = 3_600 * SECOND
DAY = 24 * HOUR
BOT = Author(Role.BOT, "robo")
DESK = Author(Role.SYSTEM, "deskbridge")
TEAM = Author(Role.AGENT, "key_1", "Our team")
BEN = Author(Role.AGENT, "U2", "Ben")
GRANTED = replace(CONFIG, human_agent=True)


@pytest.fixture
async def page() -> AsyncIterator[World]:
    async with world() as made:
        yield made


async def send(page: World, text: str = "Hello", author: Author = ANA, **more: Any) -> Any:
    """What the customer sees of it."""
    receipt = await page.channel.send(CONVERSATION, outgoing(text, author, **more), KEY)
    message = page.meta.world.messages[-1]
    assert receipt == Receipt(("messenger", PAGE, message.mid))
    assert message.metadata == KEY
    return message


# --- by which right ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("author", "age", "granted", "wanted"),
    [
        (ANA, DAY, False, (sending.RESPONSE,)),
        (ANA, DAY, True, (sending.RESPONSE, sending.LATE)),
        (BOT, DAY, True, (sending.RESPONSE,)),
        (ANA, NOW, False, (sending.RESPONSE,)),  # who never wrote is left to Meta
        (ANA, DAY + 1, True, (sending.LATE,)),
        (ANA, 7 * DAY, True, (sending.LATE,)),
        (ANA, 7 * DAY + 1, True, "window_closed_for_agents"),
        (ANA, DAY + 1, False, "human_agent_not_granted"),
        (BOT, DAY + 1, True, "window_closed"),
        (DESK, DAY + 1, True, "window_closed"),
        (TEAM, DAY + 1, True, "window_closed"),
    ],
)
def test_a_message_goes_by_its_author_and_its_age(
    author: Author, age: Micros, granted: bool, wanted: Any
) -> None:
    config = GRANTED if granted else CONFIG
    try:
        rights: Any = sending.rights(author, NOW - age, NOW, config)
    except Refused as refused:
        rights = refused.reason
    assert rights == wanted


async def test_what_would_be_refused_is_not_tried(page: World) -> None:
    page.clock.now += 25 * HOUR
    with pytest.raises(Refused, match="human_agent_not_granted"):
        await send(page)
    assert page.meta.world.refused == []


async def test_when_meta_says_that_the_window_is_shut_a_persons_answer_goes_as_late() -> None:
    async with world(human_agent=True) as page:
        page.meta.world.config = replace(page.meta.world.config, human_agent=True)
        page.meta.world.customer(PSID).heard_at -= 25 * 3_600
        assert (await send(page)).right == "HUMAN_AGENT"
        with pytest.raises(Refused, match="window_closed"):
            await send(page, author=BOT)
        page.meta.world.customer(PSID).blocked = True
        with pytest.raises(Refused, match="blocked"):
            await send(page)


async def test_agents_are_told_of_the_window_that_is_theirs() -> None:
    for config, hours in ((CONFIG, 24), (GRANTED, 7 * 24)):
        traits = sending.traits(config)
        assert traits.answer_until(NOW) == NOW + hours * HOUR


# --- under whose name ----------------------------------------------------------------------------


async def test_an_agent_with_a_picture_has_a_face_that_is_made_once(page: World) -> None:
    for _ in range(2):
        said = await send(page)
        assert page.meta.world.personas[said.persona]["name"] == "Ana"
    assert len(page.meta.world.personas) == 1
    async with world() as again:  # another process finds it in the page's list
        again.meta.world.personas.update(page.meta.world.personas)
        assert (await send(again)).persona == said.persona
        assert len(again.meta.world.personas) == 1


async def test_without_a_face_the_name_stands_before_the_words(page: World) -> None:
    assert (await send(page, author=BEN)).text == "Ben: Hello"
    odd = replace(ANA, avatar_url="no address")
    assert (await send(page, author=odd)).text == "Ana: Hello"
    for author in (BOT, DESK, TEAM):
        assert (await send(page, author=author)).text == "Hello"
    async with world(personas=False) as plain:
        said = await send(plain)
        assert (said.text, said.persona) == ("Ana: Hello", "")


async def test_a_face_that_was_deleted_costs_only_the_picture(page: World) -> None:
    await send(page)
    page.meta.world.personas.clear()
    assert (await send(page)).text == "Ana: Hello"


async def test_a_face_that_is_long_in_coming_is_not_waited_for(
    page: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lane is somebody else's by then, who would send it, too."""
    asked: list[str] = []

    async def hangs(_page: str, edge: str, **_query: str) -> dict[str, Any]:
        asked.append(edge)
        await asyncio.Event().wait()
        return {}

    monkeypatch.setattr("adapters.messenger.personas.PATIENCE", 0.0)
    monkeypatch.setattr(page.channel._graph, "get", hangs)
    assert [(await send(page)).text for _ in range(2)] == ["Ana: Hello"] * 2
    assert asked == ["personas"]


# --- what is said --------------------------------------------------------------------------------


async def test_formatting_becomes_plain_words(page: World) -> None:
    said = await send(page, "**Bold** and [here](https://a.example/x)\n\n- one\n- two")
    assert said.text == "Bold and here (https://a.example/x)\n\n• one\n• two"


async def test_what_is_nothing_but_marks_goes_with_them(page: World) -> None:
    for text in ("#", "[Note]: yes"):
        assert (await send(page, text, BOT)).text == text


async def test_what_leaves_nothing_to_read_is_refused_here(page: World) -> None:
    with pytest.raises(Refused, match="bad_message"):
        await send(page, " ", BOT)


async def test_a_bots_buttons_are_quick_replies_under_the_last_part(page: World) -> None:
    long = "A very long button, longer than twenty"
    buttons = (Button("Yes", "YES"), Button(long))
    said = await send(page, author=BOT, buttons=buttons)
    assert [reply["title"] for reply in said.replies] == ["Yes", "A very long button,…"]
    assert [reply["payload"] for reply in said.replies] == ["YES", long]
    first = replace(outgoing(author=BOT, buttons=buttons), parts=2)
    await page.channel.send(CONVERSATION, first, KEY)
    assert page.meta.world.messages[-1].replies == []


@pytest.mark.parametrize(
    ("bot", "mode", "author", "titles"),
    [
        ("robo", Mode.HUMAN, DESK, ["Zum Assistenten"]),
        ("robo", Mode.HUMAN, ANA, []),
        ("robo", Mode.BOT, DESK, []),
        ("", Mode.HUMAN, DESK, []),
    ],
)
async def test_the_desks_own_words_offer_the_way_back_to_a_bot(
    page: World, bot: str, mode: Mode, author: Author, titles: list[str]
) -> None:
    here = replace(CONVERSATION, bot_id=bot, mode=mode, locale="de-AT")
    await page.channel.send(here, outgoing(author=author), KEY)
    assert [reply["title"] for reply in page.meta.world.messages[-1].replies] == titles


# --- what became of it ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "error", "reason"),
    [
        ("rate_limited", Retry, "rate_limited"),
        ("app_limited", Retry, "rate_limited"),
        ("http_429", Retry, "rate_limited"),
        ("temporary", Retry, "meta_2"),
        ("http_500", Unknown, "http_500"),
        ("late_500", Unknown, "http_504"),
        ("token_expired", Broken, "token_refused"),
        ("no_permission", Broken, "no_permission"),
        ("restricted", Broken, "page_restricted"),
        ("blocked", Refused, "blocked"),
        ("other_app", Refused, "other_app_in_control"),
    ],
)
async def test_every_refusal_is_told_by_its_remedy(
    page: World, fault: str, error: type[Exception], reason: str
) -> None:
    page.meta.faults.set([{"kind": fault}])
    with pytest.raises(error, match=reason):
        await send(page, author=BOT)


async def test_a_rate_limit_holds_up_what_comes_next(page: World) -> None:
    page.meta.faults.set([{"kind": "rate_limited"}])
    for _ in range(2):
        with pytest.raises(Retry) as limited:
            await send(page, author=BOT)
        assert not limited.value.counts
        assert limited.value.after > 30
    assert page.meta.world.messages == []


async def test_a_limit_that_is_nearly_used_up_slows_down(page: World) -> None:
    page.meta.faults.set([{"kind": "usage_high"}])
    await send(page, author=BOT)
    with pytest.raises(Retry, match="rate_limited"):
        await send(page, author=BOT)


async def test_of_several_tokens_the_next_is_taken_when_one_is_refused() -> None:
    async with world(tokens={PAGE: ("of yesterday", *CONFIG.tokens[PAGE])}) as page:
        assert (await send(page, author=BOT)).text == "Hello"
        assert await page.channel.fault() == ""


async def test_a_page_without_a_token_is_refused() -> None:
    async with world(tokens={"4711": ("t",)}) as page:
        with pytest.raises(Refused, match="unknown_page"):
            await send(page, author=BOT)


async def test_who_is_late_opens_no_session_after_the_end(page: World) -> None:
    await page.channel.close()
    with pytest.raises(Retry, match="closed"):
        await send(page, author=BOT)


# --- looking for what was lost -------------------------------------------------------------------


async def find(
    page: World, text: str = "Hello", since: Micros = NOW, doubted_at: Micros = NOW
) -> Receipt | None:
    return await page.channel.find(CONVERSATION, outgoing(text, BOT), KEY, since, doubted_at)


async def test_a_lost_send_waits_for_its_echo_first(page: World) -> None:
    with pytest.raises(Unknown, match="no_echo_yet"):
        await find(page)


async def test_the_echo_of_what_was_said_long_ago_is_waited_for_from_when_it_was_lost(
    page: World,
) -> None:
    page.clock.now += HOUR
    with pytest.raises(Unknown, match="no_echo_yet"):
        await find(page, doubted_at=NOW + HOUR - 59 * SECOND)


async def test_then_it_is_looked_for_by_its_words_and_its_time(page: World) -> None:
    for text in ("Hello", "Other"):
        await send(page, text, BOT)
    before = page.meta.world.messages[0].mid
    page.meta.world.say(PSID, "Hello", by_page=False)
    page.clock.now += 61 * SECOND
    assert await find(page) == Receipt(("messenger", PAGE, before))
    assert await find(page, "Something else") is None
    assert await find(page, since=NOW + HOUR - 60 * HOUR) is not None
    page.reads.known = {before}
    assert await find(page) is None  # the same words, said before and known to be ours
    page.clock.now += HOUR
    assert await find(page, since=NOW + 60 * SECOND) is None


async def test_while_meta_does_not_answer_nobody_knows(page: World) -> None:
    page.clock.now += 61 * SECOND
    page.meta.world.revoked = True
    with pytest.raises(Unknown, match="token_refused"):
        await find(page)
    async with world(tokens={}) as nobody:
        nobody.clock.now += 61 * SECOND
        assert await find(nobody) is None
