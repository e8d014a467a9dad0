"""Several commands under one name: done one after another, up to the first that is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from adapters.slack.verbs import VERBS, Made, Verb
from bridge.commands import AgentSaid, Answer, RanMacro, Rejected, refusal_of
from bridge.ports import Receive
from bridge.templates import Macro, step_of

NOT_UNDERSTOOD, HELD = "not_understood", "held"
Make = Callable[[str, Verb, str], Awaitable[Made]]
"""The command of one step, by its key, its verb and its arguments."""


@dataclass(frozen=True, slots=True)
class Ran:
    """The steps that were done; `step` was not, because of `reason` (a code); empty: all were."""

    done: tuple[str, ...]
    step: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Typed:
    """A macro that was asked for by a word in the thread."""

    macro: Macro
    said: AgentSaid
    make: Make

    async def run(self, receive: Receive) -> RanMacro:
        """What came of it, as a command."""
        said, ran = self.said, await run(self.macro, self.said.key, self.make, receive)
        to = (said.key, said.at, said.to, said.by)
        return RanMacro(*to, self.macro.name, ran.step, ran.reason, said.source)


async def run(macro: Macro, key: str, make: Make, receive: Receive) -> Ran:
    """Each step is a command of its own, known by its place, so that whoever comes again after a
    failure goes on where it was: what was done answers as it did."""
    done: list[str] = []
    for n, step in enumerate(macro.steps):
        verb, args = step_of(step)
        command = await make(f"{key}/{n}", VERBS[verb], args)
        reason = NOT_UNDERSTOOD if command is None else why_not(await receive(command))
        if reason:
            return Ran(tuple(done), step, reason)
        done.append(step)
    return Ran(tuple(done))


def why_not(answer: Answer) -> str:
    """The code of a refusal, or that it is held; empty: it was done."""
    held = not isinstance(answer, Rejected) and answer.data.get("held")
    return refusal_of(answer) or (HELD if held else "")
