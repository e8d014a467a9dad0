"""The labels of a desk: which ones agents and tools may put on a handoff. Pure.

What a bot brings with a handoff, what a customer chose before they wrote, and `spam` are put on
without being asked for here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

UNKNOWN = "unknown_label"
SPAM = "spam"
"""Everybody may put it on, whatever the settings name."""
NEAR = 3


@dataclass(frozen=True, slots=True)
class Labels:
    """`names`: those there are, in the order in which they are offered; `free`: any other may be
    put on, too."""

    names: tuple[str, ...] = ()
    free: bool = True

    def spelt(self, labels: Iterable[str]) -> tuple[str, ...]:
        """Each as it is spelt in the settings.

        >>> Labels(("refund", "VIP")).spelt(["vip", "late"])
        ('VIP', 'late')
        """
        known = {name.casefold(): name for name in reversed(self.names)}
        exact = frozenset(self.names)
        return tuple(x if x in exact else known.get(x.casefold(), x) for x in labels)

    def strange(self, labels: Iterable[str]) -> tuple[str, ...]:
        """Those that may not be put on."""
        there = {*self.names, SPAM}
        return () if self.free else tuple(x for x in self.spelt(labels) if x not in there)

    def near(self, labels: Iterable[str]) -> tuple[str, ...]:
        """Those that may have been meant; of a few all there are."""
        if len(self.names) <= NEAR:
            return self.names
        folded = {name.casefold(): name for name in self.names}
        found = (get_close_matches(x.casefold(), folded, n=NEAR) for x in labels)
        return tuple(dict.fromkeys(folded[each] for close in found for each in close))[:NEAR]


ANY = Labels()
