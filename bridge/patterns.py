"""Regular expressions of the settings that cannot run for ever. Pure.

Python tries every way in which a text may fit. What makes that exponential is a repetition within a
repetition (`(a+)+`), or alternatives within one (`(a|aa)*`); the ways that are left, one behind the
other (`\\w*\\w*\\w*`, `a?a?a?…`), are counted, for a text as long as what is looked at.
Back-references and looking around are not needed to find words, and are refused with the rest.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST = 200
"""Characters of a pattern."""
WIDTH, OVERLAP = 500, 100
"""Characters of a text that are looked at together, and how many of them once more with the next;
what a pattern is to find may be longer than the latter only by chance."""
MOST_WAYS = WIDTH**2
"""In which a pattern may fit from one place on: all are tried, from each place of a piece."""
TOO_MANY = r"may fit in too many ways: write \s{0,3} or \s*+ in place of \s*"

_TOKEN = re.compile(
    r"(?P<escape>\\.)"
    r"|(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])"
    r"|(?P<flags>\(\?[aiLmsux]+\))"
    r"|(?P<open>\((?:\?(?:[aiLmsux-]*:|P<\w+>))?)(?!\?)"
    r"|(?P<look>\(\?)"
    r"|(?P<close>\))"
    r"|(?P<either>\|)"
    r"|(?P<times>(?:[*+?]|\{\d*,?\d*\})[?+]?)"
    r"|(?P<other>.)",
    re.DOTALL,
)
_TIMES = re.compile(r"\{(\d*)(,?)(\d*)\}")


def fault(pattern: str) -> str:
    """What is wrong with it; empty: nothing.

    >>> fault(r"project (falcon|heron)-\\d+")
    ''
    """
    if len(pattern) > LONGEST:
        return f"has at most {LONGEST} characters"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)  # `[[:alpha:]]` is not what it seems
            re.compile(pattern)
    except re.error as error:
        return f"is no regular expression: {error.msg}"
    except FutureWarning as warning:
        return f"may mean another thing some day, put \\ before it: {warning}"
    return _Scan().fault(pattern)


def pieces(text: str) -> Iterator[str]:
    """All of it, a piece at a time."""
    for start in range(0, max(len(text) - OVERLAP, 1), WIDTH - OVERLAP):
        yield text[start : start + WIDTH]


@dataclass(slots=True)
class _Group:
    """`varies`: something in it may fit in several ways; in how many at most: those of the branches
    `before`, and the `ways` of the one that is being read."""

    varies: bool = False
    before: int = 0
    ways: int = 1

    @property
    def all_ways(self) -> int:
        return self.before + self.ways


class _Scan:
    """Reads a pattern once. `open`: the groups that are; the first is the whole."""

    def __init__(self) -> None:
        self._open = [_Group()]
        self._varies = False
        """Of what was read last: whether it is a group that may fit in several ways."""

    def fault(self, pattern: str) -> str:
        for token in _TOKEN.finditer(pattern):
            if found := self._read(str(token.lastgroup), token[0]):
                return found
        return TOO_MANY if self._open[0].all_ways > MOST_WAYS else ""

    def _read(self, kind: str, token: str) -> str:
        if kind == "look" or (kind == "escape" and token[1] in "123456789"):
            return "may neither look around nor refer back"
        if kind == "times":
            return self._repeat(_how_often(token), possessive=token[1:].endswith("+"))
        self._varies = False
        group = self._open[-1]
        if kind == "open":
            self._open.append(_Group())
        elif kind == "close":
            self._close()
        elif kind == "either":
            group.varies, group.before, group.ways = True, group.all_ways, 1
        return ""

    def _close(self) -> None:
        closed, around = self._open.pop(), self._open[-1]
        self._varies = closed.varies
        around.varies |= closed.varies
        around.ways *= closed.all_ways

    def _repeat(self, times: Times, *, possessive: bool) -> str:
        """A possessive one (`\\s*+`) gives nothing back, and so fits in one way."""
        if self._varies and times.most != 1:
            return "may not repeat what repeats, or has alternatives, itself"
        group = self._open[-1]
        if times.least != times.most:
            group.varies = True
            group.ways *= 1 if possessive else times.ways
        return ""


@dataclass(frozen=True, slots=True)
class Times:
    """`most`: None: without end."""

    least: int
    most: int | None

    @property
    def ways(self) -> int:
        return WIDTH if self.most is None else self.most - self.least + 1


def _how_often(token: str) -> Times:
    if found := _TIMES.match(token):
        least = int(found[1] or 0)
        most = int(found[3]) if found[3] else None if found[2] else least
        return Times(least, most)
    return {"*": Times(0, None), "+": Times(1, None), "?": Times(0, 1)}[token[0]]
