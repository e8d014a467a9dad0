"""How an alert reads: a headline and a line for each thing that it names, and as a webhook's body.
Pure. Nothing in it goes by the time at which it is sent: what is sent again says the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bridge.alerts import HAPPENS, Alert, Ring, SendAlert
from bridge.spans import span
from bridge.webhooks import iso

ONE, MANY = 0, 1
_COUNTED: Mapping[Alert, tuple[str, str]] = {
    Alert.NEW_HANDOFF: ("new handoff", "new handoffs"),
    Alert.NEW_MESSAGE: ("new message of a customer", "new messages of customers"),
    Alert.OVERDUE: ("handoff that nobody takes", "handoffs that nobody takes"),
    Alert.UNANSWERED: ("customer without an answer", "customers without an answer"),
    Alert.GOAL_AT_RISK: ("goal at risk", "goals at risk"),
    Alert.TRIGGER_FIRED: ("trigger fired", "triggers fired"),
    Alert.APPROVAL_WAITING: ("draft of a bot to be approved", "drafts of bots to be approved"),
}
_WAIT: Mapping[Alert, tuple[str, str]] = {
    Alert.NEW_HANDOFF: ("handoff waits", "handoffs wait"),
    Alert.NEW_MESSAGE: ("customer waits", "customers wait"),
}
"""Of what happened, how much of it is still so."""
_FAULTS: Mapping[Alert, tuple[str, str]] = {
    Alert.NOBODY_ONLINE: ("Nobody is online", "Somebody is online again"),
    Alert.DELIVERY_PARKED: ("Deliveries wait until somebody mends it", "Deliveries go on again"),
    Alert.DISCONNECTED: ("Disconnected", "Connected again"),
}
"""And the words for its end."""


@dataclass(frozen=True, slots=True)
class Found:
    """What is looked up of a thing when it is told of. `link`: where a draft is decided about, or
    the thread of the handoff that a rule fired in."""

    title: str = ""
    link: str = ""


NOTHING = Found()
Finds = Mapping[str, Found]
"""By the id of a handoff or a draft."""


@dataclass(frozen=True, slots=True)
class Item:
    """A line of an alert; `title` is empty where the customer's words stay at home. `about`: the id
    of a draft. `link`: as in `Found`."""

    text: str
    handoff_id: str = ""
    number: int = 0
    title: str = ""
    about: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """An alert as it is shown. `key` is its id: a place that knows it shows it once."""

    key: str
    headline: str
    items: Sequence[Item] = ()
    more: int = 0
    over: bool = False


def draft_of(alert: SendAlert, ring: Ring) -> str:
    """The id of the draft that waits; empty: it is something else."""
    return ring.about if alert.kind is Alert.APPROVAL_WAITING else ""


def notice(alert: SendAlert, finds: Finds) -> Notice:
    items = [_item(ring, alert, finds) for ring in alert.named]
    return Notice(
        alert.id, headline(alert), items, max(alert.count - len(items), 0), over=alert.over
    )


def headline(alert: SendAlert) -> str:
    """
    >>> headline(SendAlert("lead", "1", Alert.OVERDUE, 720_000_000, 2, standing=14))
    '14 handoffs that nobody takes, 2 of them new, the oldest for 12 min'
    """
    if alert.kind in _FAULTS:
        told = _FAULTS[alert.kind][alert.over]
        return f"{told}, after {span(alert.at - alert.since)}" if alert.over else told
    oldest = f", the oldest for {span(alert.at - alert.since)}" if alert.standing else ""
    if alert.kind in _WAIT:
        waits = f"; {_number(alert.standing, _WAIT[alert.kind])}" if alert.standing else ""
        return _number(alert.count, _COUNTED[alert.kind]) + waits + oldest
    whole = max(alert.standing, alert.count)
    new = f", {alert.count} of them new" if whole > alert.count else ""
    return _number(whole, _COUNTED[alert.kind]) + new + oldest


def plain(notice: Notice) -> str:
    """As a text of lines."""
    lines = [f"- {line(item)}" for item in notice.items]
    more = [f"- and {notice.more} more"] if notice.more else []
    return "\n".join([notice.headline, *([""] if lines else []), *lines, *more]) + "\n"


def line(item: Item) -> str:
    number = f"#{item.number}" if item.number else ""
    return " · ".join(filter(None, [number, item.title, item.text, item.about, item.link]))


def body(alert: SendAlert, finds: Finds) -> dict[str, Any]:
    """For a webhook."""
    return {
        "type": f"alert.{alert.kind}",
        "timestamp": iso(alert.at),
        "data": {
            "to": alert.to,
            "text": headline(alert),
            "over": alert.over,
            "count": alert.count,
            "standing": alert.standing,
            "since": iso(alert.since) if alert.since else None,
            "things": [_thing(ring, draft_of(alert, ring), finds) for ring in alert.named],
        },
    }


def _thing(ring: Ring, draft: str, finds: Finds) -> dict[str, Any]:
    found = finds.get(draft or ring.handoff_id, NOTHING)
    handoff = {"handoff_id": ring.handoff_id, "number": ring.number} if ring.handoff_id else {}
    asked = {"approval_id": draft, "bot": ring.detail, "expires_at": iso(ring.ends)}
    other = {"queue": ring.queue, "detail": "" if draft else ring.detail}
    more = {**other, "title": found.title, "link": found.link}
    return {
        **handoff,
        **(asked if draft else {}),
        **{name: value for name, value in more.items() if value},
        "since": iso(ring.at),
        "until": iso(ring.until) if ring.until else None,
    }


def _item(ring: Ring, alert: SendAlert, finds: Finds) -> Item:
    draft = draft_of(alert, ring)
    found = finds.get(draft or ring.handoff_id, NOTHING)
    said = [ring.queue, ring.detail, _when(ring, alert)]
    text = " · ".join(filter(None, said))
    return Item(text, ring.handoff_id, ring.number, found.title, draft, found.link)


def _when(ring: Ring, alert: SendAlert) -> str:
    length = span((ring.until or alert.at) - ring.at)
    when = f"{length} ago" if alert.kind in HAPPENS else f"for {length}"
    left = f", {span(ring.ends - alert.at)} left" if ring.ends > alert.at else ""
    return f"{when}, and is over" if ring.until else when + left


def _number(count: int, words: tuple[str, str]) -> str:
    return f"{count} {words[ONE if count == 1 else MANY]}"
