"""Alerts: who wants to be told of what, beside the desk itself; when, and how much at once. Pure.

What is worth telling is a `Ring`. Some happen (a new handoff), others last (nobody is online). For
each rule and kind there is a `Box` with what was not told yet, and what of what lasts was told; one
step (`turn`) puts into it what is so now, and takes out of it a message when there is to be one:

- a few seconds after the first of what was not told, so that what comes together is told together;
- no sooner than a window after the last message, so that a storm is a message now and then;
- not in quiet hours, unless the kind is urgent: then at their end, as one;
- not while the message before is still on its way, since that place does not answer just now.

What lasts is told once, when it has lasted for its `GRACE`. Of what is a fault (`ENDS`) the end is
told too, and a fault that came and went untold is told as what is over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bridge.hours import ALWAYS, Hours, is_open
from bridge.model import SECOND, Micros, replace


class Alert(StrEnum):
    """What can be told; the names are those of the settings."""

    NEW_HANDOFF = "new_handoff"
    NEW_MESSAGE = "new_message"
    OVERDUE = "overdue"
    UNANSWERED = "unanswered"
    GOAL_AT_RISK = "goal_at_risk"
    TRIGGER_FIRED = "trigger_fired"
    APPROVAL_WAITING = "approval_waiting"
    NOBODY_ONLINE = "nobody_online"
    DELIVERY_PARKED = "delivery_parked"
    DISCONNECTED = "disconnected"


OF_EVENTS: Mapping[str, Alert] = {
    "handoff.queued": Alert.NEW_HANDOFF,
    "message.user": Alert.NEW_MESSAGE,
    "trigger.fired": Alert.TRIGGER_FIRED,
}
"""What happens, by the kind of the event that tells of it. All others last."""
HAPPENS = frozenset(OF_EVENTS.values())
ENDS = frozenset({Alert.NOBODY_ONLINE, Alert.DELIVERY_PARKED, Alert.DISCONNECTED})
"""Faults, whose end is told."""
GRACE: Mapping[Alert, Micros] = {
    Alert.NOBODY_ONLINE: 60 * SECOND,
    Alert.DISCONNECTED: 60 * SECOND,
}
"""For so long a fault must have lasted: a socket that is opened again, a change of shifts."""
GATHER = 5 * SECOND
"""What comes so soon after the first is told with it."""
KEPT = 50
"""Of what was not told, the first so many are known one by one; the others are counted."""
NAMED = 10
"""So many of them a message names."""


@dataclass(frozen=True, slots=True)
class Ring:
    """One thing. `about`: which one of its kind; `at`: since when it is so, or when it happened.
    It is of a handoff (`handoff_id`, `number`), or `detail` says what it is (of a draft: whose)."""

    about: str
    at: Micros
    queue: str = ""
    handoff_id: str = ""
    number: int = 0
    detail: str = ""
    via: str = ""
    """What does not work: nobody can be told of it by that."""
    until: Micros = 0
    """Of a fault that is over: since when."""
    ends: Micros = 0
    """Of a draft: until when somebody may decide."""
    told: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """Who is told of what. `by`: what it is told by, `slack` or another adapter's name; no queues:
    of all; `loud`: when it is not quiet."""

    name: str
    kinds: frozenset[Alert]
    by: str = ""
    queues: frozenset[str] = frozenset()
    urgent: frozenset[Alert] = frozenset()
    window: Micros = 300 * SECOND
    loud: Hours = ALWAYS

    def hears(self, ring: Ring) -> bool:
        """What is of no queue concerns all."""
        ours = not self.queues or not ring.queue or ring.queue in self.queues
        return ours and not (ring.via and ring.via == self.by)


@dataclass(frozen=True, slots=True)
class Box:
    """Of one rule and kind. `rings`: what was not told yet, all that lasts, and faults that were
    told and whose end was not; `more`: how many more happened than are kept."""

    rings: tuple[Ring, ...] = ()
    more: int = 0
    sent_at: Micros = 0


@dataclass(frozen=True, slots=True)
class SendAlert:
    """One message, to the place of the rule `to`. `count`: how many things are new in it, the first
    of which it names; `standing`: how many there are in all now, the oldest of them since `since`.
    With `over` there is none any more, and `since` is when it began."""

    to: str
    id: str
    kind: Alert
    at: Micros
    count: int
    named: tuple[Ring, ...] = ()
    standing: int = 0
    since: Micros = 0
    over: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What has happened since the last look, and what there is now, by kind. What nobody could look
    at is not in `standing`, and nothing is told of it."""

    happened: Mapping[Alert, Sequence[Ring]] = field(default_factory=dict)
    standing: Mapping[Alert, Sequence[Ring]] = field(default_factory=dict)


