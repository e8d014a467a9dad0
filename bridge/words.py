"""What an agent's message in a thread is: a reply, a note, a command, or something nobody can know.

A message is judged once, when it is first seen. The rule errs to the inside: a text that begins
like a note is a note, and one that begins with `!` leaves the house only as `!r`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from bridge.model import given
from bridge.quick import quick


class Sense(StrEnum):
    REPLY = "reply"
    NOTE = "note"
    VERB = "verb"
    UNKNOWN = "unknown"


@quick
@dataclass(frozen=True, slots=True)
class Said:
    """`text` is what is left without the prefix; for a verb its arguments."""

    sense: Sense
    text: str = ""
    verb: str = ""
    plainly: bool = False
    """A reply by `!r`: whatever is usual in its queue."""


MENU = "menu"
"""What `!` alone asks for."""
UNKNOWN = "unknown_command"
"""Why a message is held that begins like a command."""
VERBS = frozenset(
    [
        "assign",
        "take",
        "release",
        "transfer",
        "resolve",
        "reject",
        "snooze",
        "wake",
        "reopen",
        "pause",
        "resume",
        "priority",
        "label",
        "say",
        "ask",
        "do",
        "undo",
        "block",
        "unblock",
        "delete",
        "profile",
        "history",
        "queue",
        "mine",
        "live",
        "find",
        "stats",
        "online",
        "away",
        "help",
        "menu",
        "template",
    ]
)
"""Words that a desk turns into commands of their own; the listener does, not the lifecycle."""
ALIASES = {"t": "template"}
BEGINNINGS = frozenset({"n", "note", "r"})
"""Words that say what the rest is."""
SHOWING = frozenset(
    {"profile", "history", "delete", "menu", "queue", "mine", "live", "find", "stats", "help"}
    | {"online", "away"}
)
"""Words that do nothing to a conversation."""

# What people put in front without meaning it: blanks, quote and code marks, emphasis, bullets,
# numbers of lists, brackets, and the invisible characters that come with pasted text and
# right-to-left writing.
_DRESS = re.compile(
    r"^(?:[\s>`*_~\\\"'“”„‘’«»(\[•◦▪‣·–—\-"
    r"\u00ad\u034f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufe0f]"
    r"|(?:\d{1,9}|[a-z])[.)．）])+",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"[!！](?:note|n)(?![\w-])[:：]?"
    r"|/(?:note|n)(?!\S)"  # from who takes it for a slash command
    r"|[;；]{2}|//|🔒\ufe0f?|:lock:"
    r"|(?:note|(?:internal|private)(?:\s+note)?)\s*[*_`]*[:：]",
    re.IGNORECASE,
)
_SLASH = re.compile(r"/([a-z]+)(?![\w/.-])", re.IGNORECASE)
_WORD = re.compile(r"[!！]\s*([\w-]*)[:：]?")


def read(text: str) -> Said:
    """The sense of an agent's message.

    >>> read("!n check the courier")
    Said(sense=<Sense.NOTE: 'note'>, text='check the courier', verb='', plainly=False)
    """
    bare = undressed(text)
    if note := _NOTE.match(bare):
        return Said(Sense.NOTE, _inside(text, bare, note.end()))
    if bare.startswith(("!", "！")):
        return _command(bare)
    slash = _SLASH.match(bare)
    if slash and slash[1].casefold() in VERBS | ALIASES.keys():
        return Said(Sense.UNKNOWN, bare, slash[1].casefold())
    return Said(Sense.REPLY, text)


def undressed(text: str) -> str:
    """Without what people put in front without meaning it."""
    return _DRESS.sub("", text)


def _command(bare: str) -> Said:
    word = given(_WORD.match(bare))
    verb, rest = word[1].casefold(), bare[word.end() :].strip()
    verb = ALIASES.get(verb, verb)
    if verb == "r" and rest:
        return Said(Sense.REPLY, rest, plainly=True)
    spaced = bare[1:2].isspace()
    if not verb and not rest and len(bare.rstrip()) == 1:
        return Said(Sense.VERB, "", MENU)
    if verb in VERBS and not spaced:
        return Said(Sense.VERB, rest, verb)
    return Said(Sense.UNKNOWN, bare, verb)


def _inside(text: str, bare: str, end: int) -> str:
    """The note without its prefix; code marks that wrapped the whole are dropped with it."""
    dress = text[: len(text) - len(bare)]
    rest = bare[end:].strip()
    return rest.rstrip("`").rstrip() if "`" in dress else rest
