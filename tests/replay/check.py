"""A day's events, replayed: whether each was allowed by all that was before it, and whether what
had to happen between two of them did. Pure; what is wrong is told in words, one for each fault.

Events are given in the order of the feed. Nothing is asked of the product but its settings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bridge.events import Event, Kind
from bridge.hook_store import Sealed
from bridge.hours import after
from bridge.model import (
    SECOND,
    AgentId,
    Awaiting,
    HandoffId,
    Micros,
    Priority,
    Role,
    Status,
    given,
)
from tests.replay.floor import Floor, Rules, Story, Talk

ENDS: Mapping[Kind, Status] = {
    Kind.HANDOFF_RESOLVED: Status.RESOLVED,
    Kind.HANDOFF_REJECTED: Status.REJECTED,
    Kind.HANDOFF_EXPIRED: Status.EXPIRED,
    Kind.HANDOFF_CANCELLED: Status.CANCELLED,
}


def faults(events: Iterable[Sealed], rules: Rules, until: Micros = 0) -> list[str]:
    """`until`: the end of the day, by when every handoff must have ended; zero: it goes on."""
    replay = Replay(Floor(rules))
    for sealed in events:
        replay.take(sealed)
    if until:
        replay.close(until)
    return replay.found


@dataclass(slots=True)
class Replay:
    floor: Floor
    found: list[str] = field(default_factory=list)
    now: Micros = 0
    position: int = 0
    _late: set[tuple[str, str]] = field(default_factory=set)
    """What was found late already, so that it is told once."""

    @property
    def rules(self) -> Rules:
        return self.floor.rules

    def wrong(self, what: str) -> None:
        self.found.append(f"{self.position}: {what}")

    def expect(self, holds: object, what: str) -> None:
        if not holds:
            self.wrong(what)

    # --- one after another -----------------------------------------------------------------------

    def take(self, sealed: Sealed) -> None:
        event = sealed.event
        self.expect(sealed.position == self.position + 1, f"a gap after {self.position}")
        self.position = sealed.position
        self.now = max(self.now, event.at)
        self._miss()
        talk = self.floor.talk(event.conversation_id)
        self.expect(event.epoch >= talk.epoch or not event.conversation_id, "the epoch went back")
        talk.epoch = max(talk.epoch, event.epoch)
        if event.actor.role is Role.AGENT or event.kind is Kind.HANDOFF_ASSIGNED:
            talk.minded_at = self.now
        if event.kind in ENDS:
            self._ended(event, talk)
        elif step := _STEPS.get(event.kind):
            step(self, event, talk)

    def close(self, until: Micros) -> None:
        self.now = until
        self._miss()
        for story in self.floor.stories.values():
            self.expect(not story.is_open, f"{story.id} never ended: it is {story.status}")

    def _story(self, event: Event, *statuses: Status) -> Story | None:
        """The handoff of the event, if it may be taken in its state."""
        story = self.floor.stories.get(event.handoff_id or HandoffId(""))
        if story is None:
            self.wrong(f"{event.kind} of {event.handoff_id}, which was never queued")
        elif statuses and story.status not in statuses:
            self.wrong(f"{event.kind} of {story.id}, which is {story.status}")
        else:
            return story
        return None

    def _touch(self, *things: Story | None, agents: Sequence[AgentId | None] = ()) -> None:
        for story in filter(None, things):
            story.changed_at = self.now
        for agent in filter(None, agents):
            self.floor.chair(agent).changed_at = self.now

    # --- handoffs --------------------------------------------------------------------------------

    def _queued(self, event: Event, talk: Talk) -> None:
        new, last = given(event.handoff_id), self.floor.stories.get(talk.handoff or HandoffId(""))
        if last and last.is_open:
            self.wrong(f"{new} was queued while {last.id} is open")
        queue = self.rules.policy.queue(event.body["queue"])
        story = Story(new, event.conversation_id, event.body["queue"], event.at, queue.priority)
        self.floor.stories[new], talk.handoff = story, new
        story.deadline = self._deadline(story)
        self._waits(talk)
        self._touch(story)

    def _deadline(self, story: Story) -> Micros:
        """By when somebody must have taken it; zero: it waits on."""
        channel, policy = self.rules.channels.get(story.conversation, ""), self.rules.policy
        wait = policy.assignment_timeout.get(channel, 0)
        if not wait or policy.bot_for(channel) is None:
            return 0
        return after(policy.queue(story.queue).hours, self.now, wait)

    def _assigned(self, event: Event, _talk: Talk) -> None:
        story = self._story(event, Status.QUEUED, Status.ASSIGNED, Status.SNOOZED)
        agent = AgentId(event.body["agent"])
        if story is None:
            return
        self.expect(story.assignee == event.body["before"], f"{story.id} was not theirs before")
        self.expect(self.floor.serves(agent, story.queue), f"{agent} is no member of {story.queue}")
        if event.actor.role is Role.SYSTEM and event.kind is Kind.HANDOFF_ASSIGNED:
            self._given(story, agent, event.at)
        self._touch(story, agents=[agent, story.assignee])
        story.status, story.assignee, story.had_since = Status.ASSIGNED, agent, event.at

    def _given(self, story: Story, agent: AgentId, at: Micros) -> None:
        """By routing."""
        floor, chair = self.floor, self.floor.chair(agent)
        self.expect(self.rules.policy.queue(story.queue).routed, f"{story.queue} gives nothing")
        self.expect(story.status is Status.QUEUED, f"{story.id} was given, but {story.status}")
        self.expect(chair.online, f"{story.id} was given to {agent}, who is away")
        taken, room = floor.load(agent, at), floor.room(agent, story.queue)
        self.expect(taken < room, f"{agent} was given more than there is room: {taken} of {room}")
        self.expect(agent != story.given_back_by, f"{agent} had given {story.id} back")
        self._was_right(story, agent)
        chair.given_at = at

    def _was_right(self, story: Story, agent: AgentId) -> None:
        """Whether there was nobody whom it should rather have gone to, nor anything that should
        rather have gone to them."""
        floor, now = self.floor, self.now
        free = floor.surely_free(story, now)
        last = floor.had_last(story, now)
        if last in free:
            return self.expect(agent == last, f"{story.id} should have come back to {last}")
        if agent != last:
            speak = [other for other in free if floor.speaks(other, story)]
            able = floor.speaks(agent, story)
            self.expect(able or not speak, f"{agent} does not speak as {story.id}, {speak} do")
            rivals = [other for other in free if floor.speaks(other, story) == able]
            before = min((floor.turn_of(other, story, now) for other in rivals), default=None)
            mine = floor.turn_of(agent, story, now)
            right = agent not in rivals or before is None or mine <= before
            self.expect(right, f"it was not the turn of {agent} for {story.id}")
        then = now - self.rules.slack
        for other in floor.waiting():
            first = other.changed_at <= then and floor.urgency(other) < floor.urgency(story)
            wanted = other is not story and first and floor.may_get(agent, other, then)
            known = wanted and floor.chair(agent).changed_at + SECOND <= now
            self.expect(not known, f"{story.id} was given before {other.id}")
        return None

    def _released(self, event: Event, _talk: Talk) -> None:
        story = self._story(event, Status.QUEUED, Status.ASSIGNED, Status.SNOOZED)
        if story is None:
            return
        self.expect(story.assignee == event.body["before"], f"{story.id} was not theirs before")
        if event.actor.role is Role.SYSTEM:
            self._handed_back(story)
        else:
            story.given_back_by = story.assignee
        self._touch(story, agents=[story.assignee])
        story.status, story.assignee, story.queue = Status.QUEUED, None, event.body["queue"]
        asked = story.deadline if story.deadline > self.now else 0
        story.deadline = max(asked, self._deadline(story))

    def _handed_back(self, story: Story) -> None:
        if story.assignee and not self.floor.chair(story.assignee).since:
            return  # who says that they are away before they ever came changes nothing to tell of
        due = self._back_at(story)
        self.expect(due, f"{story.id} was taken back though its agent was there, or had answered")
        self.expect(not due or due <= self.now, f"{story.id} was taken back too soon")

    def _back_at(self, story: Story) -> Micros:
        """When it goes back to its queue unless something changes; zero: it does not."""
        agent, talk = story.assignee, self.floor.talk(story.conversation)
        if story.status is not Status.ASSIGNED or agent is None:
            return 0
        chair = self.floor.chair(agent)
        routed = self.rules.policy.queue(story.queue).routed
        if chair.online or not chair.since or not routed or talk.awaiting is not Awaiting.AGENT:
            return 0
        since = max(chair.since, talk.since, story.had_since)
        return since + self.rules.policy.staffing.hand_back_after

    def _snoozed(self, event: Event, _talk: Talk) -> None:
        if story := self._story(event, Status.QUEUED, Status.ASSIGNED, Status.SNOOZED):
            self._touch(story, agents=[story.assignee])
            story.status, story.snoozed_until = Status.SNOOZED, event.body["until"]

    def _woken(self, event: Event, _talk: Talk) -> None:
        story = self._story(event, Status.SNOOZED)
        if story is None:
            return
        by_timer = event.actor.role is Role.SYSTEM
        soon = by_timer and self.now < story.snoozed_until
        self.expect(not soon, f"{story.id} was woken too soon")
        self._touch(story, agents=[story.assignee])
        story.status = Status.ASSIGNED if story.assignee else Status.QUEUED
        if not story.assignee:
            asked = story.deadline if story.deadline > self.now else 0
            story.deadline = max(asked, self._deadline(story))

    def _reopened(self, event: Event, talk: Talk) -> None:
        if event.body.get("undone"):
            return self._touch(self._story(event, Status.QUEUED, Status.ASSIGNED, Status.SNOOZED))
        story = self._story(event, *ENDS.values())
        if story is None:
            return None
        last = self.floor.stories.get(talk.handoff or HandoffId(""))
        self.expect(not (last and last.is_open), f"{story.id} was reopened beside another")
        agent = event.body["agent"]
        story.status = Status.ASSIGNED if agent else Status.QUEUED
        story.assignee, story.ended_at, talk.handoff = agent, 0, story.id
        story.had_since = event.at
        story.deadline = 0 if agent else self._deadline(story)
        if event.actor.role is Role.USER:
            self._waits(talk)  # by what they wrote
        return self._touch(story, agents=[agent])

    def _changed(self, event: Event, _talk: Talk) -> None:
        story = self._story(event, Status.QUEUED, Status.ASSIGNED, Status.SNOOZED)
        if story and "priority" in event.body:
            story.priority = Priority(event.body["priority"][1])
            self._touch(story)
        if story and event.body.get("overdue"):
            story.deadline = 0

    def _ended(self, event: Event, talk: Talk) -> None:
        story = self._story(event, Status.QUEUED, Status.ASSIGNED, Status.SNOOZED)
        if story is None:
            return
        told = event.body.get("reason") or event.actor.role is Role.AGENT
        self.expect(told and event.actor.id, f"{story.id} ended, and nobody knows why")
        if event.kind is Kind.HANDOFF_EXPIRED:
            due = story.status is Status.QUEUED and story.deadline
            self.expect(due, f"{story.id} expired, but nothing was to be done by a time")
            self.expect(not due or self.now >= due, f"{story.id} expired too soon")
        if event.body.get("reason") == "idle":
            close = self.rules.policy.idle_close.get(self.rules.channels[story.conversation], 0)
            silent = talk.awaiting is Awaiting.CUSTOMER and self.now - talk.since
            self.expect(silent and close and silent >= close, f"{story.id} was not silent so long")
        self._touch(agents=[story.assignee])
        story.status, story.ended_at = ENDS[event.kind], self.now
        talk.awaiting, talk.since = Awaiting.NOBODY, self.now

    # --- words -----------------------------------------------------------------------------------

    def _waits(self, talk: Talk) -> None:
        if talk.awaiting is not Awaiting.AGENT:
            talk.awaiting, talk.since = Awaiting.AGENT, self.now
            self._of(talk)

    def _goal_missed(self, event: Event, talk: Talk) -> None:
        story = self._story(event, Status.QUEUED, Status.ASSIGNED, Status.SNOOZED)
        if story and event.body["goal"] != "resolution":
            due = self.floor.goal_at(story)
            self.expect(due and due <= self.now, f"{story.id} had missed no goal")
            talk.missed = self.now

    def _of(self, talk: Talk) -> None:
        """Their turn has changed, and with it perhaps how much room there is."""
        story = self.floor.stories.get(talk.handoff or HandoffId(""))
        if story and story.is_open:
            self._touch(story, agents=[story.assignee])

    def _user_spoke(self, _event: Event, talk: Talk) -> None:
        story = self.floor.stories.get(talk.handoff or HandoffId(""))
        if story and story.is_open:
            self._waits(talk)

    def _agent_spoke(self, event: Event, talk: Talk) -> None:
        story = self.floor.stories.get(event.handoff_id or HandoffId(""))
        if not event.body.get("desk"):
            who = AgentId(event.body.get("released_by", event.actor.id))
            speaks = story and self.floor.serves(who, story.queue)
            self.expect(speaks, f"{event.actor.id} spoke, who is no member there")
            kept = story and (story.is_open or event.body.get("again"))
            self.expect(kept, f"{event.actor.id} spoke in what has ended")
        if story and story.is_open and not event.body.get("again"):
            talk.awaiting, talk.since = Awaiting.CUSTOMER, self.now
            self._of(talk)
        if story and not event.body.get("desk") and not event.body.get("again"):
            story.answered = True

    # --- agents ----------------------------------------------------------------------------------

    def _came(self, event: Event, _talk: Talk) -> None:
        agent = AgentId(event.body["agent"])
        chair = self.floor.chair(agent)
        self.expect(not chair.online, f"{agent} came and was there")
        self.expect(agent in self.rules.serves, f"{agent} came, who is no member")
        chair.online, chair.since = True, event.at
        self._touch(agents=[agent])

    def _went(self, event: Event, _talk: Talk) -> None:
        agent = AgentId(event.body["agent"])
        chair = self.floor.chair(agent)
        self.expect(chair.online, f"{agent} went and was not there")
        if event.body["why"] == "idle":
            due = self._idle_at(agent)
            soon = due is not None and self.now < due - self.rules.early
            self.expect(not soon, f"{agent} was found idle too soon")
        chair.online, chair.since = False, event.at
        self._touch(agents=[agent])

    def _idle_at(self, agent: AgentId) -> Micros | None:
        """When they have done nothing for long; None: nobody knows."""
        if self.rules.acts is None:
            return None
        acted = max((at for at in self.rules.acts.get(agent, ()) if at <= self.now), default=0)
        return max(acted, self.floor.chair(agent).since) + self.rules.policy.staffing.away_after

    # --- what should have happened by now --------------------------------------------------------

    def _miss(self) -> None:
        for what, whose in self._missed():
            if (what, whose) not in self._late:
                self._late.add((what, whose))
                self.wrong(f"{whose} {what}")

    def _missed(self) -> Iterator[tuple[str, str]]:
        for story in self.floor.stories.values():
            for due, what in self._dues(story):
                if due and due + self.rules.slack < self.now:
                    yield f"{what} (since {story.changed_at})", story.id
        for agent, chair in self.floor.chairs.items():
            idle = self._idle_at(agent)
            if chair.online and idle and idle + self.rules.slack < self.now:
                yield f"is idle and still online (since {chair.since})", agent
        for story in self.floor.waiting():
            if story.changed_at + self.rules.slack < self.now:
                for agent in self.floor.surely_free(story, self.now):
                    yield f"waits though {agent} is free (since {story.changed_at})", story.id

    def _dues(self, story: Story) -> Iterator[tuple[Micros, str]]:
        if story.status is Status.QUEUED:
            yield story.deadline, "should have expired"
        if story.status is Status.SNOOZED:
            yield story.snoozed_until, "should have been woken"
        back = self._back_at(story)  # what was just woken for who is away is due since before
        yield back and max(back, story.changed_at), "should have gone back to its queue"
        yield self.floor.closes_at(story), "should have been closed, so long was its user silent"
        talk = self.floor.talk(story.conversation)
        yield self.floor.goal_at(story) * (talk.missed < talk.since), "missed its goal in silence"


_STEPS: Mapping[Kind, Callable[[Replay, Event, Talk], None]] = {
    Kind.HANDOFF_QUEUED: Replay._queued,
    Kind.HANDOFF_ASSIGNED: Replay._assigned,
    Kind.HANDOFF_TRANSFERRED: Replay._assigned,
    Kind.HANDOFF_RELEASED: Replay._released,
    Kind.HANDOFF_SNOOZED: Replay._snoozed,
    Kind.HANDOFF_WOKEN: Replay._woken,
    Kind.HANDOFF_REOPENED: Replay._reopened,
    Kind.HANDOFF_CHANGED: Replay._changed,
    Kind.USER_SPOKE: Replay._user_spoke,
    Kind.AGENT_SPOKE: Replay._agent_spoke,
    Kind.GOAL_MISSED: Replay._goal_missed,
    Kind.AGENT_ONLINE: Replay._came,
    Kind.AGENT_AWAY: Replay._went,
}
