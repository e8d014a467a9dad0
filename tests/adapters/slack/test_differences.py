"""A thread's history compared with what we have: the events that are missing, and no others."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.slack import heard
from adapters.slack.differences import (
    HIDDEN_AFTER,
    YOUNG,
    Differences,
    Root,
    by_ts,
    differences,
    in_thread,
    roots,
    unknown,
)
from adapters.slack.ids import micros_of, order_of, source_of
from bridge.model import Author, HandoffId, Message, Role, Thread, replace
from bridge.stores import RECEIPTS_KEPT
from tests.adapters.slack.things import ANA, message

THREAD = Thread(HandoffId("hnd_1"), 1, "T1", "C1", "1763600000.000100")
FIRST, SECOND_TS, THIRD = "1763600010.000100", "1763600020.000100", "1763600030.000100"
NOW = micros_of("1763600999.000000")
EDIT = "1763600040.000000"


def reply(ts: str, text: str = "hello", **fields: Any) -> dict[str, Any]:
    said = {"type": "message", "user": ANA, "text": text, "ts": ts, "thread_ts": THREAD.ts}
    return {**said, **fields}


def ours(ts: str, **fields: Any) -> Message:
    author = Author(Role.AGENT, ANA, "Ana")
    said = message("hello", author=author, source=source_of("T1", "C1", ts), order=order_of(ts))
    return replace(said, **fields)


def compared(
    replies: list[dict[str, Any]], mine: list[Message], taken: tuple[str, ...] = (), now: int = NOW
) -> Differences:
    known = by_ts(THREAD, mine)
    new = frozenset(unknown(replies, known, now)) - set(taken)
    return differences(THREAD, replies, known, new, now)


def read(found: Differences) -> list[heard.Heard | None]:
    return [heard.read(event) for event in found.events]


def test_where_nothing_differs_there_is_nothing_to_tell() -> None:
    found = compared([reply(FIRST), reply(SECOND_TS)], [ours(FIRST), ours(SECOND_TS)])
    assert found == Differences(())


def test_what_we_never_heard_is_told_in_the_order_of_its_time() -> None:
    found = compared([reply(THIRD, "three"), reply(FIRST, "one"), reply(SECOND_TS)], [])
    place = [heard.Place("T1", "C1", THREAD.ts, ts) for ts in (FIRST, SECOND_TS, THIRD)]
    assert read(found) == [
        heard.Spoken(place[0], ANA, "one", None, 0),
        heard.Spoken(place[1], ANA, "hello", None, 0),
        heard.Spoken(place[2], ANA, "three", None, 0),
    ]


def test_words_that_were_a_command_are_not_told_again() -> None:
    assert compared([reply(FIRST, "!resolve")], [], taken=(FIRST,)) == Differences(())


def test_what_is_older_than_receipts_are_kept_is_not_told_again() -> None:
    later = micros_of(FIRST) + RECEIPTS_KEPT
    assert compared([reply(FIRST, "!resolve")], [], now=later) == Differences(())


def test_our_own_posts_say_nothing() -> None:
    assert compared([reply(FIRST, bot_id="B1")], []) == Differences(())


def test_a_later_edit_is_told_and_an_old_one_is_not() -> None:
    edited = reply(FIRST, "better", edited={"user": ANA, "ts": EDIT})
    [told] = read(compared([edited], [ours(FIRST)]))
    place = heard.Place("T1", "C1", THREAD.ts, FIRST)
    assert told == heard.Changed(place, ANA, "better", None, EDIT)
    assert compared([edited], [ours(FIRST, edited_order=order_of(EDIT))]) == Differences(())
    assert compared([edited], [ours(FIRST, deleted=True)]) == Differences(())


@pytest.mark.parametrize("edited", [None, {}, "x", {"ts": 7}, {"ts": "x"}])
def test_what_is_no_edit_is_not_told(edited: Any) -> None:
    assert compared([reply(FIRST, "better", edited=edited)], [ours(FIRST)]) == Differences(())


def test_what_is_gone_is_told_once() -> None:
    mine = [ours(FIRST), ours(SECOND_TS, deleted=True), ours(THIRD)]
    found = compared([reply(THIRD)], mine)
    place = heard.Place("T1", "C1", THREAD.ts, FIRST)
    assert read(found) == [heard.Removed(place, "1763600999.000000")]
    assert found.settled


def test_what_was_said_just_now_may_yet_appear() -> None:
    said = micros_of(FIRST)
    assert compared([], [ours(FIRST)], now=said + YOUNG) == Differences((), settled=False)
    assert len(compared([], [ours(FIRST)], now=said + YOUNG + 1).events) == 1


def test_what_is_old_may_be_hidden_and_not_deleted() -> None:
    said = micros_of(FIRST)
    assert len(compared([], [ours(FIRST)], now=said + HIDDEN_AFTER - 1).events) == 1
    assert compared([], [ours(FIRST)], now=said + HIDDEN_AFTER) == Differences(())


def test_what_was_said_elsewhere_is_not_missing_here() -> None:
    elsewhere = ours(FIRST, source=source_of("T1", "C2", FIRST))
    assert by_ts(THREAD, [elsewhere, ours(FIRST, source=None)]) == {}


def test_a_thread_without_its_root_was_not_read_whole() -> None:
    root = {"ts": THREAD.ts, "text": "card"}
    assert in_thread(THREAD, [reply(FIRST)]) is None
    assert in_thread(THREAD, [root, reply(FIRST), "odd", {"ts": 7}]) == [reply(FIRST)]


def test_the_history_tells_of_each_thread_how_far_it_is() -> None:
    messages = [
        {"ts": THREAD.ts, "reply_count": 2, "latest_reply": SECOND_TS},
        {"ts": FIRST, "text": "alone"},
        {"ts": THIRD, "reply_count": "2"},
        "odd",
        {"text": "no ts"},
    ]
    found = {THREAD.ts: Root(2, SECOND_TS), FIRST: Root(0, ""), THIRD: Root(0, "")}
    assert roots(messages) == found
