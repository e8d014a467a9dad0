"""Regular expressions of the settings, and the time that they may take. Pure, but for a clock.

A matcher tries every way in which a text may fit, and no look at an expression tells how long that
takes on each text: so the matching itself has an end (`Patience`), after which nobody knows whether
the text has it. Whoever asks decides what that means, always to the safe side.

What would come to that end with nearly any text is refused when the settings are read: repetition
within a repetition (`(a+)+`), alternatives within one (`(a|aa)*`), and what would take long to be
made, since `a{9}` is nine times `a` in memory.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import regex

LONGEST = 200
"""Characters of an expression."""
LARGEST = 10_000
"""What has to stand in a text, each character of it counted as often as it is repeated."""
EACH, ALL = 0.02, 0.05
"""Seconds for one expression and one text, and for all that look at the same text."""
TOO_LONG = "took too long and was not checked"

Pattern: TypeAlias = regex.Pattern[str]

_TOKEN = regex.compile(
    r"(?P<one>\\.|\[\^?\]?(?:\\.|[^\]\\])*\])"
    r"|(?P<flags>\(\?[aiLmsuxfV01]+\))"
    r"|(?P<open>\((?:\?(?:[aiLmsux-]*:|P?<\w+>|<?[=!]|[>|]))?)"
    r"|(?P<close>\))"
    r"|(?P<either>\|)"
    r"|(?P<times>(?:[*+?]|\{\d*,?\d*\})[?+]?)"
    r"|(?P<other>.)",
    regex.DOTALL,
)
_TIMES = regex.compile(r"\{(\d*)(,?)(\d*)\}")


def fault(pattern: str, *, longest: int = LONGEST, slow: bool = False) -> str:
    """What is wrong with it; empty: nothing. `slow`: it may be one that always takes long.

    >>> fault(r"project (falcon|heron)-\\d+")
    ''
    """
    if len(pattern) > longest:
        return f"has at most {longest} characters"
    if found := _Scan(slow=slow).fault(pattern):
        return found
    try:
        made(pattern)
    except regex.error as error:
        return f"is no regular expression: {error}"
    return ""


def made(pattern: str, *, exactly: bool = False) -> Pattern:
    """Small and capital letters are the same to it, unless it is meant `exactly`. Raises
    regex.error."""
    return regex.compile(pattern, 0 if exactly else regex.IGNORECASE)


@dataclass(slots=True)
class Patience:
    """The time that is `left` for all expressions that look at one text: seconds of this process'
    processor, so that a machine that is busy otherwise takes none of it."""

    left: float = ALL
    clock: Callable[[], float] = time.process_time

    def finds(self, pattern: Pattern, text: str) -> bool:
        """Raises TimeoutError: there was no time to find out.

        No other thread runs meanwhile, which would be counted, and would keep what takes
        microseconds waiting.
        """
        began = self.clock()
        try:
            found = pattern.search(text, timeout=max(0.0, min(EACH, self.left)), concurrent=False)
        finally:
            self.left -= self.clock() - began
        return found is not None


@dataclass(slots=True)
class _Group:
    """`varies`: something in it may fit in several ways. `size`: see LARGEST."""

    varies: bool = False
    size: int = 0


class _Scan:
    """Reads an expression once, right or wrong. `open`: the groups that are; the first is the
    whole. `last`: what was read last, as a group."""

    def __init__(self, *, slow: bool) -> None:
        self._slow = slow
        self._open = [_Group()]
        self._last = _Group()

    def fault(self, pattern: str) -> str:
        for token in _TOKEN.finditer(pattern):
            if found := self._read(str(token.lastgroup), token[0]):
                return found
        return ""

    def _read(self, kind: str, token: str) -> str:
        if kind == "times":
            return self._repeat(*_how_often(token))
        self._last = _Group()
        if kind == "open":
            self._open.append(_Group())
        elif kind == "close":
            self._close()
        elif kind == "either":
            self._open[-1].varies = True
        elif kind != "flags":
            self._last.size = 1
            self._open[-1].size += 1
        return ""

    def _close(self) -> None:
        if len(self._open) > 1:
            self._last = self._open.pop()
            self._open[-1].varies |= self._last.varies
            self._open[-1].size += self._last.size

    def _repeat(self, least: int, most: int | None) -> str:
        if self._last.varies and most != 1 and not self._slow:
            return "may not repeat what repeats, or has alternatives, itself"
        around, more = self._open[-1], self._last.size * max(least - 1, 0)
        around.varies |= least != most
        around.size += more
        self._last = _Group(self._last.varies, self._last.size + more)
        return f"stands for over {LARGEST} characters" if around.size > LARGEST else ""


def _how_often(token: str) -> tuple[int, int | None]:
    """At least and at most; None: without end."""
    if found := _TIMES.match(token):
        least = int(found[1] or 0)
        return least, int(found[3]) if found[3] else None if found[2] else least
    return {"*": (0, None), "+": (1, None), "?": (0, 1)}[token[0]]
