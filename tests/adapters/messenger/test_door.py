"""The webhook: who may come in, what is answered, and what is kept."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from random import Random
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.commands import (
    Describe,
    Echoed,
    ToPost,
    ToUser,
    UserEnded,
    UserReacted,
    UserRead,
    UserSaid,
)
from bridge.errors import BadData, StoreUnavailable
from bridge.model import Contact, Mode
from tests.adapters.messenger import anything
from tests.adapters.messenger.things import (
    CONVERSATION,
    HERE,
    KEY,
    META,
    MSG,
    NOW,
    PAGE,
    PSID,
    World,
    event,
    said,
    webhook,
    world,
)

OK, REFUSED = 200, range(400, 500)


@pytest.fixture
async def page() -> AsyncIterator[World]:
    async with world() as made:
        yield made


# --- verification --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, 200),
        ({"hub.verify_token": "another"}, 403),
        ({"hub.verify_token": "é"}, 403),
        ({"hub.mode": "unsubscribe"}, 403),
        ({"hub.challenge": "<é>"}, 403),
    ],
)
async def test_the_challenge_is_given_back_for_the_right_token(
    page: World, changes: dict[str, str], status: int
) -> None:
    asked = {
        "hub.mode": "subscribe",
        "hub.verify_token": META.verify_token,
        "hub.challenge": "1158201444",
    }
    answer = await page.client.get("/messenger/webhook", params=asked | changes)
    assert answer.status_code == status
    if status == OK:
        assert answer.text == "1158201444"
        assert answer.headers["content-type"].startswith("text/plain")


# --- signatures ----------------------------------------------------------------------------------


@pytest.mark.parametrize("escaped", [True, False])
async def test_the_very_bytes_are_what_is_signed(page: World, escaped: bool) -> None:
    text = "äöå سلام 🎉 <&@%/>"
    body = orjson.dumps(webhook(said(text)))
    if escaped:
        body = body.decode().encode("ascii", "backslashreplace").replace(b"\\x", b"\\u00")
        body = body.replace(b"\\U0001f389", b"\\ud83c\\udf89").replace(b"/", b"\\/")
    assert (await page.post_bytes(body)).status_code == OK
    [command] = page.bridge.told
    assert isinstance(command, UserSaid)
    assert command.text == text


async def test_without_the_right_signature_nothing_is_read(page: World) -> None:
    assert (await page.post(webhook(said("hello")), secret="another")).status_code == 401
    for given_ in ({}, {"x-hub-signature-256": "sha256=é"}, {"x-hub-signature": "sha1=00"}):
        headers = [(name.encode(), value.encode()) for name, value in given_.items()]
        answer = await page.client.post("/messenger/webhook", content=b"{", headers=headers)
        assert answer.status_code == 401
    assert page.bridge.told == []


async def test_while_a_secret_is_changed_both_are_good() -> None:
    async with world(app_secrets=("new", META.app_secret)) as page:
        for secret in ("new", META.app_secret):
            assert (await page.post(webhook(said("hi")), secret=secret)).status_code == OK


async def test_bad_bodies_are_refused_and_nothing_is_kept(page: World) -> None:
    for body in (b"", b"{", b"[]", b'{"object":"user","entry":[]}', b"\xff", b"[" * 10_000):
        assert (await page.post_bytes(body)).status_code in REFUSED
    assert (await page.post_bytes(b" " * (8 * 1024 * 1024 + 1))).status_code == 413
    assert page.bridge.told == []


# --- what becomes of events ----------------------------------------------------------------------


async def test_words_are_kept_with_the_name_that_facebook_knows(page: World) -> None:
    await page.post(webhook(said("bonjour", "m_1", quick_reply={"payload": "HI"})))
    [command] = page.bridge.told
    assert isinstance(command, UserSaid)
    assert (command.key, command.text, command.payload) == (
        f"messenger:{PAGE}:m_1",
        "bonjour",
        "HI",
    )
    assert command.to.conversation_id == HERE
    assert (command.to.name, command.to.locale) == ("Sam Rivera", "fr-CA")
    assert command.to.avatar_url.endswith(f"/pictures/{PSID}.svg")
    assert command.said_at == NOW
    page.meta.world.customers.clear()
    await page.post(webhook(said("bonjour", "m_1")))
    again = page.bridge.told[-1]
    assert again.to == command.to  # the first time it may not have been kept


async def test_a_user_who_is_known_is_not_asked_about(page: World) -> None:
    known = Contact(CONVERSATION.contact_id, CONVERSATION.workspace_id, "messenger", "", "Sam")
    page.reads.contacts[HERE] = known
    page.meta.world.customers.clear()
    assert (await page.post(webhook(said("hello")))).status_code == OK
    assert page.bridge.told[0].to.name == ""


async def test_a_profile_that_meta_does_not_give_costs_the_name_only(page: World) -> None:
    page.meta.world.customers.clear()
    for mid in ("m_1", "m_2"):
        await page.post(webhook(said("hello", mid)))
    page.meta.world.revoked = True
    await page.post(webhook({**said("hello", "m_3"), "sender": {"id": "99"}}))
    await page.post(webhook({**said("hello", "m_4"), "sender": {"id": "98"}}))
    assert [c.to.name for c in page.bridge.told] == [""] * 4


async def test_what_is_done_is_named_by_the_thing_and_not_by_the_webhook(page: World) -> None:
    page.reads.seq = 4
    echo = {"is_echo": True, "mid": "m_9", "metadata": KEY}
    people = {"sender": {"id": PAGE}, "recipient": {"id": PSID}}
    told = webhook(
        event(message_edit={"mid": "m_1", "text": "other", "num_edit": "2"}),
        event(reaction={"mid": "m_9", "emoji": "🎉", "action": "react"}),
        event(read={"watermark": NOW // 1_000}),
        {**people, "timestamp": NOW // 1_000, "message": echo},
        {**people, "timestamp": NOW // 1_000, "message": {**echo, "metadata": "of another app"}},
        event(message={"mid": "m_3", "text": "x", "quick_reply": {"payload": "deskbridge:end"}}),
        event(pass_thread_control={"new_owner_app_id": "1"}),
        {"recipient": {"id": PAGE}, "policy_enforcement": {"action": "warning"}},
    )
    page.meta.world.customers.clear()
    for _ in range(2):
        assert (await page.post(told)).status_code == OK
    first, second = page.bridge.told[:5], page.bridge.told[5:]
    assert [c.key for c in first] == [c.key for c in second]
    edit, reaction, read, echoed, end = first
    assert isinstance(edit, UserSaid)
    assert edit.text == "✏️ other"
    assert isinstance(reaction, UserReacted)
    assert reaction.to == ToPost("messenger", PAGE, "m_9")
    assert isinstance(read, UserRead)
    assert read.seq == 4
    assert isinstance(echoed, Echoed)
    assert (echoed.to.id, echoed.part, echoed.place) == (MSG, 0, ("messenger", PAGE, "m_9"))
    assert isinstance(end, UserEnded)


async def test_what_brought_a_user_here_is_known_of_them_and_a_sign_of_life(page: World) -> None:
    link = {"ref": "summer", "source": "SHORTLINK", "type": "OPEN_THREAD"}
    came = {"referral": {"ref": "summer", "source": "SHORTLINK"}}
    page.meta.world.customers.clear()
    told = webhook(event(referral=link), event(postback={"title": "Start", "referral": link}))
    for _ in range(2):
        assert (await page.post(told)).status_code == OK
    referred, start, *again = page.bridge.told
    assert isinstance(referred, Describe)
    assert (referred.fields, referred.heard_at) == ({"attributes": came}, NOW)
    assert isinstance(start, UserSaid)
    assert isinstance(referred.to, ToUser)
    assert start.to == replace(referred.to, attributes=came)
    assert [c.key for c in again] == [referred.key, start.key]


async def test_what_nobody_has_said_yet_cannot_be_read(page: World) -> None:
    await page.post(webhook(event(read={"watermark": NOW // 1_000})))
    assert page.bridge.told == []


async def test_on_standby_a_human_here_still_hears_and_a_bot_does_not(page: World) -> None:
    told = webhook(said("to the other app"), event(referral={"ref": "x"}), kind="standby")
    for mode, heard in ((None, 0), (Mode.BOT, 0), (Mode.HUMAN, 2)):
        if mode:
            page.reads.conversations[HERE] = replace(CONVERSATION, mode=mode)
        await page.post(told)
        assert len(page.bridge.told) == heard


async def test_a_page_that_is_none_of_ours_is_not_answered_for(page: World) -> None:
    told = webhook(said("hello"))
    told["entry"][0]["id"] = "4711"
    assert (await page.post(told)).status_code == OK
    assert page.bridge.told == []


async def test_a_token_without_a_page_is_for_any() -> None:
    async with world(tokens={"": (META.page_token,)}) as page:
        told = webhook(said("hello"))
        told["entry"][0]["id"] = "4711"
        await page.post(told)
        assert len(page.bridge.told) == 1


async def test_a_user_sees_that_a_bot_heard_them() -> None:
    async with world(bots=((),)) as page:
        page.reads.conversations[HERE] = CONVERSATION
        await page.post(webhook(said("hello")))
        await page.idle()
        actions = [sign["action"] for sign in page.meta.world.signs]
        assert actions == ["mark_seen", "typing_on"]
        page.reads.conversations[HERE] = replace(CONVERSATION, mode=Mode.HUMAN)
        await page.post(webhook(said("hello", "m_2")))
        await page.idle()
        assert len(page.meta.world.signs) == 2  # whether an agent has read it nobody knows yet
        page.reads.conversations[HERE] = CONVERSATION
        page.meta.world.revoked = True
        await page.post(webhook(said("hello", "m_3")))
        await page.idle()
        assert page.channel._graph.condition.fault == "token_refused"
        assert await page.channel.fault() == "token_refused"


# --- failures ------------------------------------------------------------------------------------


async def test_a_poison_event_costs_nothing_but_itself(page: World) -> None:
    errors: dict[str, Any] = {"m_2": BadData("poison"), "m_3": RuntimeError("a mistake")}
    page.bridge.fails = lambda command: errors.get(command.key.rpartition(":")[2])
    told = webhook(*(said(f"word {n}", f"m_{n}") for n in range(1, 5)))
    assert (await page.post(told)).status_code == OK
    assert [c.key.rpartition(":")[2] for c in page.bridge.told] == ["m_1", "m_4"]


async def test_what_no_address_can_be_made_of_and_no_figure_costs_its_neighbours_nothing(
    page: World,
) -> None:
    far = {"type": "location", "payload": {"coordinates": {"lat": 10**400, "long": 2}}}
    told = webhook(
        {**said("odd", "m_1"), "sender": {"id": "\x01"}},
        {**said("odd", "m_2"), "sender": {"id": "7/accounts?fields=token#"}},
        said("", "m_3", attachments=[far]),
        said("fine", "m_4"),
    )
    assert (await page.post_bytes(json.dumps(told).encode())).status_code == OK
    assert [c.key.rpartition(":")[2] for c in page.bridge.told] == ["m_1", "m_2", "m_3", "m_4"]


async def test_only_a_database_that_cannot_commit_is_503(page: World) -> None:
    page.bridge.fails = lambda _: StoreUnavailable("away")
    assert (await page.post(webhook(said("hello")))).status_code == 503
    page.bridge.fails, page.reads.fails = lambda _: None, StoreUnavailable("away")
    stranger = webhook({**said("hello", "m_2"), "sender": {"id": "98"}})
    assert (await page.post(stranger)).status_code == 503
    page.reads.fails = None
    assert (await page.post(stranger)).status_code == OK


async def test_words_of_one_user_keep_their_order_though_the_name_is_asked_for(
    page: World,
) -> None:
    told = [webhook({**said(f"{n}", f"m_{n}"), "timestamp": NOW // 1_000 + n}) for n in range(6)]
    await asyncio.gather(*(page.post(each) for each in told))
    assert [c.text for c in page.bridge.told] == list("012345")


async def test_a_batch_of_hundreds_is_kept_whole_and_in_order(page: World) -> None:
    events_ = [{**said(f"{n}", f"m_{n}"), "timestamp": NOW // 1_000 - n} for n in range(1_200)]
    assert (await page.post(webhook(*events_))).status_code == OK
    texts = [c.text for c in page.bridge.told]
    assert texts == [f"{n}" for n in reversed(range(1_200))]


def test_nothing_of_that_form_is_answered_with_5xx() -> None:
    """In a loop of its own, since Hypothesis calls no coroutines."""
    statuses: set[int] = set()

    with asyncio.Runner() as runner:
        making = world(tokens={"": ("t",)})
        page = runner.run(making.__aenter__())
        page.meta.world.revoked = True

        @settings(max_examples=300, deadline=None)
        @given(st.integers(0, 1 << 64))
        def any_payload(seed: int) -> None:
            told = anything.payload(Random(seed))
            answer = runner.run(page.post_bytes(json.dumps(told).encode()))
            statuses.add(answer.status_code)
            assert answer.status_code in (OK, *REFUSED)

        any_payload()
        assert all(command.at <= NOW for command in page.bridge.told)
        runner.run(making.__aexit__(None, None, None))
    assert OK in statuses
