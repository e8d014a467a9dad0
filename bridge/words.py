"""What an agent's message in a thread is: a reply, a note, a command, or something nobody can know.

A message is judged once, when it is first seen. The rule errs to the inside: a text that begins
like a note is a note, and one that begins with `!` leaves the house only as `!r`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Sense(StrEnum):
    REPLY = "reply"
    NOTE = "note"
    VERB = "verb"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Said:
    """`text` is what is left without the prefix; for a verb its arguments."""

    sense: Sense
    text: str = ""
    verb: str = ""


VERBS = frozenset(
    [
        "assign",
        "release",
        "resolve",
        "reject",
        "snooze",
        "wake",
        "reopen",
        "pause",
        "resume",
        "priority",
        "label",
        "help",
    ]
)
"""Words that a desk turns into commands of their own; the listener does, not the lifecycle."""

# What people put in front without meaning it: blanks, quote and code marks, emphasis, and the
# invisible characters that come with pasted text and with right-to-left writing.
_DRESS = re.compile(r"^[\s>`*_~\\\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufe0f]+")
_NOTE = re.compile(
    r"(?:[!！](?:note|n)(?![\w-])[:：]?|[;；]{2}|//|🔒\ufe0f?|:lock:|(?:note|internal)\s*[:：])",
    re.IGNORECASE,
)
_WORD = re.compile(r"[!！]\s*([\w-]*)", re.IGNORECASE)


def read(text: str) -> Said:
    """The sense of an agent's message.

    >>> read("!n check the courier")
    Said(sense=<Sense.NOTE: 'note'>, text='check the courier', verb='')
    """
    bare = _DRESS.sub("", text)
    if note := _NOTE.match(bare):
        return Said(Sense.NOTE, _inside(text, bare, note.end()))
    if not bare.startswith(("!", "！")):
        return Said(Sense.REPLY, text)
    return _command(bare)


def _command(bare: str) -> Said:
    word = _WORD.match(bare)
    verb = word[1].casefold() if word else ""
    rest = bare[word.end() :].strip() if word else ""
    if verb == "r" and rest:
        return Said(Sense.REPLY, rest)
    spaced = bare[1:2].isspace()
    if verb in VERBS and not spaced:
        return Said(Sense.VERB, rest, verb)
    return Said(Sense.UNKNOWN, bare, verb)


def _inside(text: str, bare: str, end: int) -> str:
    """The note without its prefix; code marks that wrapped the whole are dropped with it."""
    dress = text[: len(text) - len(bare)]
    rest = bare[end:].strip()
    return rest.rstrip("`").rstrip() if "`" in dress else rest
