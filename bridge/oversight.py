"""How people watched over bots in the time of a report: approvals that were asked for in it, what
was decided and how soon; and rules that fired in it, and which of that was a false alarm. Pure.

Neither is about handoffs: a bot asks, and most rules fire, before there is one. So they are of the
whole desk, and a report that is limited has none.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, compress
from typing import NamedTuple

from bridge.gates import Stand
from bridge.lengths import Lengths, length, lengths
from bridge.model import Micros

DECIDED = (Stand.APPROVED, Stand.EDITED, Stand.RESPONDED, Stand.REJECTED)
"""By people; what has expired nobody has decided."""
_DECIDED = frozenset(map(str, DECIDED))


class PastDrafts(NamedTuple):
    """Approvals as the figures see them, a column for each field; `decided_at`: when it ended, zero
    while it is pending."""

    bot: Sequence[str]
    status: Sequence[str]
    asked_at: Sequence[Micros]
    decided_at: Sequence[Micros]


class PastFirings(NamedTuple):
    """Of rules. `id`: of the event; `handed_over`: the conversation went to the desk because of
    it."""

    id: Sequence[str]
    rule: Sequence[str]
    kind: Sequence[str]
    handed_over: Sequence[bool]


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


def oversight(
    drafts: Iterable[PastDrafts], firings: Iterable[PastFirings], false: Container[str]
) -> Oversight:
    """Of all in these slices. `false`: ids of firings that were false alarms."""
    by_bot: defaultdict[str, list[_Draft]] = defaultdict(list)
    for part in drafts:
        took = map(length, part.asked_at, part.decided_at)
        for bot, draft in zip(part.bot, zip(part.status, took, strict=True), strict=True):
            by_bot[bot].append(draft)
    bots = (_approvals(bot, its) for bot, its in by_bot.items())
    ordered = sorted(bots, key=lambda bot: (-bot.asked, bot.bot))
    every = list(chain.from_iterable(by_bot.values()))
    return Oversight(_approvals("", every), tuple(ordered), _rules(firings, false))


_Draft = tuple[str, int]
"""Its status, and how long it took."""


def _approvals(bot: str, drafts: Sequence[_Draft]) -> Approvals:
    took = lengths(took for status, took in drafts if status in _DECIDED)
    return Approvals(bot, len(drafts), Counter(status for status, _ in drafts), took)


def _rules(firings: Iterable[PastFirings], false: Container[str]) -> tuple[Rule, ...]:
    fired: Counter[tuple[str, str]] = Counter()
    handed_over: Counter[tuple[str, str]] = Counter()
    alarms: Counter[tuple[str, str]] = Counter()
    for part in firings:
        rules = list(zip(part.rule, part.kind, strict=True))
        fired.update(rules)
        handed_over.update(compress(rules, part.handed_over))
        alarms.update(compress(rules, (each in false for each in part.id)))
    ordered = sorted(fired, key=lambda rule: (-fired[rule], rule))
    return tuple(Rule(*rule, fired[rule], handed_over[rule], alarms[rule]) for rule in ordered)
