"""What a desk looked like at one moment, as its events tell it: who is there, who has what, who
waits for whom. Mutable; a model of its own, beside the product's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bridge.hours import after
from bridge.model import (
    AgentId,
    Awaiting,
    ConversationId,
    HandoffId,
    Micros,
    Priority,
    Status,
)
from bridge.policy import Policy
from bridge.queues import Routing, language_of
from bridge.routing import URGENCY

OPEN = (Status.QUEUED, Status.ASSIGNED, Status.SNOOZED)


@dataclass(frozen=True, slots=True)
class Rules:
    """What is allowed. `serves`: the queues of each member, nobody else is one; `languages` and
    `channels` by conversation; `acts`: when each agent did anything at all, None: nobody knows.
    `slack`: how late a timer may be, and for how long something must have been so before it counts;
    `early`: how much sooner than that somebody may be found idle, since signs of life are kept once
    a minute."""

    policy: Policy
    serves: Mapping[AgentId, frozenset[str]]
    languages: Mapping[ConversationId, str] = field(default_factory=dict)
    channels: Mapping[ConversationId, str] = field(default_factory=dict)
    acts: Mapping[AgentId, tuple[Micros, ...]] | None = None
    slack: Micros = 10_000_000
    early: Micros = 60_000_000


@dataclass(slots=True)
class Story:
    """One handoff. `waits_since`: it is queued since then; `changed_at`: by which routing goes."""

    id: HandoffId
    conversation: ConversationId
    queue: str
    opened_at: Micros
    priority: Priority = Priority.NORMAL
    status: Status = Status.QUEUED
    assignee: AgentId | None = None
    given_back_by: AgentId | None = None
    snoozed_until: Micros = 0
    deadline: Micros = 0
    changed_at: Micros = 0
    had_since: Micros = 0
    answered: bool = False
    ended_at: Micros = 0

    @property
    def is_open(self) -> bool:
        return self.status in OPEN


@dataclass(slots=True)
class Talk:
    """One conversation: whose turn it is, and since when; `minded_at`: when an agent last did
    something with it, or was given it."""

    awaiting: Awaiting = Awaiting.NOBODY
    since: Micros = 0
    minded_at: Micros = 0
    missed: Micros = 0
    """When it was told that the goal of their wait was."""
    epoch: int = 0
    handoff: HandoffId | None = None


@dataclass(slots=True)
class Chair:
    """One agent. `changed_at`: when they came, went, or had more or less to do."""

    online: bool = False
    since: Micros = 0
    given_at: Micros = 0
    changed_at: Micros = 0


@dataclass(slots=True)
class Floor:
    rules: Rules
    stories: dict[HandoffId, Story] = field(default_factory=dict)
    talks: dict[ConversationId, Talk] = field(default_factory=dict)
    chairs: dict[AgentId, Chair] = field(default_factory=dict)

    def talk(self, id: ConversationId) -> Talk:
        return self.talks.setdefault(id, Talk())

    def chair(self, id: AgentId) -> Chair:
        return self.chairs.setdefault(id, Chair())

    def held_by(self, agent: AgentId) -> Iterator[Story]:
        for story in self.stories.values():
            if story.status is Status.ASSIGNED and story.assignee == agent:
                yield story

    def waiting(self) -> Iterator[Story]:
        """In queues that give their handoffs out."""
        for story in self.stories.values():
            if story.status is Status.QUEUED and self.rules.policy.queue(story.queue).routed:
                yield story

    def load(self, agent: AgentId, at: Micros) -> int:
        """How many of what they have take room: a customer who was answered and is silent for long
        takes none."""
        silent = self.rules.policy.staffing.silent_after
        talks = [self.talk(story.conversation) for story in self.held_by(agent)]
        return sum(
            talk.awaiting is not Awaiting.CUSTOMER or at - talk.since < silent for talk in talks
        )

    def room(self, agent: AgentId, queue: str) -> int:
        own = self.rules.policy.staffing.talent(agent).capacity
        return own or self.rules.policy.queue(queue).capacity

    def serves(self, agent: AgentId, queue: str) -> bool:
        return self.rules.policy.queue(queue).name in self.rules.serves.get(agent, ())

    def goal_at(self, story: Story) -> Micros:
        """By when their user is to have an answer; zero: nobody waits for one."""
        talk, queue = self.talk(story.conversation), self.rules.policy.queue(story.queue)
        goal = queue.goals.next_reply if story.answered else queue.goals.first_reply
        waits = story.is_open and talk.awaiting is Awaiting.AGENT and goal
        return after(queue.hours, talk.since, goal) if waits else 0

    def closes_at(self, story: Story) -> Micros:
        """When it ends by itself unless its user says something; zero: it does not."""
        talk = self.talk(story.conversation)
        close = self.rules.policy.idle_close.get(self.rules.channels.get(story.conversation, ""), 0)
        awake = story.is_open and story.status is not Status.SNOOZED
        if not (close and awake and talk.awaiting is Awaiting.CUSTOMER):
            return 0
        return max(talk.since, talk.minded_at, story.snoozed_until) + close

    def may_get(self, agent: AgentId, story: Story, at: Micros) -> bool:
        return (
            self.chair(agent).online
            and self.serves(agent, story.queue)
            and agent != story.given_back_by
            and self.load(agent, at) < self.room(agent, story.queue)
        )

    def surely_free(self, story: Story, now: Micros) -> list[AgentId]:
        """Who might have had it for so long already that nobody can have missed it."""
        then = now - self.rules.slack
        return [
            agent
            for agent, chair in self.chairs.items()
            if chair.changed_at <= then and self.may_get(agent, story, then)
        ]

    def speaks(self, agent: AgentId, story: Story) -> bool:
        languages = self.rules.policy.staffing.talent(agent).languages
        language = language_of(self.rules.languages.get(story.conversation, ""))
        return not languages or not language or language in languages

    def had_last(self, story: Story, now: Micros) -> AgentId | None:
        """Who this customer comes back to."""
        ended = [
            other
            for other in self.stories.values()
            if other.conversation == story.conversation and other.ended_at and other.assignee
        ]
        last = max(ended, key=lambda other: other.ended_at, default=None)
        sticky = self.rules.policy.queue(story.queue).sticky
        return last.assignee if last and now - last.ended_at <= sticky else None

    def turn_of(self, agent: AgentId, story: Story, now: Micros) -> tuple[int, Micros]:
        """Who has less of it is next."""
        least = self.rules.policy.queue(story.queue).routing is Routing.LEAST_BUSY
        return (self.load(agent, now) if least else 0), self.chair(agent).given_at

    def urgency(self, story: Story) -> tuple[int, Micros]:
        """What has less of it is next."""
        talk = self.talk(story.conversation)
        waits = talk.awaiting is Awaiting.AGENT
        return URGENCY[story.priority], talk.since if waits else story.opened_at
