"""Counts what people said to each other: sent, received, doubled. Pure.

Each end is counted where it is: what was typed at one side, and what the other side was shown. They
are compared by their letters and digits, since formatting and emoji are written otherwise there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

SPELLED_EMOJI = re.compile(r":[a-z0-9_+-]+:")
NOT_LETTERS = re.compile(r"[\W_]+")


def letters(text: str) -> str:
    """What of a text stays the same everywhere; the text itself where it has no letters."""
    return NOT_LETTERS.sub("", SPELLED_EMOJI.sub("", text)).casefold() or "?"


@dataclass(slots=True)
class Way:
    """From one side to the other. Keys name a message at the end at which it was seen."""

    sent: dict[str, str] = field(default_factory=dict)
    got: dict[str, str] = field(default_factory=dict)

    @property
    def received(self) -> int:
        return (Counter(self.sent.values()) & Counter(self.got.values())).total()

    @property
    def doubled(self) -> int:
        """Shown more often than it was said. What was never said is not looked at here."""
        said, shown = Counter(self.sent.values()), Counter(self.got.values())
        return sum(shown[text] - count for text, count in said.items() if shown[text] > count)


@dataclass(slots=True)
class Ledger:
    """Of one customer."""

    inward: Way = field(default_factory=Way)
    outward: Way = field(default_factory=Way)
    typed: dict[str, str] = field(default_factory=dict)
    """What agents wrote, for the customer or not, by ts."""

    def tally(self) -> dict[str, int]:
        ways = (self.inward, self.outward)
        return {
            "sent": sum(len(way.sent) for way in ways),
            "received": sum(way.received for way in ways),
            "doubled": sum(way.doubled for way in ways),
        }

    def customer_said(self, client_id: str, text: str) -> None:
        if text.strip():  # files alone are not counted
            self.inward.sent[client_id] = letters(text)

    def refused(self, client_id: str) -> None:
        """The customer was told so, and the widget says it."""
        self.inward.sent.pop(client_id, None)

    def bot_heard(self, message: str, text: str) -> None:
        self.inward.got[message] = letters(text)

    def team_saw(self, ts: str, texts: Iterable[str]) -> None:
        """A post in the thread has a block for each message that it brings."""
        for place, text in enumerate(texts):
            self.inward.got[f"{ts}/{place}"] = letters(text)

    def agent_said(self, ts: str, text: str, *, leaves: bool) -> None:
        """New or edited. `leaves` is what it looks like before it has its mark."""
        self.typed[ts] = letters(text)
        if leaves or ts in self.outward.sent:
            self.outward.sent[ts] = self.typed[ts]

    def agent_marked(self, ts: str, *, leaves: bool) -> None:
        """The desk has decided: taken for the customer, or kept inside or held."""
        if not leaves:
            self.outward.sent.pop(ts, None)
        elif ts in self.typed:
            self.outward.sent[ts] = self.typed[ts]

    def agent_deleted(self, ts: str) -> None:
        self.outward.sent.pop(ts, None)

    def customer_saw(self, message: dict[str, Any]) -> None:
        """A message as the browser is given it, new or changed."""
        if message.get("author", {}).get("kind") != "agent":
            return
        if message.get("deleted"):
            self.outward.got.pop(message["id"], None)
        else:
            self.outward.got[message["id"]] = letters(message.get("text", ""))
