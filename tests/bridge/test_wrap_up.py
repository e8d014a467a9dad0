"""What a queue wants to be told before a handoff is resolved."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bridge.commands import (
    Accepted,
    Block,
    Rejected,
    Resolve,
    SetLabels,
    ToConversation,
    UserEnded,
)
from bridge.effects import Line, Mark
from bridge.events import Kind
from bridge.model import SECOND, Status
from bridge.queues import Queue, WrapUp
from tests.bridge.driver import ANA, BOT, CNV, World
from tests.bridge.test_talk import handed_over, lines, marks

WANTED = WrapUp(True, ("refund", "delivery"), ("solved", "Not ours"))
LABELS = {"labels": "is needed: one of refund, delivery"}
REASON = {"reason": "is needed: one of solved, Not ours"}


def asking(wanted: WrapUp = WANTED) -> World:
    return handed_over(replace(BOT, queues=(Queue(wrap_up=wanted),), undo_window=5 * SECOND))


def resolves(world: World, reason: str = "", **more: Any) -> object:
    return world.do(Resolve(world.key(), world.tick(), world.thread, ANA, reason, **more))


@pytest.mark.parametrize(
    ("wanted", "labels", "reason", "missing"),
    [
        (WrapUp(), (), "", {}),
        (WrapUp(labelled=True), (), "done", {"labels": "is needed"}),
        (WrapUp(labelled=True), ("any",), "", {}),
        (WANTED, (), "", {**LABELS, **REASON}),
        (WANTED, ("vip",), "solved", LABELS),
        (WANTED, ("vip", "refund"), "it is solved", REASON),
        (WANTED, ("refund",), " SOLVED ", {}),
    ],
)
def test_a_label_one_of_some_or_an_outcome_may_be_wanted(
    wanted: WrapUp, labels: tuple[str, ...], reason: str, missing: dict[str, str]
) -> None:
    assert wanted.missing(labels, reason) == missing


@pytest.mark.parametrize("undoable", [True, False])
def test_what_is_missing_is_named_and_nothing_is_done(undoable: bool) -> None:
    world = asking()
    before = world.handoff
    answer = resolves(world, "solved", undoable=undoable, labels=("vip",))
    assert answer == Rejected("wrap_up_required", {"fields": LABELS})
    assert world.handoff == before


def test_who_typed_it_in_the_thread_is_asked_there_with_what_they_typed() -> None:
    world = asking()
    assert isinstance(resolves(world, "sent again", said="word"), Rejected)
    resolves(world, silent=True, said="another")
    assert lines(world) == [(Line.WRAP_UP, "\nsent again"), (Line.WRAP_UP, "silent\n")]
    assert marks(world) == [Mark.FAILED, Mark.FAILED]
    assert world.handoff.status is Status.ASSIGNED


def test_labels_may_come_with_it_and_an_outcome_is_spelt_as_in_the_settings() -> None:
    world = asking()
    assert isinstance(resolves(world, "not OURS", labels=("refund",)), Accepted)
    assert (world.handoff.labels, world.handoff.outcome) == (("refund",), "Not ours")
    kinds = [event.kind for event in world.events]
    assert kinds.index(Kind.HANDOFF_CHANGED) < kinds.index(Kind.HANDOFF_RESOLVED)


def test_what_was_labelled_before_needs_no_more() -> None:
    world = asking(WrapUp(labels=("refund",)))
    world.do(SetLabels(world.key(), world.tick(), world.thread, ANA, ("refund",)))
    assert isinstance(resolves(world, undoable=True), Accepted)
    assert world.handoff.ends_at


def test_who_cannot_know_of_it_is_not_asked() -> None:
    for end in (
        lambda world: resolves(world, unasked=True),
        lambda world: world.do(UserEnded(world.key(), world.tick(), ToConversation(CNV))),
        lambda world: world.do(
            Block(world.key(), world.tick(), world.thread, ANA.as_author(), asker=ANA)
        ),
    ):
        world = asking()
        assert isinstance(end(world), Accepted)
        assert not world.handoff.is_open
