"""*Break something*: the faults of the demo's drawer, as one script for the workspace.

They may be on together; each change puts a new script in force that has all of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from sandbox.graph.faults import Faults as GraphFaults
from sandbox.slack.faults import Faults

Json = dict[str, Any]
LONGEST = 60.0
"""Seconds."""
ONE_IN_THREE = 1 / 3
ALWAYS_TWICE: Json = {"kind": "duplicate", "times": 0}


class Breaking:
    """What is broken now. `clock` is the workspace's, in seconds; `tell` is called by changes."""

    def __init__(
        self,
        faults: Faults,
        of_graph: GraphFaults,
        clock: Callable[[], float],
        tell: Callable[[], None],
    ) -> None:
        self._faults = faults
        self._of_graph = of_graph
        self._clock = clock
        self._tell = tell
        self._down_until = 0.0
        self._limited = self._doubled = False

    def slack_down(self, seconds: float) -> None:
        """Calls are cut, clicks and commands get lost, events wait for the end."""
        seconds = min(max(seconds, 0.0), LONGEST)
        self._down_until = self._clock() + seconds
        asyncio.get_running_loop().call_later(seconds, self.over, self._down_until)
        self._apply()

    def over(self, until: float) -> None:
        if until == self._down_until:  # nobody has asked for more since
            self._down_until = 0.0
            self._apply()

    def limit(self, *, on: bool) -> None:
        """One call in three, by chance, is answered 429 and told to wait a second."""
        self._limited = on
        self._apply()

    def double(self, *, on: bool) -> None:
        """Every event comes twice at once, Slack's and Messenger's."""
        self._doubled = on
        self._of_graph.set([ALWAYS_TWICE] if on else [])
        self._apply()

    def state(self) -> Json:
        """`down_until`: seconds since the epoch; 0: Slack is not down."""
        return {"down_until": self._down_until, "limited": self._limited, "doubled": self._doubled}

    def _left(self) -> float:
        return self._down_until - self._clock()

    def rules(self) -> list[Json]:
        found: list[Json] = []
        if self._left() > 0:
            found.append({"kind": "outage", "mode": "drop", "until": self._left()})
        if self._limited:
            found.append({"kind": "ratelimit", "probability": ONE_IN_THREE, "retry_after": 1})
        if self._doubled:
            found.append({"kind": "duplicate_events"})
        return found

    def _apply(self) -> None:
        self._faults.install({"rules": self.rules()}, self._clock())
        self._tell()
