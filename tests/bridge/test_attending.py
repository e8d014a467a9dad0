"""Who is online and who is away, and that an agent who does something is seen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.attendant import EVERY, Attendant, often_enough
from bridge.attending import ASKED, GONE, Attended, Seat, attend
from bridge.commands import Accepted, Answer, Assign, Attend, Command, Doing, ToAgent, ToHandoff
from bridge.effects import TellAgent
from bridge.errors import StoreUnavailable
from bridge.events import Kind
from bridge.model import DEFAULT_WORKSPACE, SECOND, Agent, HandoffId
from bridge.policy import Staffing
from tests.bridge.driver import ANA, GUEST, START

HERE = ToAgent(DEFAULT_WORKSPACE, ANA.id)
ONLINE = Seat(DEFAULT_WORKSPACE, ANA.id, True, False, START, START)
LATER = START + 900_000_000


def does(seat: Seat | None, doing: Doing, active_at: int = START, **more: bool) -> Attended:
    command = Attend("k", LATER, HERE, ANA.as_author(), doing, active_at, **more)
    return attend(seat, command)


# --- by themselves -------------------------------------------------------------------------------


@pytest.mark.parametrize("doing", [Doing.ONLINE, Doing.SEEN])
def test_who_says_so_or_does_something_is_online(doing: Doing) -> None:
    came = does(None, doing)
    assert came.seat == replace(ONLINE, since=LATER, active_at=LATER)
    assert came.event is not None
    assert (came.event.kind, came.event.body) == (
        Kind.AGENT_ONLINE, {"agent": ANA.id, "why": str(doing)},
    )  # fmt: skip
    assert (came.stirs, came.data) == (True, {"agent": ANA.id, "online": True})


def test_who_has_never_said_that_they_are_there_is_not_seen_where_nothing_is_given_out() -> None:
    assert does(None, Doing.SEEN, opens=False).refused
    assert does(ONLINE, Doing.SEEN, opens=False).seat.active_at == LATER


def test_who_is_online_already_has_only_done_something_again() -> None:
    again = does(replace(ONLINE, asked_at=START + 1), Doing.SEEN)
    assert again.seat == replace(ONLINE, active_at=LATER)
    assert (again.event, again.stirs) == (None, False)


def test_who_goes_away_stays_so_whatever_they_write_until_they_say_that_they_are_back() -> None:
    gone = does(ONLINE, Doing.AWAY)
    assert (gone.seat.online, gone.seat.by_hand, gone.seat.since) == (False, True, LATER)
    assert gone.event is not None
    assert (gone.event.kind, gone.stirs) == (Kind.AGENT_AWAY, True)
    assert does(gone.seat, Doing.SEEN).refused
    back = does(gone.seat, Doing.ONLINE).seat
    assert (back.online, back.by_hand) == (True, False)


# --- by doing nothing ----------------------------------------------------------------------------


def test_who_does_nothing_is_asked_once_then_away_and_back_with_the_next_word() -> None:
    asked = does(ONLINE, Doing.ASKED)
    assert asked.effects == (TellAgent(ANA.id, ASKED),)
    assert asked.seat == replace(ONLINE, asked_at=LATER)
    assert does(asked.seat, Doing.ASKED).refused == "asked_already"
    gone = does(asked.seat, Doing.IDLE)
    assert gone.effects == (TellAgent(ANA.id, GONE),)
    assert (gone.seat.online, gone.seat.by_hand, gone.seat.active_at) == (False, False, START)
    assert does(gone.seat, Doing.SEEN).seat.online


@pytest.mark.parametrize("doing", [Doing.ASKED, Doing.IDLE])
def test_who_has_done_something_since_or_is_away_is_not_idle(doing: Doing) -> None:
    assert does(ONLINE, doing, START - 1).refused == "not_idle"
    assert does(replace(ONLINE, online=False), doing).refused == "not_idle"


# --- what the desk's network says ----------------------------------------------------------------


def test_whom_the_network_says_to_be_there_is_unless_they_said_that_they_are_away() -> None:
    came = does(None, Doing.PRESENT)
    assert (came.seat.online, came.seat.active_at, came.stirs) == (True, LATER, True)
    gone = does(ONLINE, Doing.AWAY).seat
    assert does(gone, Doing.PRESENT).refused == "said_away"


def test_who_is_absent_there_is_away_but_for_who_did_something_here_a_moment_ago() -> None:
    gone = does(ONLINE, Doing.ABSENT)
    assert (gone.seat.online, gone.seat.by_hand, gone.seat.active_at) == (False, False, START)
    assert does(replace(ONLINE, active_at=LATER - 1), Doing.ABSENT).refused == "not_idle"
    assert does(None, Doing.ABSENT).refused == "not_idle"
    assert does(gone.seat, Doing.SEEN).seat.online


# --- being seen ----------------------------------------------------------------------------------


class Inbox:
    def __init__(self) -> None:
        self.taken: list[Command] = []
        self.down: type[object] | None = None

    async def handle(self, command: Command) -> Answer:
        self.taken.append(command)
        if self.down and isinstance(command, self.down):
            raise StoreUnavailable("away")
        return Accepted()


def take(at: int = LATER, by: Agent = ANA) -> Assign:
    return Assign("a1", at, ToHandoff(HandoffId("hnd_1")), by, ANA)


async def test_what_an_agent_does_is_a_sign_of_them_once_a_minute() -> None:
    inbox, now = Inbox(), [LATER]
    attendant = Attendant(inbox.handle, True, lambda: now[0])
    await attendant.receive(take())
    assert [type(each) for each in inbox.taken] == [Assign, Attend]
    sign = inbox.taken[1]
    assert isinstance(sign, Attend)
    assert (sign.to, sign.doing, sign.opens) == (HERE, Doing.SEEN, True)
    await attendant.receive(take())
    assert len(inbox.taken) == 3
    now[0] += EVERY
    await attendant.receive(take(now[0]))
    assert len(inbox.taken) == 5


@pytest.mark.parametrize(("asked", "every"), [(900, 60), (45, 11), (0, 1)])
def test_where_agents_are_asked_soon_signs_come_more_often(asked: int, every: int) -> None:
    staffing = Staffing(ask_after=asked * SECOND)
    assert often_enough(staffing) // SECOND == every


async def test_who_only_looks_is_there_too_and_that_is_noted_once_a_minute() -> None:
    inbox = Inbox()
    attendant = Attendant(inbox.handle, False, lambda: LATER)
    looks = Attend("looks", LATER, HERE, ANA.as_author(), Doing.SEEN)
    for _ in range(2):
        assert await attendant.receive(looks) == Accepted()
    [sign] = inbox.taken
    assert isinstance(sign, Attend)
    assert (sign.to, sign.doing, sign.opens) == (HERE, Doing.SEEN, False)


async def test_guests_and_what_was_done_long_ago_are_no_sign() -> None:
    inbox = Inbox()
    attendant = Attendant(inbox.handle, True, lambda: LATER)
    await attendant.receive(take(by=GUEST))
    await attendant.receive(take(LATER - EVERY))
    await attendant.receive(Attend("k", LATER, HERE, ANA.as_author(), Doing.ONLINE))
    assert Doing.SEEN not in [getattr(each, "doing", None) for each in inbox.taken]


async def test_a_lost_sign_loses_no_command_and_a_lost_command_is_told() -> None:
    inbox = Inbox()
    inbox.down = Attend
    assert await Attendant(inbox.handle, True, lambda: LATER).receive(take()) == Accepted()
    inbox.down = Assign
    with pytest.raises(StoreUnavailable):
        await Attendant(inbox.handle, True, lambda: LATER).receive(take())
