"""What came before what it is about: kept, and taken in the transaction that brings that."""

from __future__ import annotations

from bridge.commands import (
    RESULTS,
    AgentDeleted,
    AgentEdited,
    AgentReacted,
    AgentSaid,
    Command,
    ToMessage,
    ToPost,
    ToThread,
)
from bridge.model import Micros
from storage.bulk import Writes
from storage.mapping import WAITING, Row, Shape, read_waiting, write_command
from storage.runner import Runner

_EARLY = Shape("early", ("awaits", "kind", "body", "at"))
_WORDS = (AgentSaid, AgentEdited, AgentDeleted)


class Early:
    """Mutable, for one transaction."""

    def __init__(self, run: Runner, now: Micros) -> None:
        self._run = run
        self._now = now
        self._waiting: list[Row] = []
        self._arrived: set[str] = set()
        self.some = True
        """Whether there is anything that other transactions kept, as far as we know."""

    def keep(self, name: str, command: Command) -> None:
        """Until what has that name arrives."""
        kind, body = write_command(command)
        self._waiting.append((name, kind, body, self._now))

    def arrive(self, key: str) -> None:
        """It is here now: a thread, a post, or a message by its source."""
        self._arrived.add(key)

    def take(self) -> list[Command]:
        """What is about something that has arrived since, in the order of its own time."""
        here = [row for row in self._waiting if row[0] in self._arrived]
        self._waiting = [row for row in self._waiting if row[0] not in self._arrived]
        there = self._run.take_early(self._arrived) if self.some and self._arrived else []
        self._arrived = set()
        commands = [read_waiting(kind, body) for _, kind, body, _ in (*there, *here)]
        return sorted(commands, key=lambda command: command.at)

    def save(self, writes: Writes) -> None:
        writes.insert(_EARLY, self._waiting)


def awaits(command: Command) -> str:
    """The name of what it may wait for; empty: it does not wait. What an agent wrote in a thread,
    words or orders, is never lost for being early."""
    if isinstance(command, RESULTS) or not isinstance(command, WAITING):
        return ""
    match command.to:
        case ToThread() as to if isinstance(command, _WORDS) or getattr(command, "said", None):
            return to.key
        case ToMessage(source=source) as to if isinstance(command, _WORDS) and source:
            return to.key
        case ToPost() as to if isinstance(command, AgentReacted) and command.early:
            return to.key
    return ""
