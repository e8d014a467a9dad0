"""The replay turns red on each kind of thing that must not be, and on nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC
from typing import Any

import pytest

from bridge.events import Event, Kind
from bridge.hook_store import Sealed
from bridge.hours import Hours
from bridge.model import SECOND, AgentId, Author, ConversationId, HandoffId, Role
from bridge.policy import BotPolicy, Policy, Staffing, Talent
from bridge.queues import Goals, Queue, Routing
from tests.replay.check import faults
from tests.replay.floor import Rules

ANA, BEN, ZOE = AgentId("ana"), AgentId("ben"), AgentId("zoe")
DESK = Author(Role.SYSTEM, "deskbridge")
SAM = Author(Role.USER, "sam", "Sam")
POLICY = Policy(
    bots=(BotPolicy("robo", channels=("page",)),),
    assignment_timeout={"page": 300 * SECOND},
    queues=(
        Queue(routing=Routing.LEAST_BUSY, capacity=2),
        Queue("calm", goals=Goals(100 * SECOND, 0, 0)),
    ),
    idle_close={"web": 500 * SECOND},
    staffing=Staffing(
        ask_after=900 * SECOND,
        away_after=1_200 * SECOND,
        hand_back_after=60 * SECOND,
        silent_after=100 * SECOND,
        talents={ANA: Talent(languages=("en",)), BEN: Talent(languages=("en", "fr"))},
    ),
)
RULES = Rules(POLICY, {ANA: frozenset({"default"}), BEN: frozenset({"default", "calm"})})


@dataclass
class Day:
    """Events, one after another; `late` seconds pass before each unless it says otherwise."""

    now: int = 1_700_000_000
    sealed: list[Sealed] = field(default_factory=list)

    def say(self, kind: Kind, by: Author, of: str = "", late: float = 1, **body: Any) -> Day:
        self.now += int(late)
        conversation = ConversationId(f"c{of}") if of else ConversationId("")
        handoff = HandoffId(f"h{of}") if of else None
        event = Event(kind, self.now * SECOND, conversation, by, handoff, 1, body)
        self.sealed.append(Sealed(len(self.sealed) + 1, event))
        return self

    def comes(self, agent: AgentId, late: float = 1) -> Day:
        return self.say(Kind.AGENT_ONLINE, by(agent), late=late, agent=agent, why="online")

    def goes(self, agent: AgentId, late: float = 1, why: str = "away") -> Day:
        return self.say(Kind.AGENT_AWAY, by(agent), late=late, agent=agent, why=why)

    def opens(self, of: str, queue: str = "default", late: float = 1) -> Day:
        self.say(Kind.USER_SPOKE, SAM, of, late)
        return self.say(Kind.HANDOFF_QUEUED, SAM, of, 0, queue=queue, reason="no_bot")

    def given(self, of: str, agent: AgentId, late: float = 1, actor: Author = DESK) -> Day:
        return self.say(Kind.HANDOFF_ASSIGNED, actor, of, late, agent=agent, before=None)

    def takes(self, of: str, agent: AgentId) -> Day:
        return self.given(of, agent, actor=by(agent))

    def replies(self, of: str, agent: AgentId, late: float = 1) -> Day:
        return self.say(Kind.AGENT_SPOKE, by(agent), of, late, message="m")

    def back(self, of: str, before: AgentId, late: float = 1, actor: Author = DESK) -> Day:
        body = {"before": before, "queue": "default"}
        return self.say(Kind.HANDOFF_RELEASED, actor, of, late, **body)

    def snoozes(self, of: str, agent: AgentId, seconds: int) -> Day:
        until = (self.now + seconds) * SECOND
        return self.say(Kind.HANDOFF_SNOOZED, by(agent), of, until=until)

    def ends(self, of: str, agent: AgentId, late: float = 1) -> Day:
        return self.say(Kind.HANDOFF_RESOLVED, by(agent), of, late, reason="")


def by(agent: AgentId) -> Author:
    return Author(Role.AGENT, agent, agent.title())


def day() -> Day:
    return Day()


def test_a_day_without_fault_has_none() -> None:
    made = day().comes(ANA).comes(BEN).opens("1").given("1", ANA).replies("1", ANA)
    made.opens("2").given("2", BEN).replies("2", BEN).snoozes("2", BEN, 50)
    made.say(Kind.HANDOFF_WOKEN, DESK, "2", 50).ends("2", BEN)
    made.say(Kind.USER_SPOKE, SAM, "1", 5).goes(ANA).back("1", ANA, 60).given("1", BEN)
    made.say(Kind.HANDOFF_TRANSFERRED, by(BEN), "1", agent=ANA, before=BEN)
    made.back("1", ANA, 60).given("1", BEN)
    made.say(Kind.HANDOFF_CHANGED, by(BEN), "1", priority=["normal", "urgent"])
    made.say(Kind.HANDOFF_RESOLVED, by(BEN), "1", reason="done")
    made.say(Kind.HANDOFF_REOPENED, by(BEN), "1", agent=BEN).say(
        Kind.HANDOFF_REOPENED, by(BEN), "1", undone=True
    )
    made.say(Kind.HANDOFF_CANCELLED, SAM, "1", reason="user_left")
    made.say(Kind.AGENT_SPOKE, by(BEN), "1", message="m", again=True)
    made.goes(BEN).say(Kind.USER_SPOKE, SAM, "1").say(Kind.HANDOFF_REOPENED, SAM, "1", 0, agent=BEN)
    made.back("1", BEN, 60).takes("1", BEN).snoozes("1", BEN, 90)
    made.say(Kind.HANDOFF_WOKEN, DESK, "1", 90).back("1", BEN, 5).takes("1", BEN).ends("1", BEN)
    assert faults(made.sealed, RULES, until=(made.now + 500) * SECOND) == []


def _beside() -> Day:
    made = day().opens("1").takes("1", ANA).ends("1", ANA).opens("2")
    _of("c1", made)
    return made.say(Kind.HANDOFF_REOPENED, by(ANA), "1", agent=ANA)


def _again() -> Day:
    made = day().comes(ANA).comes(BEN).opens("1").takes("1", ANA).ends("1", ANA)
    made.opens("2", late=20).given("2", ANA).opens("1b", late=20)
    _of("c1", made)
    return made.given("1b", BEN)


def _of(conversation: str, made: Day) -> None:
    """The last two are of that conversation."""
    for number in (-2, -1):
        sealed = made.sealed[number]
        event = replace(sealed.event, conversation_id=ConversationId(conversation))
        made.sealed[number] = replace(sealed, event=event)


def _older() -> Day:
    made = day().opens("1").takes("1", ANA)
    made.sealed[-1] = replace(made.sealed[-1], event=replace(made.sealed[-1].event, epoch=0))
    return made


WRONG: dict[str, tuple[Callable[[], Day], str]] = {
    "a number is missing": (
        lambda: replace(m := day().comes(ANA).comes(BEN), sealed=m.sealed[1:]),
        "a gap after 0",
    ),
    "two are open at once": (
        lambda: day().opens("1").say(Kind.HANDOFF_QUEUED, SAM, "1", queue="default"),
        "h1 was queued while h1 is open",
    ),
    "one is reopened beside another": (
        _beside,
        "h1 was reopened beside another",
    ),
    "more than there is room": (
        lambda: (
            day().comes(ANA).opens("1").given("1", ANA).opens("2").given("2", ANA).opens("3")
        ).given("3", ANA),
        "ana was given more than there is room: 2 of 2",
    ),
    "who was answered takes room for a while": (
        lambda: (
            day().comes(ANA).opens("1").given("1", ANA).replies("1", ANA).opens("2")
        ).given("2", ANA).opens("3").given("3", ANA),
        "ana was given more than there is room: 2 of 2",
    ),
    "to who is away": (lambda: day().opens("1").given("1", ANA), "to ana, who is away"),
    "to who is no member": (
        lambda: day().comes(ANA).comes(BEN).opens("1", "calm").takes("1", ANA),
        "ana is no member of calm",
    ),
    "a queue that is taken from gives": (
        lambda: day().comes(BEN).opens("1", "calm").given("1", BEN),
        "calm gives nothing",
    ),
    "back to who gave it back": (
        lambda: (
            day().comes(ANA).opens("1").given("1", ANA).back("1", ANA, actor=by(ANA))
        ).given("1", ANA),
        "ana had given h1 back",
    ),
    "not in their language": (
        lambda: day().comes(ANA).comes(BEN).opens("fr", late=20).given("fr", ANA),
        "ana does not speak as hfr, ['ben'] do",
    ),
    "not by turns": (
        lambda: (
            day().comes(ANA).comes(BEN).opens("1", late=20).given("1", ANA).opens("2", late=20)
        ).given("2", ANA),
        "it was not the turn of ana for h2",
    ),
    "not back to who had them": (
        _again,
        "h1b should have come back to ana",
    ),
    "the later one first": (
        lambda: (
            day().opens("1").opens("2", late=20).opens("3", late=20).comes(ANA, 20)
        ).given("2", ANA),
        "h2 was given before h1",
    ),
    "what was somebody's is somebody else's": (
        lambda: day().comes(ANA).opens("1").takes("1", ANA).takes("1", BEN),
        "h1 was not theirs before",
    ),
    "who is no member speaks": (
        lambda: day().comes(ANA).opens("1").given("1", ANA).replies("1", ZOE),
        "zoe spoke, who is no member there",
    ),
    "somebody speaks after the end": (
        lambda: day().opens("1").takes("1", ANA).ends("1", ANA).replies("1", ANA),
        "ana spoke in what has ended",
    ),
    "it ends twice": (
        lambda: day().opens("1").takes("1", ANA).ends("1", ANA).ends("1", ANA),
        "handoff.resolved of h1, which is resolved",
    ),
    "it ends and nobody knows why": (
        lambda: day().opens("1").say(Kind.HANDOFF_CANCELLED, SAM, "1", reason=""),
        "h1 ended, and nobody knows why",
    ),
    "it ends without having begun": (
        lambda: day().ends("1", ANA),
        "handoff.resolved of h1, which was never queued",
    ),
    "it never ends": (lambda: day().opens("1"), "h1 never ended"),
    "it expires where there is no bot": (
        lambda: day().opens("1").say(Kind.HANDOFF_EXPIRED, DESK, "1", reason="nobody_took_it"),
        "h1 expired, but nothing was to be done by a time",
    ),
    "it expires too soon": (
        lambda: day().opens("page").say(Kind.HANDOFF_EXPIRED, DESK, "page", 299, reason="late"),
        "hpage expired too soon",
    ),
    "it does not expire": (
        lambda: day().opens("page").comes(ANA, 400),
        "hpage should have expired",
    ),
    "it sleeps on": (
        lambda: day().opens("1").takes("1", ANA).snoozes("1", ANA, 50).comes(BEN, 100),
        "h1 should have been woken",
    ),
    "it is woken too soon": (
        lambda: (
            day().opens("1").takes("1", ANA).snoozes("1", ANA, 50)
        ).say(Kind.HANDOFF_WOKEN, DESK, "1", 40),
        "h1 was woken too soon",
    ),
    "it stays with who is away": (
        lambda: day().comes(ANA).opens("1").given("1", ANA).goes(ANA).comes(BEN, 80),
        "h1 should have gone back to its queue",
    ),
    "it is taken back too soon": (
        lambda: day().comes(ANA).opens("1").given("1", ANA).goes(ANA).back("1", ANA, 50),
        "h1 was taken back too soon",
    ),
    "it is taken back from who is there": (
        lambda: day().comes(ANA).opens("1").given("1", ANA).back("1", ANA, 70),
        "h1 was taken back though its agent was there",
    ),
    "it waits though somebody is free": (
        lambda: day().comes(ANA).opens("1", late=20).comes(BEN, 20),
        "h1 waits though ana is free",
    ),
    "nobody sees that they are idle": (
        lambda: day().comes(ANA).comes(BEN, 1_300),
        "ana is idle and still online",
    ),
    "they are found idle too soon": (
        lambda: day().comes(ANA).goes(ANA, 1_100, why="idle"),
        "ana was found idle too soon",
    ),
    "a goal is missed in silence": (
        lambda: day().opens("slow", "calm").comes(ANA, 200),
        "hslow missed its goal in silence",
    ),
    "a goal is told of that was not missed": (
        lambda: day().opens("slow", "calm").say(Kind.GOAL_MISSED, DESK, "slow", 90, goal="first"),
        "hslow had missed no goal",
    ),
    "it ends by itself though its user waits": (
        lambda: day().opens("1").say(Kind.HANDOFF_RESOLVED, DESK, "1", 999, reason="idle"),
        "h1 was not silent so long",
    ),
    "it stays open though its user is silent": (
        lambda: day().opens("1").takes("1", ANA).replies("1", ANA).comes(BEN, 511),
        "h1 should have been closed",
    ),
    "they come and are there": (lambda: day().comes(ANA).comes(ANA), "ana came and was there"),
    "they go and are not": (lambda: day().goes(ANA), "ana went and was not there"),
    "a stranger comes": (lambda: day().comes(ZOE), "zoe came, who is no member"),
    "the epoch goes back": (_older, "the epoch went back"),
}  # fmt: skip


@pytest.mark.parametrize(("made", "what"), WRONG.values(), ids=WRONG)
def test_each_fault_is_told(made: Callable[[], Day], what: str) -> None:
    told = made()
    ends = "never ended" in what
    rules = replace(
        RULES,
        languages={ConversationId("cfr"): "fr"},
        channels={ConversationId("cpage"): "page", ConversationId("c1"): "web"},
        acts={} if "idle" in what else None,
    )
    found = faults(told.sealed, rules, until=told.now * SECOND if ends else 0)
    assert [each for each in found if what in each], found
    others = [each for each in found if what not in each]
    assert len(others) <= 1, others


def test_only_the_time_counts_in_which_the_queue_is_open() -> None:
    closed = Queue(hours=Hours(UTC, ((),) * 7))
    made = day().opens("page").comes(ANA, 299)
    rules = replace(
        RULES,
        policy=replace(POLICY, queues=(closed,)),
        channels={ConversationId("cpage"): "page"},
    )
    assert faults(made.sealed, rules) == []
