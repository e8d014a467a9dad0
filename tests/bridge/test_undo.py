"""The undo window: a reply waits before it leaves, and may be taken back or changed meanwhile."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bridge.commands import (
    Accepted,
    AgentDeleted,
    AgentEdited,
    Delivered,
    Fetched,
    Recall,
    SendHeld,
    ToMessage,
)
from bridge.effects import Effect, FetchFiles, Line, Linger, Mark, SendToUser
from bridge.model import SECOND, Agent, Attachment, Awaiting, Standing, Status, Visibility
from bridge.policy import OnMention, Policy
from bridge.queues import Default, Queue
from tests.bridge.driver import ANA, BOT, GUEST, MAIL, World
from tests.bridge.house import POLICY, house
from tests.bridge.test_talk import click, edit, handed_over, lines, marks, replies, says

SOON = replace(MAIL, undo_reply=5 * SECOND)
STORE = replace(BOT, queues=(Queue(undo=5 * SECOND),))
"""Its users read from our store, which deletes; the queue wants a window all the same."""
HELD_BACK = replace(SOON, on_mention=OnMention.HOLD)


def passes(world: World) -> None:
    """The time is over in which it may be taken back."""
    world.answer(Linger, lambda claim: Delivered(claim, world.tick()))


def waits(world: World) -> list[Effect]:
    return [each for each in world.waiting.values() if isinstance(each, Linger | SendToUser)]


def test_a_reply_waits_before_what_is_sent_and_says_so() -> None:
    world = handed_over(SOON)
    sent = replies(world, "on Monday")
    assert waits(world) == [Linger(sent.id, sent.sent_at + 5 * SECOND), SendToUser(sent.id)]
    assert (sent.standing, marks(world)) == (Standing.PENDING, [Mark.LEAVING])
    passes(world)
    world.answer(SendToUser, lambda claim: Delivered(claim, world.tick()))
    assert marks(world) == [Mark.LEAVING, Mark.TAKEN]


@pytest.mark.parametrize(
    ("policy", "wait"),
    [
        (SOON, 5),
        (MAIL, 0),
        (replace(BOT, undo_reply=5 * SECOND), 0),
        (replace(SOON, queues=(Queue(undo=0),)), 0),
        (STORE, 5),
    ],
)
def test_it_waits_where_the_channel_cannot_delete_or_as_the_queue_says(
    policy: Policy, wait: int
) -> None:
    assert policy.undo_of("default", "webchat") == wait * SECOND


def test_who_reads_our_store_sees_it_when_the_time_is_over() -> None:
    world = handed_over(STORE)
    sent, rev = replies(world, "on Mondya"), world.conversation.rev
    edit(world, sent, "on Monday")
    unseen = world.messages[sent.id]
    assert (unseen.text, unseen.rev, unseen.edited_at) == ("on Monday", 0, 0)
    passes(world)
    shown = world.messages[sent.id]
    assert (shown.standing, shown.text, shown.rev) == (Standing.SENT, "on Monday", rev + 1)
    assert marks(world) == [Mark.LEAVING, Mark.TAKEN]


def test_files_come_after_the_time_is_over() -> None:
    able = replace(STORE.channels["webchat"], files=True)
    world = handed_over(replace(STORE, channels={"webchat": able}))
    file = Attachment("a.png", "image/png", 3, "slack:F1")
    sent = replies(world, "look", files=1, attachments=(file,))
    passes(world)
    assert world.messages[sent.id].is_unseen
    here = (replace(file, ref="fil_1"),)
    world.answer(FetchFiles, lambda claim: Fetched(claim, world.tick(), here))
    assert world.messages[sent.id].standing is Standing.SENT


@pytest.mark.parametrize("policy", [SOON, STORE])
@pytest.mark.parametrize("how", ["recalled", "deleted", "a note"])
def test_what_is_taken_back_in_time_never_leaves_and_the_user_waits_on(
    policy: Policy, how: str
) -> None:
    world = handed_over(policy)
    says(world, "when?")
    sent, rev = replies(world, "never"), world.conversation.rev
    if how == "recalled":
        answer = click(world, Recall, sent)
        assert isinstance(answer, Accepted)
        assert answer.data["recalled"]
        assert lines(world) == [(Line.RECALLED, "never")]
    elif how == "deleted":
        world.do(AgentDeleted(world.key(), world.tick(), ToMessage(sent.id)))
    else:
        edit(world, sent, "!n never")
        assert world.messages[sent.id].visibility is Visibility.INTERNAL
    assert world.conversation.awaiting is Awaiting.AGENT
    passes(world)
    left = world.messages[sent.id]
    assert left.deleted or not left.leaves
    assert (left.rev, world.conversation.rev) == (sent.rev, rev) or policy is SOON
    assert not [each for each in world.effects(SendToUser) if each.change]
    assert Mark.TAKEN not in marks(world)


@pytest.mark.parametrize(
    ("policy", "text", "by", "reason"),
    [
        (SOON, "the key is sk_live_abcdefghijkl", None, "leak:api_key"),
        (SOON, "!oops", None, "unknown_command"),
        (HELD_BACK, "ask Ben", None, "mention"),
        (SOON, "hello", GUEST, "not_a_member"),
    ],
)
def test_an_edit_in_time_that_may_not_leave_holds_the_whole_reply(
    policy: Policy, text: str, by: Agent | None, reason: str
) -> None:
    world = handed_over(policy)
    sent = replies(world, "hello")
    more: Any = {"by": by} if by else {}
    edit(world, sent, text, mentions=reason == "mention", **more)
    held = world.messages[sent.id]
    assert (held.standing, held.held_for) == (Standing.HELD, reason)
    assert lines(world) == [(Line.HELD, reason)]
    assert marks(world)[-1] is Mark.HELD


def test_a_held_edit_that_is_wanted_out_after_all_is_sent_once() -> None:
    world = handed_over(SOON)
    sent = replies(world, "hello")
    edit(world, sent, "!oops")
    click(world, SendHeld, sent)
    passes(world)
    for _ in range(2):
        world.answer(SendToUser, lambda claim: Delivered(claim, world.tick()))
    message = world.messages[sent.id]
    assert (message.standing, message.sent_parts) == (Standing.SENT, 1)


def test_an_edit_in_time_that_names_a_colleague_is_a_note() -> None:
    world = handed_over(SOON)
    sent = replies(world, "hello")
    edit(world, sent, "ask Ben", mentions=True)
    assert world.messages[sent.id].visibility is Visibility.INTERNAL


def test_after_the_end_nobody_waits_for_what_was_taken_back() -> None:
    world = handed_over(SOON)
    sent = replies(world, "bye")
    replies(world, "thanks")
    world.handoffs[world.handoff.id] = replace(world.handoff, status=Status.RESOLVED)
    click(world, Recall, sent)
    assert world.conversation.awaiting is Awaiting.CUSTOMER


def test_what_a_queue_takes_agents_words_for_comes_before_the_desk_s_own() -> None:
    world = handed_over(replace(BOT, queues=(Queue(reply=Default.NOTE),)))
    assert replies(world, "he is angry").visibility is Visibility.INTERNAL
    assert replies(world, "!r on Monday").visibility is Visibility.PUBLIC
    world = handed_over(replace(BOT, default=Default.NOTE, queues=(Queue(reply=Default.REPLY),)))
    assert replies(world, "on Monday").visibility is Visibility.PUBLIC


# --- over a real store ---------------------------------------------------------------------------


async def test_over_a_kill_it_leaves_once_and_in_order_and_what_was_taken_back_never(
    tmp_path: Path,
) -> None:
    url, policy = f"sqlite:///{tmp_path}/desk.db", replace(POLICY, undo_reply=5 * SECOND)
    async with house(url, policy=policy) as killed:
        await killed.hands_over()
        clock, to = killed.clock, killed.thread
        killed.inbox._take_work = lambda works: None
        _, two, oops = [await killed.replies(text) for text in ("one", "two", "oops")]
        await killed.do(Recall(killed.key(), clock.now, to, ANA))
        await killed.replies("three")
        edit = AgentEdited(killed.key(), clock.now, ToMessage(source=two), ANA, "2", "9")
        await killed.do(edit)
    async with house(url, policy=policy, clock=clock, name="p2") as home:
        clock.move(30)
        await home.quiet()
        assert [text for _, text in home.channel.sent] == ["one", "2", "three"]
        marks_of_it = [mark for source, mark in home.desk.marked if source == oops]
        assert marks_of_it == [Mark.LEAVING, Mark.NOTE]


async def test_nothing_leaves_before_its_time(tmp_path: Path) -> None:
    policy = replace(POLICY, undo_reply=5 * SECOND)
    async with house(f"sqlite:///{tmp_path}/desk.db", policy=policy) as home:
        await home.hands_over()
        home.channel.sent.clear()
        await home.replies("one")
        await home.later(4.9)
        await home.replies("two")
        assert home.channel.sent == []
        await home.later(0.2)
        assert [text for _, text in home.channel.sent] == ["one"]
        await home.later(5)
        assert [text for _, text in home.channel.sent] == ["one", "two"]
