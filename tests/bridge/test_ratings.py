"""Ratings: who is asked and when, what is kept, and that nothing else is taken for one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bridge.commands import (
    Accepted,
    Rate,
    Reject,
    Rejected,
    Reopen,
    Resolve,
    Say,
    TimerFired,
    ToConversation,
    ToHandoff,
    Transfer,
    UserEnded,
    UserSaid,
)
from bridge.effects import (
    CallBot,
    Line,
    OpenThread,
    PostLine,
    PostMessage,
    RefreshCard,
    SendToUser,
    SetTimer,
    TimerKind,
)
from bridge.events import Kind
from bridge.model import SECOND, Attachment, Role, Status
from bridge.policy import Asks, Policy, Traits
from bridge.scores import stars
from bridge.texts import Texts
from tests.bridge.driver import ANA, BEN, BOT, CNV, SAM, World
from tests.bridge.test_talk import handed_over, replies, says

HERE = ToConversation(CNV)
DAY = 24 * 3_600
ITSELF = replace(BOT, channels={"webchat": replace(BOT.channels["webchat"], asks=Asks.ITSELF)})
PRESSED = Traits(max_text=2_000, buttons=13, asks=Asks.BY_BUTTONS, window=DAY * SECOND)
BY_BUTTONS = replace(BOT, channels={"webchat": PRESSED})
BUTTONS_ALONE = replace(BY_BUTTONS, bots=())
SILENCED = replace(ITSELF, texts=Texts({"rating": {"en": ""}}))


def resolve(world: World, **more: Any) -> None:
    to = ToHandoff(world.handoff.id)
    world.do(Resolve(world.key(), world.tick(), to, ANA, **more))


def resolved(policy: Policy = ITSELF, **more: Any) -> World:
    world = handed_over(policy)
    replies(world, "It is on its way")
    resolve(world, **more)
    return world


def rate(world: World, score: int, comment: str | None = None) -> object:
    return world.do(Rate(world.key(), world.tick(), HERE, score, comment))


def press(world: World, label: str) -> None:
    """The button of the newest message that has it, as the channel tells of it."""
    offered = [each for m in reversed(world.in_order()) for each in m.buttons if label in each.text]
    world.do(UserSaid(world.key(), world.tick(), SAM, offered[0].text, offered[0].value))


def lines(world: World) -> list[str]:
    return [each.detail for each in world.effects(PostLine) if each.line is Line.RATED]


def told(world: World) -> list[str]:
    return [message.text for message in world.said_by(Role.SYSTEM)]


def wrong(policy: Policy, end: type[Reject | UserEnded], *, taken: bool = True) -> World:
    """One that ended otherwise."""
    world = handed_over(policy, ANA if taken else None)
    at, here = world.tick(), ToHandoff(world.handoff.id)
    if end is Reject:
        world.do(Reject(world.key(), at, here, ANA, "spam"))
    else:
        world.do(UserEnded(world.key(), at, HERE))
    return world


def test_who_was_helped_is_asked_below_the_last_words_and_rates_once() -> None:
    world = resolved()
    rating = world.handoff.rating
    assert rating.question == "How was the conversation with Ana?"
    assert rating.after == world.conversation.seq
    assert told(world)[-1] == "Ana has left the conversation. The assistant is back with you."
    rev, version = world.conversation.rev, world.handoff.version
    for _ in range(2):
        assert isinstance(rate(world, 4), Accepted)
    assert (world.handoff.rating.score, world.handoff.rating.comment) == (4, "")
    assert (world.conversation.rev, world.handoff.version) == (rev + 1, version + 1)
    assert lines(world) == ["score"]
    assert RefreshCard(world.handoff.id) in world.effects(RefreshCard)
    [event] = [each for each in world.events if each.kind is Kind.HANDOFF_RATED]
    assert (event.handoff_id, event.body) == (world.handoff.id, {"score": 4})


def test_who_wrote_last_is_named_whoever_has_it_and_else_the_team() -> None:
    world = handed_over(ITSELF)
    replies(world, "It is on its way")
    world.do(Transfer(world.key(), world.tick(), ToHandoff(world.handoff.id), ANA, BEN))
    resolve(world)
    assert world.handoff.assignee == BEN.id
    assert world.handoff.rating.question == "How was the conversation with Ana?"
    world = handed_over(ITSELF)
    world.do(Say(world.key(), world.tick(), HERE, ANA.as_author(), "We know of it", asker=ANA))
    resolve(world)
    assert world.handoff.rating.question == "How was the conversation with our team?"
    world = handed_over(ITSELF)
    resolve(world)
    assert world.handoff.rating.question == "How was the conversation with Ana?"


def test_a_comment_comes_later_is_kept_with_another_score_and_may_be_taken_back() -> None:
    world = resolved()
    rate(world, 4)
    first = world.handoff.rating.at
    rate(world, 4, " Ana was quick ")
    rate(world, 5)
    assert (world.handoff.rating.score, world.handoff.rating.comment) == (5, "Ana was quick")
    rate(world, 5, "")
    assert (world.handoff.rating.comment, world.handoff.rating.at) == ("", first)
    assert lines(world) == ["score", "comment", "score", "score"]


def test_it_may_be_changed_for_a_day_and_given_at_any_time() -> None:
    world = resolved()
    world.tick(90 * DAY)
    assert isinstance(rate(world, 1), Accepted)
    world.tick(DAY)
    assert rate(world, 5) == Rejected("nothing_to_rate", {})
    assert world.handoff.rating.score == 1


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(lambda: resolved(silent=True), id="silent"),
        pytest.param(lambda: resolved(SILENCED), id="silenced"),
        pytest.param(lambda: resolved(BOT), id="a channel that cannot"),
        pytest.param(lambda: wrong(ITSELF, Reject), id="rejected"),
        pytest.param(lambda: wrong(ITSELF, UserEnded, taken=False), id="never taken"),
        pytest.param(World, id="nothing ever"),
    ],
)
def test_nobody_else_is_asked_and_nothing_is_taken(made: Callable[[], World]) -> None:
    world = made()
    assert isinstance(rate(world, 5), Rejected)
    assert not any(event.kind is Kind.HANDOFF_RATED for event in world.events)


def test_while_somebody_is_with_them_there_is_nothing_to_rate() -> None:
    world = handed_over(ITSELF)
    assert rate(world, 5) == Rejected("not_now", {"state": "assigned"})


def test_who_leaves_by_themselves_is_asked_too() -> None:
    world = wrong(ITSELF, UserEnded)
    assert isinstance(rate(world, 2), Accepted)
    assert world.handoff.status is Status.CANCELLED


def test_nothing_is_asked_while_the_end_may_be_taken_back() -> None:
    world = handed_over(ITSELF)
    resolve(world, undoable=True)
    assert world.handoff.rating.question == ""
    [timer] = [each for each in world.effects(SetTimer) if each.kind is TimerKind.END]
    world.now = timer.due
    world.answer(SetTimer, lambda claim: TimerFired(claim, world.now))
    assert world.handoff.rating.question


def test_what_was_given_stands_when_it_is_opened_and_ended_again() -> None:
    world = resolved()
    rate(world, 3)
    world.do(Reopen(world.key(), world.tick(), ToHandoff(world.handoff.id), ANA))
    resolve(world)
    assert world.handoff.rating.score == 3
    assert isinstance(rate(world, 4), Accepted)


def test_a_new_handoff_ends_the_time_for_it() -> None:
    world = resolved(replace(ITSELF, bots=()))
    world.tick(3_600)
    says(world, "One more thing")
    assert isinstance(rate(world, 5), Rejected)


# --- by buttons ----------------------------------------------------------------------------------


def test_five_buttons_are_sent_and_a_press_is_for_nobody_else() -> None:
    world = resolved(BY_BUTTONS)
    asked = world.in_order()[-1]
    assert [button.text for button in asked.buttons][::4] == ["★★★★★ Great", "★ Terrible"]
    assert all(len(button.text) <= 20 for button in asked.buttons)
    assert SendToUser(asked.id) in world.effects(SendToUser)
    world.waiting.clear()
    press(world, "Good")
    assert world.handoff.rating.score == 4
    assert told(world)[-1] == "Thank you for your rating!"
    assert world.effects(CallBot) == []
    assert lines(world) == ["score"]


@pytest.mark.parametrize("policy", [BY_BUTTONS, BUTTONS_ALONE], ids=["bot", "no bot"])
def test_the_next_words_are_a_comment_only_when_the_user_wished_so(policy: Policy) -> None:
    world = resolved(policy)
    press(world, "Great")
    press(world, "Add a comment")
    assert told(world)[-1].startswith("Write it now")
    world.waiting.clear()
    says(world, "Ana was so quick!")
    assert world.handoff.rating.comment == "Ana was so quick!"
    assert told(world)[-1] == "Thank you for your rating!"
    assert world.said_by(Role.SYSTEM)[-1].buttons == ()
    assert (world.effects(CallBot), world.effects(OpenThread)) == ([], [])
    says(world, "And where is my order?")
    assert world.handoff.rating.comment == "Ana was so quick!"
    assert world.effects(CallBot) or world.handoff.is_open


@pytest.mark.parametrize("way", ["late", "empty", "a file", "another button", "not pressed"])
def test_other_words_are_never_a_comment(way: str) -> None:
    world = resolved(BY_BUTTONS)
    press(world, "Great")
    if way != "not pressed":
        press(world, "Add a comment")
    world.waiting.clear()
    world.tick(601 if way == "late" else 1)
    text, payload = (" " if way == "empty" else "hello"), "menu" * (way == "another button")
    files = (Attachment("a.png", "image/png", 3, "fil_1"),) * (way == "a file")
    world.do(UserSaid(world.key(), world.now, SAM, text, payload, files))
    assert world.handoff.rating.comment == ""
    assert [call.type for call in world.effects(CallBot)] == ["message.created"]


def test_a_press_of_another_handoff_or_long_after_means_nothing() -> None:
    world = resolved(BY_BUTTONS)
    press(world, "Bad")
    world.tick(2 * DAY)
    world.waiting.clear()
    press(world, "Great")
    world.do(UserSaid(world.key(), world.tick(), SAM, "Great", "deskbridge:rate:hnd_0:5"))
    assert world.handoff.rating.score == 2
    assert world.effects(CallBot) == []


def test_who_rates_what_goes_on_already_makes_nobody_answer_and_is_asked_again() -> None:
    world = resolved(BY_BUTTONS)
    world.do(Reopen(world.key(), world.tick(), ToHandoff(world.handoff.id), ANA))
    world.waiting.clear()
    before = world.conversation.awaiting
    press(world, "Great")
    assert (world.effects(PostMessage), world.conversation.awaiting) == ([], before)
    assert world.said_by(Role.USER)[-1].text == "★★★★★ Great"
    resolve(world)
    press(world, "Okay")
    assert world.handoff.rating.score == 3


def test_whom_the_channel_tells_nothing_any_more_is_not_asked() -> None:
    world = handed_over(BY_BUTTONS)
    world.tick(2 * DAY)
    resolve(world)
    assert world.handoff.rating.question == ""


def test_a_press_is_taken_while_the_bot_is_paused() -> None:
    world = resolved(BY_BUTTONS)
    world.silent = {"*": "Ana"}
    press(world, "Okay")
    assert world.handoff.rating.score == 3


def test_without_a_bot_a_press_opens_nothing() -> None:
    world = resolved(BUTTONS_ALONE)
    press(world, "Okay")
    assert world.handoff.status is Status.RESOLVED


def test_a_score_is_seen_as_stars() -> None:
    assert [stars(score) for score in (1, 5)] == ["★☆☆☆☆", "★★★★★"]
