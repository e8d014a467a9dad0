"""When an endpoint of a tool is tried, and when it is left alone: a circuit, as pure functions.

What counts are failures in a row, over all conversations: one answer ends the row. After two the
circuit is open: nothing is sent but one probe a minute, which is simply the next delivery of some
conversation. The first answer closes it, and all that waited is released at once.

One delivery that an endpoint will never take must not stop all others. So while all failures of the
row come from one lane, the `suspect`, the others may still try; and while the circuit is closed a
lane that fails comes again ever more seldom, by `LADDER`.

An endpoint that says itself when it wants to be asked again (`Retry-After`) speaks for all lanes:
its circuit is open at once, and the next probe comes then.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import UTC
from email.utils import parsedate_to_datetime

from bridge.model import SECOND, Micros

OPENS_AT = 2
PROBE_EVERY = 60 * SECOND
LADDER = tuple(seconds * SECOND for seconds in (5, 300, 1_800, 7_200, 18_000, 36_000))
"""Between tries of a lane that fails while others are answered."""
THROTTLES = frozenset({429, 502, 503, 504})
"""With these an endpoint may say how long it wants to be left alone (Standard Webhooks 1.0)."""
HOPELESS_AFTER = 3 * 24 * 3_600 * SECOND
"""An endpoint that has only failed for so long is disabled."""
RECOVERING = 30 * SECOND
"""For so long after an answer it is looked whether somebody was told to wait just before it."""


@dataclass(frozen=True, slots=True)
class Circuit:
    """`since`: when the first failure of the row was; `probe_at`: when the next probe may be sent;
    `recovered_at`: when an open circuit was last closed. Zero: never."""

    failures: int = 0
    since: Micros = 0
    suspect: str = ""
    probe_at: Micros = 0
    recovered_at: Micros = 0
    error: str = ""
    """What came of the last attempt, a code; empty: it was answered."""

    @property
    def is_open(self) -> bool:
        return self.failures >= OPENS_AT


def failed(circuit: Circuit, lane: str, error: str, now: Micros, asked: Micros = 0) -> Circuit:
    """`asked`: for how long it wants to be left alone (`asked_for`); 0: it did not say."""
    first = not circuit.failures
    alone = not asked and (first or lane == circuit.suspect)
    return replace(
        circuit,
        failures=max(circuit.failures + 1, OPENS_AT if asked else 1),
        since=now if first else circuit.since,
        suspect=lane if alone else "",
        # What was under way when it asked for time, and fails in silence, does not shorten that.
        probe_at=now + asked if asked else max(circuit.probe_at, now + PROBE_EVERY),
        error=error,
    )


def asked_for(status: int, retry_after: str, now: Micros) -> Micros:
    """µs for which an answer asks us to stay away, but no less than the ladder's first step; 0: it
    does not ask."""
    wait = wait_of(retry_after, now) if status in THROTTLES else 0
    return max(wait, LADDER[0]) if wait else 0


def wait_of(retry_after: str, now: Micros) -> Micros:
    """µs that a `Retry-After` means, which is whole seconds or a date (RFC 9110, 10.2.3), but no
    more than the ladder's longest step; 0: none, or nothing that can be understood."""
    text = retry_after.strip()
    wait = int(text[:_DIGITS]) if text.isascii() and text.isdigit() else _until(text, now)
    return min(max(wait * SECOND, 0), LADDER[-1])


def _until(date: str, now: Micros) -> int:
    try:
        found = parsedate_to_datetime(date)
        zoned = found if found.tzinfo else found.replace(tzinfo=UTC)
        return math.ceil(zoned.timestamp() - now / SECOND)
    except (ValueError, OverflowError):
        return 0


_DIGITS = 9
"""Of seconds; more are a century, and cut."""


def answered(circuit: Circuit, now: Micros) -> Circuit:
    return Circuit(recovered_at=now if circuit.is_open else circuit.recovered_at)


def hold(circuit: Circuit, lane: str, now: Micros) -> Micros:
    """µs until the lane may be tried; 0: now, as the probe where it `needs_probe`."""
    return max(0, circuit.probe_at - now) if needs_probe(circuit, lane) else 0


def needs_probe(circuit: Circuit, lane: str) -> bool:
    """Whether the lane may only be tried as the one probe of this minute."""
    return circuit.is_open and circuit.suspect in ("", lane)


def pause(circuit: Circuit, failures: int) -> Micros:
    """µs until a lane that has just failed comes again; `failures`: its own, before this one."""
    return PROBE_EVERY if circuit.is_open else LADDER[min(failures, len(LADDER) - 1)]


def is_hopeless(circuit: Circuit, now: Micros) -> bool:
    return bool(circuit.failures) and now - circuit.since >= HOPELESS_AFTER


def is_recovering(circuit: Circuit, now: Micros) -> bool:
    return bool(circuit.recovered_at) and now - circuit.recovered_at < RECOVERING
