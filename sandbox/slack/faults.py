"""A script of faults and the decisions it leads to.

A rule names a kind and whom it hits: `methods` (empty: all), `channels`, `count` (how often in
all), `probability` (drawn from the script's seed), and `after`/`until` in seconds since the script
was set. The decisions are pure apart from the counting and the seeded draw; who serves the request
carries them out.
"""

import random
from dataclasses import dataclass, field, fields

from sandbox.slack.config import Json

API_KINDS = frozenset(
    {
        "ratelimit",
        "drop_response_after_store",
        "drop_connection_before",
        "http_500",
        "http_502_html",
        "slow",
        "error",
    }
)
ROUNDING = 1e-6
EVENT_KINDS = frozenset({"duplicate_events", "lose_events", "shuffle_events", "silence"})


class BadFaultScript(ValueError):
    """The script cannot be read; the text says why."""


@dataclass(slots=True)
class Rule:
    """One rule; times in seconds. `when` is `before` or `after` the call's effect is stored.

    `event_types` limits event rules. `lose` makes a silence drop events instead of delaying them.
    `concurrent` sends both of a duplicated event at once, else the second follows the first.
    """

    kind: str
    methods: list[str] = field(default_factory=list)
    channels: list[str] = field(default_factory=list)
    event_types: list[str] = field(default_factory=list)
    count: int | None = None
    probability: float = 1.0
    after: float = 0.0
    until: float | None = None
    seconds: float = 1.0
    retry_after: int = 1
    when: str = "before"
    error: str = "internal_error"
    lose: bool = False
    concurrent: bool = True
    used: int = 0


@dataclass(slots=True)
class EventFate:
    """What becomes of an event: how often it is sent, how late, or not at all."""

    copies: int = 1
    delay: float = 0.0
    lost: bool = False
    concurrent: bool = True


class Faults:
    """The script in force; without one nothing ever fails."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []
        self._random = random.Random(0)
        self._since = 0.0

    def install(self, script: Json, now: float) -> None:
        """Put a script `{"rules": […], "seed": n}` in force; BadFaultScript if unreadable."""
        self._rules = [_rule(raw) for raw in script.get("rules", [])]
        self._random = random.Random(script.get("seed", 0))
        self._since = now

    def clear(self) -> None:
        """Let everything work again."""
        self._rules = []

    def describe(self) -> list[Json]:
        """The rules with how often each was used."""
        return [{f.name: getattr(rule, f.name) for f in fields(Rule)} for rule in self._rules]

    def for_call(self, method: str, channel: str | None, now: float) -> Rule | None:
        """The rule that hits this Web API call, if any."""
        for rule in self._rules:
            meant = rule.kind in API_KINDS and _names(rule.methods, method)
            if meant and _names(rule.channels, channel) and self._draw(rule, now):
                return rule
        return None

    def for_event(self, event_type: str, now: float) -> EventFate:
        """What becomes of this event."""
        fate = EventFate()
        for rule in self._rules:
            meant = rule.kind in EVENT_KINDS and _names(rule.event_types, event_type)
            if meant and self._draw(rule, now):
                self._bend(fate, rule, now)
        return fate

    def _bend(self, fate: EventFate, rule: Rule, now: float) -> None:
        if rule.kind == "duplicate_events":
            fate.copies, fate.concurrent = 2, rule.concurrent
        elif rule.kind == "lose_events" or rule.lose:
            fate.lost = True
        elif rule.kind == "shuffle_events":
            fate.delay = max(fate.delay, self._random.uniform(0.0, rule.seconds))
        else:
            end = rule.until if rule.until is not None else rule.after + rule.seconds
            fate.delay = max(fate.delay, self._since + end - now)

    def _draw(self, rule: Rule, now: float) -> bool:
        """True when the rule is in its window, not used up, and chance takes it; counts the use."""
        age = now - self._since
        end = rule.until
        if rule.kind == "silence" and end is None:
            end = rule.after + rule.seconds
        if age < rule.after or (end is not None and age >= end):
            return False
        if rule.count is not None and rule.used >= rule.count:
            return False
        if rule.probability < 1.0 and self._random.random() >= rule.probability:
            return False
        rule.used += 1
        return True


def _names(wanted: list[str], value: str | None) -> bool:
    return not wanted or value in wanted


def _rule(raw: Json) -> Rule:
    known = {f.name for f in fields(Rule)} - {"used"}
    unknown = set(raw) - known
    if unknown:
        raise BadFaultScript(f"unknown keys: {', '.join(sorted(unknown))}")
    if raw.get("kind") not in API_KINDS | EVENT_KINDS:
        raise BadFaultScript(f"unknown kind: {raw.get('kind')!r}")
    if raw.get("when", "before") not in {"before", "after"}:
        raise BadFaultScript("when must be before or after")
    return Rule(**raw)


@dataclass(slots=True)
class ChannelLimit:
    """Slack's one message a second and channel: a token bucket for each channel (GCRA)."""

    rate: float
    burst: int
    _due: dict[str, float] = field(default_factory=dict)

    def take(self, channel: str, now: float) -> float:
        """0.0 when the post is allowed, else seconds until one is."""
        step = 1.0 / self.rate
        due = max(self._due.get(channel, 0.0), now)
        wait = due + step - now - self.burst * step
        if wait > ROUNDING:
            return wait
        self._due[channel] = due + step
        return 0.0
