"""A script of faults and the decisions it leads to.

A rule names a kind (see `fault_kinds`) and whom it hits: `methods` (empty: all), `channels`,
`event_types`, `count` (how often in all), `probability` (drawn from the script's seed), `after`
and `until` in seconds since the script was set. The decisions are pure apart from the counting and
the seeded draw; who serves the request carries them out.
"""

import asyncio
import random
from collections.abc import Iterable
from dataclasses import dataclass, field, fields

from sandbox.slack.config import Json
from sandbox.slack.fault_kinds import ALL, CALL, EVENT, KINDS, REQUEST, TRIGGER
from sandbox.slack.rates import MethodLimits

RATES = frozenset({"tier_limits", "channel_limit", "event_limit"})
CHOICES = (("when", ("before", "after")), ("mode", ("hang", "drop", "fail")))
HOUR = 3600.0


class BadFaultScript(ValueError):
    """The script cannot be read; the text says why."""


@dataclass(slots=True)
class Rule:
    """One rule; times in seconds. `when` is `before` or `after` the call's effect is stored.

    `event_types` limits event and request rules. `lose` makes a silence or outage drop events
    instead of delaying them. `concurrent` sends both of a duplicated event at once, else the
    second follows the first. `older_than` spares calls about a message (`ts`) younger than that.
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
    mode: str = "hang"
    error: str = "internal_error"
    lose: bool = False
    concurrent: bool = True
    older_than: float = 0.0
    per_minute: int | None = None
    per_hour: int = 30_000
    rate: float = 1.0
    burst: int = 1
    used: int = 0


@dataclass(slots=True)
class EventFate:
    """What becomes of an event: how often it is sent, how late, or not at all.

    `held` means until the script changes. `unheard` loses the app's answer, `cut` the socket.
    `limited` asks for an `app_rate_limited`.
    """

    copies: int = 1
    delay: float = 0.0
    lost: bool = False
    held: bool = False
    concurrent: bool = True
    unheard: bool = False
    cut: bool = False
    limited: bool = False


@dataclass(frozen=True, slots=True)
class About:
    """A Web API call as rules look at it; `ts` is the message it is about."""

    method: str
    channel: str | None = None
    ts: str | None = None


class Faults:
    """The script in force; without one nothing ever fails."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []
        self._random = random.Random(0)
        self._since = 0.0
        self.lifted = asyncio.Event()
        """Set when the script in force now is no longer; the next one has an event of its own."""
        self._rates: dict[int, MethodLimits] = {}
        self._told_minute = -1

    def install(self, script: Json, now: float) -> None:
        """Put a script `{"rules": […], "seed": n}` in force; BadFaultScript if unreadable."""
        rules = [_rule(raw) for raw in script.get("rules", [])]
        self.clear()
        self._rules = rules
        self._random = random.Random(script.get("seed", 0))
        self._since = now

    def clear(self) -> None:
        """Let everything work again; what hangs or is held goes on."""
        self._rules = []
        self._rates = {}
        self._told_minute = -1
        self.lifted.set()
        self.lifted = asyncio.Event()

    def describe(self) -> list[Json]:
        """The rules with how often each was used."""
        return [{f.name: getattr(rule, f.name) for f in fields(Rule)} for rule in self._rules]

    def ends_in(self, rule: Rule, now: float) -> float | None:
        """Seconds until the rule's window is over; None when it has no end."""
        return None if rule.until is None else max(0.0, self._since + rule.until - now)

    def for_call(
        self, method: str, channel: str | None, now: float, ts: str | None = None
    ) -> Rule | None:
        """The rule that hits this Web API call, if any."""
        about = About(method, channel, ts)
        for rule in self._of(CALL):
            if _means(rule, about, now) and self._strikes(rule, about, now):
                return rule
        return None

    def _strikes(self, rule: Rule, about: About, now: float) -> bool:
        if rule.kind not in RATES:
            return self._draw(rule, now)
        if not self._in_window(rule, now):
            return False
        limits = self._rates.setdefault(id(rule), MethodLimits())
        key = about.channel or "" if rule.kind == "channel_limit" else about.method
        if rule.kind == "channel_limit":
            wait = limits.take(key, now, rate=rule.rate, burst=rule.burst)
        else:
            wait = limits.take_method(key, now, rule.per_minute)
        rule.retry_after = max(1, round(wait + 0.499))
        rule.used += wait > 0
        return wait > 0

    def for_request(self, kind: str, now: float) -> Rule | None:
        """The rule that hits a command or interaction on its way to the app, if any."""
        for rule in self._of(REQUEST):
            if _names(rule.event_types, kind) and self._draw(rule, now):
                return rule
        return None

    def for_trigger(self, now: float) -> str | None:
        """`expired_trigger` or `used_trigger` when the next trigger is to be one."""
        meant = (rule for rule in self._rules if KINDS[rule.kind].hits == TRIGGER)
        return next((rule.kind for rule in meant if self._draw(rule, now)), None)

    def for_event(self, event_type: str, now: float, channel: str | None = None) -> EventFate:
        """What becomes of this event."""
        fate = EventFate()
        for rule in self._of(EVENT):
            meant = _names(rule.event_types, event_type) and _names(rule.channels, channel)
            if meant and rule.kind == "event_limit":
                self._limit(fate, rule, now)
            elif meant and self._draw(rule, now):
                self._bend(fate, rule, now)
        return fate

    def _limit(self, fate: EventFate, rule: Rule, now: float) -> None:
        limits = self._rates.setdefault(id(rule), MethodLimits())
        rate = rule.per_hour / HOUR
        if not self._in_window(rule, now) or not limits.take(
            "", now, rate=rate, burst=rule.per_hour
        ):
            return
        rule.used += 1
        fate.lost = True
        fate.limited = int(now // 60) != self._told_minute
        self._told_minute = int(now // 60)

    def _bend(self, fate: EventFate, rule: Rule, now: float) -> None:
        match rule.kind:
            case "duplicate_events":
                fate.copies, fate.concurrent = 2, rule.concurrent
            case "lose_events":
                fate.lost = True
            case "lose_answers":
                fate.unheard = True
            case "cut_socket":
                fate.cut = True
            case "late_events":
                fate.delay = max(fate.delay, rule.seconds)
            case "shuffle_events":
                fate.delay = max(fate.delay, self._random.uniform(0.0, rule.seconds))
            case _ if rule.lose:
                fate.lost = True
            case _:
                self._hold(fate, rule, now)

    def _hold(self, fate: EventFate, rule: Rule, now: float) -> None:
        """Silence and outage: the event waits for their end."""
        end = self._end(rule)
        if end is None:
            fate.held = True
            return
        fate.delay = max(fate.delay, self._since + end - now)

    def _end(self, rule: Rule) -> float | None:
        if rule.until is None and rule.kind == "silence":
            return rule.after + rule.seconds
        return rule.until

    def _in_window(self, rule: Rule, now: float) -> bool:
        age, end = now - self._since, self._end(rule)
        return age >= rule.after and (end is None or age < end)

    def _of(self, what: str) -> Iterable[Rule]:
        return [rule for rule in self._rules if KINDS[rule.kind].hits in {what, ALL}]

    def _draw(self, rule: Rule, now: float) -> bool:
        """True when the rule is in its window, not used up, and chance takes it; counts the use."""
        if not self._in_window(rule, now):
            return False
        if rule.count is not None and rule.used >= rule.count:
            return False
        if rule.probability < 1.0 and self._random.random() >= rule.probability:
            return False
        rule.used += 1
        return True


def _means(rule: Rule, about: About, now: float) -> bool:
    if not _names(rule.methods, about.method) or not _names(rule.channels, about.channel):
        return False
    if not rule.older_than:
        return True
    return about.ts is not None and now - float(about.ts) > rule.older_than


def _names(wanted: list[str], value: str | None) -> bool:
    return not wanted or value in wanted


def _rule(raw: Json) -> Rule:
    known = {f.name for f in fields(Rule)} - {"used"}
    unknown = set(raw) - known
    if unknown:
        raise BadFaultScript(f"unknown keys: {', '.join(sorted(unknown))}")
    kind = KINDS.get(str(raw.get("kind")))
    if kind is None:
        raise BadFaultScript(f"unknown kind: {raw.get('kind')!r}")
    for key, allowed in CHOICES:
        if raw.get(key, allowed[0]) not in allowed:
            raise BadFaultScript(f"{key} must be {' or '.join(allowed)}")
    rule = Rule(**{"methods": list(kind.methods), **raw})
    if kind.is_error:
        rule.kind, rule.error = "error", raw["kind"]
    return rule
