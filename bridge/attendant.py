"""Sees that agents are there: whatever a desk hears of them is a sign of it, at most once a minute.

The sign goes with the command that gave it, into the same commit. One that is lost is followed by
the next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bridge.commands import Answer, Attend, Command, Doing, Request, ToAgent
from bridge.model import DEFAULT_WORKSPACE, SECOND, Agent, AgentId, Micros
from bridge.ports import Clock

EVERY: Micros = 60 * SECOND


@dataclass(frozen=True, slots=True)
class Attendant:
    """`opens`: who does something has a seat from then on, and is online; else only who said once
    that they are."""

    handle: Callable[[Command], Awaitable[Answer]]
    opens: bool
    clock: Clock
    _seen: dict[AgentId, int] = field(default_factory=dict)

    async def receive(self, command: Request) -> Answer:
        """As `inbox.handle`, which it stands before."""
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
        if not isinstance(by, Agent) or not by.member or now - command.at >= EVERY:
            return None
        minute = now // EVERY
        if self._seen.get(by.id) == minute:
            return None
        self._seen[by.id] = minute
        key, to = f"seen:{by.id}:{minute}", ToAgent(DEFAULT_WORKSPACE, by.id)
        return Attend(key, now, to, by.as_author(), Doing.SEEN, opens=self.opens)
