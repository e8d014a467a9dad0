"""How people watched over bots in the time of a report: approvals that were asked for in it, what
was decided and how soon; and rules that fired in it, and which of that was a false alarm. Pure.

Neither is about handoffs: a bot asks, and most rules fire, before there is one. So they are of the
whole desk, and a report that is limited has none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bridge.gates import Stand
from bridge.lengths import Lengths, length, lengths
from bridge.model import Micros

DECIDED = (Stand.APPROVED, Stand.EDITED, Stand.RESPONDED, Stand.REJECTED)
"""By people; what has expired nobody has decided."""


class Draft(NamedTuple):
    """An approval as the figures see it; `decided_at`: when it ended, zero while it is pending."""

    bot: str
    status: str
    asked_at: Micros
    decided_at: Micros


class Firing(NamedTuple):
    """`handed_over`: the conversation went to the desk because of it."""

    rule: str
    kind: str
    handed_over: bool
    false_alarm: bool


@dataclass(frozen=True, slots=True)
class Approvals:
    """`statuses`: how many stand so now; `deciding`: from the asking until people decided."""

    bot: str
    asked: int
    statuses: Mapping[str, int]
    deciding: Lengths

    @property
    def decided(self) -> int:
        return sum(self.statuses.get(status, 0) for status in DECIDED)

    @property
    def acceptance(self) -> float | None:
        """The share of what was decided that was approved as it was; None: nothing was."""
        accepted = self.statuses.get(Stand.APPROVED, 0)
        return accepted / self.decided if self.decided else None


@dataclass(frozen=True, slots=True)
class Rule:
    name: str
    kind: str
    fired: int
    handed_over: int
    false_alarms: int


@dataclass(frozen=True, slots=True)
class Oversight:
    """`bots` and `rules`: those with the most first."""

    approvals: Approvals
    bots: tuple[Approvals, ...] = ()
    rules: tuple[Rule, ...] = ()


def oversight(drafts: Sequence[Draft], firings: Iterable[Firing]) -> Oversight:
    bots = (
        _approvals(bot, [draft for draft in drafts if draft.bot == bot])
        for bot in {draft.bot for draft in drafts}
    )
    ordered = sorted(bots, key=lambda bot: (-bot.asked, bot.bot))
    return Oversight(_approvals("", drafts), tuple(ordered), _rules(firings))


def _approvals(bot: str, drafts: Sequence[Draft]) -> Approvals:
    took = (length(d.asked_at, d.decided_at) for d in drafts if d.status in DECIDED)
    return Approvals(bot, len(drafts), Counter(d.status for d in drafts), lengths(took))


def _rules(firings: Iterable[Firing]) -> tuple[Rule, ...]:
    fired: Counter[tuple[str, str]] = Counter()
    handed_over: Counter[tuple[str, str]] = Counter()
    false: Counter[tuple[str, str]] = Counter()
    for each in firings:
        rule = (each.rule, each.kind)
        fired[rule] += 1
        handed_over[rule] += each.handed_over
        false[rule] += each.false_alarm
    ordered = sorted(fired, key=lambda rule: (-fired[rule], rule))
    return tuple(Rule(*rule, fired[rule], handed_over[rule], false[rule]) for rule in ordered)
