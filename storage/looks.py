"""When routing looks: one timer for each workspace, `timer:route:<workspace>`.

What stirs it sets the timer to now, in the commit that stirs; so nobody waits for a look, and a
look that is under way just then is done once more, since its claim holds no longer. One that ends
undisturbed sets the timer to when it wants to look again.
"""

from __future__ import annotations

from collections.abc import Iterator

from bridge.commands import Result, Routed
from bridge.effects import CancelTimer, Effect, Outward, SetTimer, TimerKind
from bridge.model import ConversationId, Micros
from bridge.routing import LOOK_AGAIN


class Looks:
    """Mutable, for one transaction."""

    def __init__(self) -> None:
        self._stirred: set[str] = set()
        self._next: dict[str, Micros] = {}

    def stir(self, workspace: str, *, wanted: bool = True) -> None:
        if wanted:
            self._stirred.add(workspace)

    def took(self, effect: Outward, result: Result) -> bool:
        """Whether it was what came of a look."""
        if not isinstance(effect, SetTimer) or effect.kind is not TimerKind.ROUTE:
            return False
        workspace = result.claim.lane.rsplit(":", 1)[1]
        again = result.at + LOOK_AGAIN  # where it failed for whatever reason
        self._next[workspace] = result.next_at if isinstance(result, Routed) else again
        return True

    def timers(self, now: Micros) -> Iterator[tuple[ConversationId, Effect]]:
        """The part of a lane's key that is a conversation's else is the workspace's here."""
        for workspace in sorted(self._stirred | self._next.keys()):
            due = now if workspace in self._stirred else self._next[workspace]
            timer = SetTimer(TimerKind.ROUTE, due, 0) if due else CancelTimer(TimerKind.ROUTE)
            yield ConversationId(workspace), timer
