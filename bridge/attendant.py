"""Sees that agents are there: whatever a desk hears of them is a sign of it, now and then.

The sign goes with the command that gave it, into the same commit. One that is lost is followed by
the next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bridge.commands import Accepted, Answer, Attend, Command, Doing, Request, ToAgent
from bridge.model import DEFAULT_WORKSPACE, SECOND, Agent, AgentId, Author, Micros
from bridge.policy import Staffing
from bridge.ports import Clock

EVERY: Micros = 60 * SECOND


def often_enough(staffing: Staffing) -> Micros:
    """Between two signs: so that nobody is asked whether they are there just after they wrote."""
    return max(SECOND, min(EVERY, staffing.ask_after // 4))


@dataclass(frozen=True, slots=True)
class Attendant:
    """`opens`: who does something has a seat from then on, and is online; else only who said once
    that they are. `every`: one sign of each agent is enough."""

    handle: Callable[[Command], Awaitable[Answer]]
    opens: bool
    clock: Clock
    every: Micros = EVERY
    _seen: dict[AgentId, int] = field(default_factory=dict)

    async def receive(self, command: Request) -> Answer:
        """As `inbox.handle`, which it stands before. What changes nothing else, since it only shows
        something, is told as a sign itself."""
        if isinstance(command, Attend) and command.doing is Doing.SEEN:
            seen = self._seen_now(command.to.id, command.by)
            return await self.handle(seen) if seen else Accepted()
        sign = self._sign(command)
        if sign is None:
            return await self.handle(command)
        both = (self.handle(command), self.handle(sign))
        answer, _ = await asyncio.gather(*both, return_exceptions=True)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def _sign(self, command: Request) -> Attend | None:
        by, now = getattr(command, "by", None), self.clock()
        if not isinstance(by, Agent) or not by.member or now - command.at >= self.every:
            return None
        return self._seen_now(by.id, by.as_author())

    def _seen_now(self, agent: AgentId, by: Author) -> Attend | None:
        """None: they were seen just now."""
        now = self.clock()
        when = now // self.every
        if self._seen.get(agent) == when:
            return None
        self._seen[agent] = when
        key, to = f"seen:{agent}:{when}", ToAgent(DEFAULT_WORKSPACE, agent)
        return Attend(key, now, to, by, Doing.SEEN, opens=self.opens)
