"""Tools are told by signed webhooks: in order, once by id, and after an outage everything."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bridge import hooking
from bridge.circuit import HOPELESS_AFTER
from bridge.commands import AddNote, Claim, Resolve, ToConversation
from bridge.effects import CallHook
from bridge.errors import Refused, Retry, StoreUnavailable
from bridge.hook_store import TOPIC_HOOKS
from bridge.hooking import Book
from bridge.hooks import Secret
from bridge.model import SECOND
from bridge.posting import Outcome
from bridge.stores import Work
from tests.bridge.driver import ANA, BOT, CNV
from tests.bridge.house import HandClock, house
from tests.bridge.tools import SECRET, VAULT, Toolshop, endpoint, the_librarys_clock, toolshop
from tests.storage.stored import user

__all__ = ["the_librarys_clock"]
HOUR, DAY = 3_600, 86_400
WELL: Callable[[dict[str, Any]], Outcome | None] = lambda _body: None  # noqa: E731


@asynccontextmanager
async def opened(url: str, by: Callable[[HandClock], None], **more: Any) -> AsyncIterator[Toolshop]:
    async with house(url, policy=replace(BOT, bots=()), **more) as made:
        by(made.clock)
        yield toolshop(made)


@pytest.fixture
async def shop(
    database_url: str, the_librarys_clock: Callable[[HandClock], None]
) -> AsyncIterator[Toolshop]:
    async with opened(database_url, the_librarys_clock) as made:
        yield made


@pytest.fixture
async def small(
    tmp_path: Path, the_librarys_clock: Callable[[HandClock], None]
) -> AsyncIterator[Toolshop]:
    async with opened(f"sqlite:///{tmp_path}/hooks.db", the_librarys_clock) as made:
        yield made


async def test_one_that_fails_for_an_hour_gets_everything_within_two_minutes_of_its_return(
    shop: Toolshop,
) -> None:
    ways = itertools.cycle(
        [Outcome(500), Outcome(error="failed_ConnectError"), Outcome(404), Outcome(302)]
    )
    await shop.register(endpoint())
    await shop.hears("ann", "0")
    await shop.house.quiet()
    shop.tool.mood = lambda _body: next(ways)
    said: dict[str, list[str]] = {user("ann").conversation_id: ["0"]}
    for minutes in range(2, 61, 2):
        name = ("ann", "bob", "cyd", "dan")[minutes // 2 % 4]
        said.setdefault(user(name).conversation_id, []).append(str(minutes))
        await shop.hears(name, str(minutes))
        await shop.house.later(120)
    assert shop.tool.texts() == {user("ann").conversation_id: ["0"]}
    assert shop.tool.tried < 1 + 4 * 70  # one probe a minute, and not every lane each minute
    shop.tool.mood = WELL
    returned = shop.house.clock()
    for _ in range(12):
        await shop.house.later(10)
    assert shop.tool.texts() == said
    assert shop.tool.last_at - returned <= 120 * SECOND
    ids = [named for _, named, _ in shop.tool.taken]
    assert len(ids) == len(set(ids))
    assert (await shop.state()).circuit.failures == 0


async def test_what_one_will_never_take_stops_nobody_else(small: Toolshop) -> None:
    def picky(body: dict[str, Any]) -> Outcome | None:
        return Outcome(400) if body["data"].get("message", {}).get("text") == "bad" else None

    await small.register(endpoint(events=("message.created",)))
    small.tool.mood = picky
    await small.hears("ann", "bad")
    await small.hears("ann", "behind")
    for n in range(12):
        await small.hears("bob", str(n))
        await small.house.later(60)
    assert small.tool.texts() == {user("bob").conversation_id: [str(n) for n in range(12)]}
    assert small.tool.tried < 12 + 10
    for _ in range(8):
        await small.house.later(12 * HOUR)
    assert small.tool.texts()[user("ann").conversation_id] == ["behind"]
    assert (await small.state()).enabled


async def test_one_that_fails_for_three_days_is_disabled_and_told_no_more(
    small: Toolshop,
) -> None:
    small.tool.mood = lambda _body: Outcome(503)
    await small.register(endpoint(), endpoint("whk_2", events=("handoff.resolved",)))
    await small.hears("ann", "hello")
    for _ in range(HOPELESS_AFTER // (6 * HOUR * SECOND) + 2):
        await small.house.later(6 * HOUR)
    dead = await small.state()
    assert (dead.enabled, dead.reason) == (False, "failing")
    assert (await small.kinds())[-1] == "webhook.disabled"
    tried, small.tool.mood = small.tool.tried, WELL
    await small.hears("bob", "anybody?")
    await small.house.later(DAY)
    assert (small.tool.tried, small.tool.taken) == (tried, [])


@pytest.mark.parametrize(("asked", "wait"), [("20", 20), ("7200", 7_200)])
async def test_one_that_asks_for_time_has_it_from_every_conversation(
    small: Toolshop, asked: str, wait: int
) -> None:
    await small.register(endpoint(events=("message.*",)))
    small.tool.mood = lambda _body: Outcome(429, retry_after=asked)
    for name in ("ann", "bob", "cyd"):
        await small.hears(name, "hello")
        await small.house.quiet()
    assert small.tool.tried == 1
    small.tool.mood = WELL
    await small.house.later(wait - 1)
    assert small.tool.tried == 1
    await small.house.later(1)
    await small.house.later(5)
    assert len(small.tool.taken) == 3


async def test_one_that_says_gone_is_disabled_at_once_and_may_be_replayed_later(
    small: Toolshop,
) -> None:
    small.tool.mood = lambda _body: Outcome(410)
    await small.register(endpoint(events=("message.*",)))
    await small.hears("ann", "one")
    await small.hears("ann", "two")
    await small.house.quiet()
    assert (small.tool.tried, (await small.state()).reason) == (1, "gone")
    assert [each.id for each in small.book.enabled] == []


async def test_notes_and_what_is_held_are_told_to_nobody(small: Toolshop) -> None:
    await small.register(endpoint())
    handoff = await small.house.hands_over()
    await small.house.hears("hello")
    await small.house.replies("!n between us")
    await small.house.do(AddNote("n1", small.house.clock(), small.house.thread, ANA, "hush"))
    await small.house.replies("welcome")
    await small.house.do(Resolve("r1", small.house.clock(), small.house.thread, ANA, "done"))
    await small.house.quiet()
    told = [body for _, _, body in small.tool.taken]
    assert "hush" not in str(told)
    assert "between us" not in str(told)
    assert [body["type"] for body in told if body["type"].startswith("handoff")] == [
        "handoff.queued",
        "handoff.assigned",
        "handoff.resolved",
    ]
    queued, assigned, resolved = (b["data"] for b in told if b["type"].startswith("handoff"))
    assert (queued["status"], queued["agent"]) == ("queued", None)
    assert (assigned["status"], assigned["agent"]["name"]) == ("assigned", "Ana")
    assert (resolved["handoff_id"], resolved["reason"]) == (handoff.id, "done")
    words = [body["data"]["message"] for body in told if body["type"] == "message.created"]
    assert [(each["role"], each["text"]) for each in words] == [
        ("user", "hello"),
        ("agent", "welcome"),
    ]


async def test_what_became_a_note_or_was_deleted_before_it_was_told_loses_its_words(
    small: Toolshop,
) -> None:
    small.tool.mood = lambda _body: Outcome(500)
    await small.register(endpoint(events=("message.created",)))
    await small.hears("sam", "gone")
    await small.hears("sam", "inside")
    await small.house.quiet()
    for change in ("deleted = true, text = ''", "visibility = 'internal'"):
        await small.house.database.write(
            lambda connection, change=change: connection.exec_driver_sql(  # type: ignore[misc]
                f"UPDATE message SET {change} WHERE text = "  # noqa: S608 - of this file
                f"'{'gone' if 'deleted' in change else 'inside'}'"
            ).close()
        )
    small.tool.mood = WELL
    for _ in range(4):
        await small.house.later(60)
    (told,) = [body["data"]["message"] for _, _, body in small.tool.taken]
    assert (told["text"], told["deleted"]) == ("", True)


async def test_for_a_day_after_a_rotation_both_secrets_sign(small: Toolshop) -> None:
    new = SECRET.replace("dGhl", "VEhF")
    until = small.house.clock() + DAY * SECOND
    kept = (Secret(VAULT.shut(new)), Secret(VAULT.shut(SECRET), until))
    await small.register(replace(endpoint(events=("message.created",)), secrets=kept))
    for secret in (SECRET, new):
        small.tool.secret = secret
        await small.hears("ann", secret)
        await small.house.quiet()
    await small.house.later(DAY)
    await small.hears("ann", "later")
    await small.house.quiet()
    assert [texts[-1] for texts in small.tool.texts().values()] == ["later"]


async def test_a_secret_that_nobody_can_read_waits_for_its_key(small: Toolshop) -> None:
    await small.register(replace(endpoint(), secrets=(Secret("shut with another key"),)))
    await small.hears("ann", "hello")
    await small.house.later(60)
    assert small.tool.tried == 0
    assert await small.house.due() == 0  # it waits


async def test_with_a_bot_the_end_of_a_handoff_says_what_was_said_in_it(
    tmp_path: Path, the_librarys_clock: Callable[[HandClock], None]
) -> None:
    async with house(f"sqlite:///{tmp_path}/bot.db", policy=BOT) as made:
        the_librarys_clock(made.clock)
        shop = toolshop(made)
        await shop.register(endpoint(events=("control.returned",)))
        await made.hands_over()
        await made.hears("hello")
        await made.replies("welcome")
        await made.do(Resolve("r1", made.clock(), ToConversation(CNV), ANA, "done"))
        await made.quiet()
        ((_, named, body),) = shop.tool.taken
        assert named.endswith("_returned")
        assert (body["data"]["outcome"], body["data"]["reason"]) == ("resolved", "done")
        assert [each["text"] for each in body["data"]["transcript"]] == ["hello", "welcome"]


async def test_a_long_transcript_loses_its_beginning_and_says_so(
    small: Toolshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooking, "MAX_BODY", 1_000)
    body = {"type": "x", "data": {"transcript": [{"text": str(n) * 50} for n in range(9)] * 9}}
    cut = hooking._bounded(body)
    assert cut["data"]["transcript_shortened"]
    assert cut["data"]["transcript"][-1]["text"] == "8" * 50


async def test_no_endpoint_has_more_than_its_share_under_way(
    small: Toolshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooking, "AT_ONCE", 0)
    await small.register(endpoint())
    await small.hears("ann", "hello")
    await small.house.quiet()
    assert small.tool.tried == 0
    monkeypatch.setattr(hooking, "AT_ONCE", 1)
    await small.house.later(1)
    assert small.tool.types()[:2] == ["conversation.started", "message.created"]


async def test_who_went_to_wait_just_when_the_answer_came_is_fetched_back(
    small: Toolshop,
) -> None:
    small.tool.mood = lambda _body: Outcome(500)
    await small.register(endpoint(events=("message.created",)))
    for name in ("ann", "bob"):
        await small.hears(name, "hello")
        await small.house.quiet()
    small.tool.mood = WELL
    await small.house.later(60)
    assert len(small.tool.taken) == 2
    small.tool.mood = lambda _body: Outcome(500)
    await small.hears("cyd", "hello")
    await small.house.quiet()
    assert await small.house.due() == 0
    await small.book.refresh()
    assert await small.house.due() == 1


async def test_what_cannot_end_within_its_lease_is_not_begun(small: Toolshop) -> None:
    await small.register(endpoint())
    await small.hears("ann", "hello")
    await small.house.quiet()
    told = small.tool.tried
    claim = Claim(1, f"hook:whk_1:{user('ann').conversation_id}", "w.1")
    about = user("ann").conversation_id
    effect = CallHook("whk_1", "evt_1", "message.created", 1, 1, {}, {})
    with pytest.raises(Retry, match="too_late"):
        await small.hooker.call(Work(claim, about, effect, 1, begin_by=0.0), effect)
    unknown = replace(effect, endpoint="whk_9")
    await small.hooker.call(Work(claim, about, unknown, 1), unknown)
    nobody = Work(claim, CNV, effect, 1)
    await small.hooker.call(nobody, effect)
    assert small.tool.tried == told


async def test_a_process_that_only_answers_keeps_the_book_and_sends_nothing(
    small: Toolshop,
) -> None:
    book = Book(small.hooks, small.house.bell, small.house.clock, works=False)
    await small.register(endpoint())
    await book.refresh()
    assert [each.id for each in book.enabled] == ["whk_1"]
    await book.close()


async def test_the_book_follows_the_bell_and_outlives_a_store_that_is_away(
    small: Toolshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await small.book.start()
    try:
        await small.hooks.add(endpoint(), small_admin(), 1)
        small.house.bell.ring([TOPIC_HOOKS])
        await small.house.until(lambda: small.book.enabled)
        asked, real = [], small.hooks.endpoints

        async def away(workspace: Any) -> Any:
            asked.append(workspace)
            raise StoreUnavailable("away")

        monkeypatch.setattr(small.hooks, "endpoints", away)
        small.house.bell.ring([TOPIC_HOOKS])
        await small.house.until(lambda: asked)
        monkeypatch.setattr(small.hooks, "endpoints", real)
        assert await small.hooks.remove("whk_1", small_admin(), 1)
        small.house.bell.ring([TOPIC_HOOKS])
        await small.house.until(lambda: not small.book.enabled)
    finally:
        await small.book.close()


def small_admin() -> Any:
    return ANA.as_author()


async def test_a_channel_that_a_tool_did_not_answer_comes_again_each_minute_or_when_it_said(
    small: Toolshop,
) -> None:
    await small.register(endpoint())
    small.tool.mood = lambda _body: Outcome(500)
    with pytest.raises(Retry) as caught:
        await small.hooker.tell("whk_1", "msg_1/0", {})
    assert (caught.value.counts, caught.value.at_most, caught.value.after) == (True, 60.0, 0)
    small.tool.mood = lambda _body: Outcome(503, retry_after="300")
    with pytest.raises(Retry) as caught:
        await small.hooker.tell("whk_1", "msg_1/0", {})
    assert caught.value.after == 300


async def test_a_channel_whose_webhook_is_gone_tries_no_more(small: Toolshop) -> None:
    await small.register(endpoint())
    small.tool.mood = lambda _body: Outcome(410)
    for _ in range(2):
        with pytest.raises(Refused, match="webhook_gone"):
            await small.hooker.tell("whk_1", "msg_1/0", {})
    assert (small.tool.tried, (await small.state()).reason) == (1, "gone")
