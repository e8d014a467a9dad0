"""What this process wrote last, so that nothing need be read and locked for what is said next.

With locks a transaction on PostgreSQL goes five ways to the server and back: it begins, locks,
reads, writes and commits. Each time a process that sleeps must be woken, which for one message
takes longer than all that is done. But nearly always it was this process that wrote the
conversation last, and what it wrote it knows. So what users and agents say is tried in one way: one
statement writes it all, locks the conversations before that, and proves that they are as they are
known here, and that the audit chain goes on from where it is known to be. If anything is different,
nothing is written, and the transaction is made with locks.

PostgreSQL says of each row which transaction wrote it (`xmin`), so a row by the same one is the
same. A conversation stands for all that is known with it: who changes its contact, its handoff or
the thread of that, under its lock, writes its row too (`Transaction`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from sqlalchemy.sql.expression import ClauseElement

from bridge.audit import Head
from bridge.commands import AgentSaid, Command, ToThread, ToUser, UserSaid
from bridge.model import Contact, Conversation, ConversationId, Handoff, Thread
from bridge.recent import Recent
from storage.bulk import Writes
from storage.driver import Given
from storage.faults import Moved
from storage.mapping import Row

AGAIN = 16
"""Transactions with locks after one that was in vain: where other processes are as busy with the
same, what is known here is old."""


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation with all that is read with it; `version`: which transaction wrote its row."""

    version: int
    conversation: Conversation
    contact: Contact
    handoff: Handoff | None
    thread: Thread | None


Talks: TypeAlias = Mapping[ConversationId, Talk]
Threads: TypeAlias = Recent[ToThread, tuple[str, str]]
"""(handoff, conversation) by thread. That never changes, so what was read once is known."""


class Learnt(NamedTuple):
    """By a transaction; `gone`: conversations of which nothing is to be remembered."""

    talks: Sequence[Talk]
    gone: Iterable[ConversationId]
    head: Head | None
    early: int | None


class Known:
    """Mutable, for one process."""

    def __init__(self, threads: Threads, *, seals: bool) -> None:
        """`seals`: whether events are to be sealed as they are written."""
        self._threads = threads
        self._seals = seals
        self._talks: Recent[ConversationId, Talk] = Recent()
        self._rest = 0
        self.head: Head | None = None
        """The newest of the audit chain."""
        self.early: int | None = None
        """How often something was kept that came early."""

    def recall(self, commands: Sequence[Command]) -> Talks | None:
        """All that these are about; None where they are to be taken with locks."""
        if self._rest or self.early is None or (self._seals and self.head is None):
            self._rest = max(0, self._rest - 1)
            return None
        found: dict[ConversationId, Talk] = {}
        for command in commands:
            talk = self._talk_of(command)
            if talk is None:
                return None
            found[talk.conversation.id] = talk
        return found

    def _talk_of(self, command: Command) -> Talk | None:
        """Only of what is said: all else is rare, or about more than its conversation."""
        if isinstance(command, UserSaid) and isinstance(command.to, ToUser):
            return self._talks.get(command.to.conversation_id)
        if isinstance(command, AgentSaid) and isinstance(command.to, ToThread):
            handoff, conversation = self._threads.get(command.to) or ("", "")
            talk = self._talks.get(ConversationId(conversation))
            return talk if talk and talk.handoff and talk.handoff.id == handoff else None
        return None

    def keep(self, learnt: Learnt) -> None:
        """After the commit. Of two at once the older may come last: it proves nothing then."""
        for talk in learnt.talks:
            self._talks.put(talk.conversation.id, talk)
        for conversation in learnt.gone:
            self._talks.drop(conversation)
        self.head = learnt.head or self.head
        self.early = self.early if learnt.early is None else learnt.early

    def failed(self) -> None:
        """Something was different."""
        self._rest = AGAIN


class Blind:
    """Implements `Driver` where there is no connection yet: what would have to be asked, or written
    before all the rest, needs locks, and raises Moved."""

    dialect = "postgresql"

    def rows(self, statement: ClauseElement, given: Given) -> Sequence[Row]:
        raise Moved(statement, given)

    def dicts(self, statement: ClauseElement, given: Given) -> Sequence[Given]:
        raise Moved(statement, given)

    def count(self, statement: ClauseElement, given: Given) -> int:
        raise Moved(statement, given)

    def many(self, statement: ClauseElement, rows: Sequence[Given]) -> None:
        raise Moved(statement, rows)

    def write(self, writes: Writes) -> Sequence[Row]:
        raise Moved(writes)
