"""An answer's own words, without what its mail program quotes and without a signature. Pure.

Conservative: what is not surely ours or surely a signature stays. Surely ours is what stands below
our line, and what stands at the very end with `>` before each line. The whole e-mail is kept in any
case (`door.py`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from adapters.email.texts import LINE_BEGINS

LONGEST_SIGNATURE = 12
"""Lines."""
LONGEST_HEAD = 8
"""Lines of `From: … Sent: … To: … Subject: …` above a quote, or of `On … wrote:`."""
_QUOTED = re.compile(r"^\s*[>|]")
_HEAD_LINE = re.compile(r"^[>\s*]*[\w -]{2,24}\s?\*?:\*?\s.*$")
"""`From: The Shop`, `*Von:* The Shop`"""
_RULE = re.compile(r"^[>\s]*([-_=*]{4,}.*)?$")
"""`-----Original Message-----`, `________`, or nothing."""
_ANNOUNCES = re.compile(r":\s*$")
"""As `wrote:` does in any language."""
_DATED = re.compile(r"\b20\d\d\b|\b\d{1,2}[:.]\d{2}\b")
"""A year or a time of the day."""


@dataclass(frozen=True, slots=True)
class Own:
    """`more`: beside our own words something else was cut off, which somebody may want to see."""

    text: str
    more: bool = False


def own(text: str, address: str) -> Own:
    """`address`: ours, which the lines above a quote name."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = _without_ours(lines, address)
    kept, signed = _without_signature(kept)
    said = _words(kept)
    return Own(said, signed) if said else Own(_words(lines))


def _words(lines: list[str]) -> str:
    return "\n".join(line.rstrip() for line in lines).strip()


def _without_ours(lines: list[str], address: str) -> list[str]:
    marked = next((n for n, line in enumerate(lines) if LINE_BEGINS in line), None)
    if marked is not None:
        return lines[: _head(lines, marked, address)]
    end = len(lines)
    while end and (_QUOTED.match(lines[end - 1]) or not lines[end - 1].strip()):
        end -= 1
    if not any(_QUOTED.match(line) for line in lines[end:]):
        return lines
    return lines[: _head(lines, end, address)]


def _head(lines: list[str], at: int, address: str) -> int:
    """Where the lines begin that announce a quote: directly above it, and surely no words."""
    end = at
    while end and _RULE.match(lines[end - 1]):
        end -= 1
    start = _announced(lines, end, address)
    if start < end:
        return _blanks(lines, start)
    while start and end - start < LONGEST_HEAD and _HEAD_LINE.match(lines[start - 1]):
        start -= 1
    if address.lower() in " ".join(lines[start:end]).lower():
        return _blanks(lines, start)
    return at


def _announced(lines: list[str], end: int, address: str) -> int:
    """Where `On …, The Shop <address> wrote:` begins, which may go over some lines: with its date,
    and in one line also without the address. `end`: it is not there."""
    for start in range(end - 1, max(end - LONGEST_HEAD, -1), -1):
        told = " ".join(lines[start:end])
        near = start == end - 1 or address.lower() in told.lower()
        if _ANNOUNCES.search(told) and near and _DATED.search(told):
            return start
    return end


def _blanks(lines: list[str], at: int) -> int:
    """Without the rule above it, such as `-----Original Message-----`."""
    while at and _RULE.match(lines[at - 1]):
        at -= 1
    return at


def _without_signature(lines: list[str]) -> tuple[list[str], bool]:
    """RFC 3676, 4.3: below a line of two dashes and a blank."""
    for n in range(len(lines) - 1, max(len(lines) - LONGEST_SIGNATURE - 2, -1), -1):
        if lines[n].rstrip("\n") in ("-- ", "--"):
            return lines[:n], any(line.strip() for line in lines[n + 1 :])
    return lines, False
