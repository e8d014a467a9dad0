"""Lines that asked about a held message say what was chosen, by whatever way it was."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bridge.cases import Case
from bridge.commands import (
    AgentDeleted,
    Assign,
    Command,
    Delivered,
    KeepAsNote,
    Recall,
    Request,
    Resolve,
    SendHeld,
    ToHandoff,
    ToMessage,
    Transfer,
)
from bridge.effects import Line, Mark, PostLine, PutMark, SettleLine
from bridge.lanes import lane_of
from bridge.model import MessageId
from bridge.policy import Policy
from bridge.settling import posted
from bridge.turn import Turn
from bridge.views import View
from tests.bridge.driver import ANA, BEN, BOT, CNV, NO_BOT, World
from tests.bridge.fakes import AbleDesk
from tests.bridge.house import House, house
from tests.bridge.test_notice import CALLING, rings
from tests.bridge.test_talk import handed_over, replies, says


def held() -> tuple[World, ToMessage]:
    world = handed_over()
    replies(world, "!what is this")
    (line,) = world.effects(PostLine)
    assert line.message_id is not None
    return world, ToMessage(line.message_id)


@pytest.mark.parametrize(
    ("command", "how", "name"),
    [
        (lambda to: SendHeld("c", 9, to, ANA), "sent", "Ana"),
        (lambda to: KeepAsNote("c", 9, to, ANA), "note", "Ana"),
        (lambda to: AgentDeleted("c", 9, to), "deleted", ""),
    ],
)
def test_whoever_decides_the_line_says_so(
    command: Callable[[ToMessage], Request], how: str, name: str
) -> None:
    world, to = held()
    world.do(command(to))
    assert [(each.how, each.name) for each in world.effects(SettleLine)] == [(how, name)]


def test_no_mark_waits_until_a_line_says_so() -> None:
    world, to = held()
    world.do(SendHeld("c", 9, to, ANA))
    assert {lane_of(each, CNV) for each in world.effects(SettleLine)} == {f"mark:line:{CNV}"}
    assert lane_of(PutMark("slack:T1:C1:1.1", Mark.TAKEN), CNV) == f"mark:{CNV}"


def test_a_line_that_comes_after_the_decision_is_settled_as_well() -> None:
    world, to = held()
    (number,) = [n for n, each in world.waiting.items() if isinstance(each, PostLine)]
    line = world.waiting.pop(number)
    world.do(KeepAsNote("c", 9, to, ANA))
    world.waiting = {number: line}
    world.answer(PostLine, lambda claim: Delivered(claim, world.now, ("T1", "C1", "1.1")))
    assert [(each.how, each.name) for each in world.effects(SettleLine)] == [("note", "")]


def test_while_nobody_has_decided_nothing_is_settled() -> None:
    world, to = held()
    world.do(Recall("c", 9, to, ANA))
    world.answer(PostLine, lambda claim: Delivered(claim, world.now, ("T1", "C1", "1.1")))
    says(world, "hello?")
    assert world.effects(SettleLine) == []


def test_of_a_message_that_was_forgotten_no_line_is_settled() -> None:
    world, _ = held()
    world.messages.clear()
    world.answer(PostLine, lambda claim: Delivered(claim, world.now, ("T1", "C1", "1.1")))
    assert world.effects(SettleLine) == []


# --- handoffs that wait --------------------------------------------------------------------------


CALLS = replace(NO_BOT, alerts=CALLING.alerts)


def overdue(policy: Policy = CALLS) -> World:
    """A handoff that nobody has had for so long that a line said so."""
    world = World(policy)
    says(world, "hello?")
    while not any(line.line is Line.OVERDUE for line in world.effects(PostLine)):
        assert rings(world)
    return world


def settled(world: World) -> list[tuple[str, str]]:
    return [(each.how, each.name) for each in world.effects(SettleLine) if not each.message_id]


@pytest.mark.parametrize(
    ("command", "wanted"),
    [
        (lambda to: Assign("c", 1 << 51, to, ANA, BEN), [("taken", "Ben")]),
        (lambda to: Resolve("c", 1 << 51, to, ANA), [("ended", "Ana")]),
        (lambda to: Transfer("c", 1 << 51, to, ANA, queue="orders"), []),
    ],
)
def test_once_it_is_somebodys_or_over_what_called_for_somebody_says_so(
    command: Callable[[ToHandoff], Request], wanted: list[tuple[str, str]]
) -> None:
    world = overdue()
    world.do(command(ToHandoff(world.handoff.id)))
    assert settled(world) == wanted
    world.do(Assign("d", 1 << 52, ToHandoff(world.handoff.id), ANA, ANA))
    assert len(settled(world)) == 1


def test_one_that_was_taken_before_anybody_was_called_has_no_such_line() -> None:
    world = World(CALLS)
    says(world, "hello?")
    world.do(Assign("c", world.tick(), ToHandoff(world.handoff.id), ANA, ANA))
    assert settled(world) == []
    quiet = World(NO_BOT)
    says(quiet, "hello?")
    quiet.do(Assign("c", 1 << 51, ToHandoff(quiet.handoff.id), ANA, ANA))
    assert settled(quiet) == []


def test_a_line_that_was_posted_too_late_is_settled_at_once() -> None:
    world = overdue()
    late = {n: e for n, e in world.waiting.items() if isinstance(e, PostLine)}
    world.waiting = {}
    world.do(Assign("c", 1 << 51, ToHandoff(world.handoff.id), ANA, ANA))
    world.waiting = dict(late)
    for _ in late:
        world.answer(PostLine, lambda claim: Delivered(claim, world.now, ("T1", "C1", "1.1")))
    assert settled(world) == [("taken", "Ana")] * len(late) != []


# --- the whole way -------------------------------------------------------------------------------


@dataclass
class SettlingDesk(AbleDesk):
    settled: list[tuple[tuple[str, str, str], str, str]] = field(default_factory=list)

    async def settle(self, place: tuple[str, str, str], view: View, how: str, name: str) -> None:
        self.settled.append((place, how, name))


@pytest.fixture(params=[SettlingDesk, AbleDesk])
async def home(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    async with house(f"sqlite:///{tmp_path}/desk.db", request.param()) as made:
        yield made


async def test_every_line_about_the_message_is_changed_by_a_desk_that_can(home: House) -> None:
    await home.hands_over()
    source = await home.replies("!what is this")
    await home.quiet()
    message = await home.reads.by_message(source)
    assert message is not None
    decided: Command = SendHeld(home.key(), home.clock.now, ToMessage(MessageId(message.id)), ANA)
    await home.do(decided)
    await home.quiet()
    if isinstance(home.desk, SettlingDesk):
        posts = len(home.desk.posted)
        assert home.desk.settled == [(("T1", "C1", f"1.0/{posts}"), "sent", "Ana")]


def test_a_line_about_a_message_that_is_no_more_settles_nothing() -> None:
    world = handed_over()
    turn = Turn(Case(world.conversation, world.contact, world.handoff), BOT, "k", world.now)
    posted(turn, PostLine(world.handoff.id, Line.HELD))
    assert turn.effects == []
