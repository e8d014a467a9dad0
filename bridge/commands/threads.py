"""What becomes of the desk's threads themselves, whoever found out."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.commands.addresses import ToThread
from bridge.model import Micros


@dataclass(frozen=True, slots=True)
class ThreadLost:
    """Nothing more can be posted there, or nobody would find it: it was deleted or locked, or its
    channel is closed and the desk is elsewhere now. `reason` is the desk's own code."""

    key: str
    at: Micros
    to: ToThread
    reason: str


def lost(to: ToThread, at: Micros, reason: str) -> ThreadLost:
    """Known by the thread, so that several who find out together are one."""
    return ThreadLost(f"lost:{to.key}", at, to, reason)
