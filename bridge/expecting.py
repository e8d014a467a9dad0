"""Before a commit is written that brings a post, the desk is told: whether it may post now is asked
meanwhile, and not after."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from bridge.model import Thread


@runtime_checkable
class Expects(Protocol):
    """Gets ready for a post into this thread, which will come within milliseconds, or not at all
    where the commit fails or others are before it. Nothing of that may be seen outside."""

    def expect(self, thread: Thread) -> None: ...


def expecting(desk: object) -> Callable[[Thread], None]:
    """What is told the desk; nothing, if it does not care."""
    return desk.expect if isinstance(desk, Expects) else _ignored


def _ignored(thread: Thread) -> None:
    del thread