Book = Mapping[str, Box]
"""All boxes, by rule and kind: `lead:overdue`."""


def turn(
    book: Book, rules: Sequence[Rule], facts: Facts, busy: frozenset[str], now: Micros
) -> tuple[Book, tuple[SendAlert, ...]]:
    """One look. `busy`: rules whose last message is still on its way. What no rule wants any more
    is forgotten."""
    boxes: dict[str, Box] = {}
    messages: list[SendAlert] = []
    for rule, kind in ((each, kind) for each in rules for kind in sorted(each.kinds)):
        name = f"{rule.name}:{kind}"
        box = book.get(name, Box())
        if kind in HAPPENS or kind in facts.standing:
            box = _gather(box, rule, kind, facts, now)
            if rule.name not in busy and _is_time(box, rule, kind, now):
                messages.append(_message(box, rule, kind, facts, now))
                box = _told(box, kind, now)
        if box != Box():
            boxes[name] = box
    return boxes, tuple(messages)


# --- into the box --------------------------------------------------------------------------------


def _gather(box: Box, rule: Rule, kind: Alert, facts: Facts, now: Micros) -> Box:
    if kind in HAPPENS:
        rings = [*box.rings, *filter(rule.hears, facts.happened.get(kind, ()))]
        return replace(box, rings=tuple(rings[:KEPT]), more=box.more + len(rings[KEPT:]))
    found = [ring for ring in facts.standing[kind] if rule.hears(ring)]
    return _now_so(box, kind, found, now)


def _now_so(box: Box, kind: Alert, found: Sequence[Ring], now: Micros) -> Box:
    """What goes on keeps since when it is so, and whether that was told."""
    before = {ring.about: ring for ring in box.rings if not ring.until}
    lasts = tuple(_going_on(ring, before.get(ring.about)) for ring in found)
    if kind not in ENDS:
        return replace(box, rings=lasts)
    still = {ring.about for ring in found}
    gone = [ring for ring in before.values() if ring.about not in still]
    ended = [ring for ring in box.rings if ring.until]
    ended += [replace(r, until=now) for r in gone if r.told or _is_ripe(r, kind, now)]
    return replace(box, rings=(*ended[-KEPT:], *lasts))


def _going_on(ring: Ring, before: Ring | None) -> Ring:
    return replace(ring, at=before.at, told=before.told) if before else ring


# --- out of the box ------------------------------------------------------------------------------


def _is_ripe(ring: Ring, kind: Alert, now: Micros) -> bool:
    return bool(ring.until) or ring.at + GRACE.get(kind, 0) <= now


def _untold(box: Box, kind: Alert, now: Micros) -> list[Ring]:
    return [ring for ring in box.rings if not ring.told and _is_ripe(ring, kind, now)]


def _stands(box: Box, kind: Alert) -> list[Ring]:
    """Of what lasts, what there is now."""
    return [] if kind in HAPPENS else [ring for ring in box.rings if not ring.until]


def _ended(box: Box) -> list[Ring]:
    """Faults that were told and are over."""
    return [ring for ring in box.rings if ring.until and ring.told]


def _is_time(box: Box, rule: Rule, kind: Alert, now: Micros) -> bool:
    if kind not in rule.urgent and not is_open(rule.loud, now):
        return False
    if _ended(box) and not _stands(box, kind):
        return True
    untold = _untold(box, kind, now)
    if not untold:
        return False
    first = min(ring.until or ring.at + GRACE.get(kind, 0) for ring in untold)
    again = min(box.sent_at, now) + rule.window if box.sent_at else 0
    return now >= max(first + GATHER, again)


def _message(box: Box, rule: Rule, kind: Alert, facts: Facts, now: Micros) -> SendAlert:
    untold = _untold(box, kind, now)
    stands = _stands(box, kind)
    if kind in HAPPENS:
        stands = [ring for ring in facts.standing.get(kind, ()) if rule.hears(ring)]
    over = kind in ENDS and not stands
    named = [*untold, *_ended(box)] if over else untold
    return SendAlert(
        to=rule.name,
        id=f"alert:{rule.name}:{kind}:{now}" + (":over" if over else ""),
        kind=kind,
        at=now,
        count=len(untold) + box.more,
        named=tuple(named[:NAMED]),
        standing=len(stands),
        since=min((ring.at for ring in (named if over else stands)), default=0),
        over=over,
    )


def _told(box: Box, kind: Alert, now: Micros) -> Box:
    """After its message. What has not lasted for long enough is still to be told, and so is the
    end of one fault until all are over."""
    stands = _stands(box, kind)
    told = [replace(ring, told=ring.told or _is_ripe(ring, kind, now)) for ring in stands]
    return Box((*(_ended(box) if stands else ()), *told), sent_at=now)
