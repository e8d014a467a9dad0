"""A command is taken once: its receipt, with the answer, is written with its work in one commit.

The unique key is what makes it so. The look at the receipts before is only the short way: of two
processes that take the same thing at the same moment, one fails at its commit, tries again, and
then finds the receipt.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bridge.commands import RESULTS, Accepted, Answer, Command, Duplicate, Rejected
from bridge.errors import BadData
from bridge.model import Micros
from storage.dialects import dump
from storage.mapping import Row, Shape

RECEIPT = Shape("receipt", ("key", "digest", "answer", "at"))
Known = Mapping[str, tuple[str, dict[str, Any]]]
"""Digest and answer by key."""


class Receipts:
    """The answers to one batch. Mutable, for one transaction.

    Results have no key of their own: their effect, which goes with them, is what makes them once.
    """

    def __init__(self, commands: Sequence[Command]) -> None:
        self._commands = commands
        self._first: dict[str, int] = {}
        self._twins: dict[int, int] = {}
        self._answers: dict[int, Answer] = {}
        self._kept: dict[int, dict[str, Any]] = {}
        for index, command in enumerate(commands):
            if not isinstance(command, RESULTS):
                self._first.setdefault(command.key, index)
        if any("\x00" in key for key in self._first):
            raise BadData("NUL in a key")  # PostgreSQL refuses it, SQLite would not find it again

    @property
    def keys(self) -> list[str]:
        return sorted(self._first)

    def fresh(self, known: Known) -> list[tuple[int, Command]]:
        """The commands that were not taken before; the others get their first answer again."""
        return [each for each in enumerate(self._commands) if self._is_fresh(*each, known)]

    def _is_fresh(self, index: int, command: Command, known: Known) -> bool:
        if isinstance(command, RESULTS):
            return True
        if command.key in known:
            digest, data = known[command.key]
            same = digest == _digest(command)
            self._answers[index] = Duplicate(data) if same else Rejected("id_reused")
            return False
        first = self._first[command.key]
        if first != index:
            self._twins[index] = first
        return first == index

    def answer(self, index: int, answer: Answer) -> None:
        self._answers[index] = answer

    def keep(self, index: int, data: dict[str, Any]) -> None:
        """It is taken; `data`, which may still change, is what is answered, now and to a repeat."""
        self._kept[index] = data

    @property
    def kept(self) -> Iterable[dict[str, Any]]:
        return self._kept.values()

    def rows(self, now: Micros) -> list[Row]:
        """In the order of `RECEIPT`, by key. What was refused may be asked again."""
        rows: list[Row] = []
        for key, index in sorted(self._first.items()):
            if index in self._kept:
                digest = _digest(self._commands[index])
                rows.append((key, digest, dump(self._kept[index]), now))
        return rows

    def answers(self) -> tuple[Answer, ...]:
        """In the order of the commands."""
        for index, first in self._twins.items():
            self._answers[index] = self._of_twin(index, first)
        return tuple(self._answers[index] for index in range(len(self._commands)))

    def _of_twin(self, index: int, first: int) -> Answer:
        """The same thing twice in one batch: the second has the answer of the first."""
        answer = self._answers[first]
        if _digest(self._commands[index]) != _digest(self._commands[first]):
            return Rejected("id_reused")
        return Duplicate(answer.data) if isinstance(answer, Accepted) else answer


def _digest(command: Command) -> str:
    return str(getattr(command, "digest", ""))
