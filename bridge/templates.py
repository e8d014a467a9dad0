"""Ready-made answers, macros, and the words by which both are asked for. Pure.

A template's text is filled like the desk's own (`bridge.texts`), with what is known of the user. A
text in which there is a place for which nothing is known, and no words in its stead
(`{{userFirstName|there}}`), is never sent: who asked for it is told what is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from bridge import words
from bridge.model import Contact, Conversation, Handoff
from bridge.texts import by_language, fill, places
from bridge.words import ALIASES, BEGINNINGS, SHOWING, VERBS, Said, Sense

PLACES = ("userName", "userFirstName", "userEmail", "agentName", "handoffNumber")
"""What can be filled in, besides `attributes.` and a path."""
ATTRIBUTES = "attributes."
WORD = "template"
"""The verb that sends one."""
NEAR = 3
_MARKUP = re.compile(
    r"[\\*`\[\]<]|(?<![^\W_])_|_(?![^\W_])|~(?=~)|&(?=#?\w+;)"
    r"|^(?:>|[#+-](?=#*(?:\s|$))|[=-](?=[=-]*$))"
)
"""What CommonMark would read as markup: anywhere in a line, and where one begins."""
_NUMBER = re.compile(r"^(\d{1,9})([.)])(?=\s|$)")
"""What would begin a list: the date `1. May`, perhaps."""


@dataclass(frozen=True, slots=True)
class Template:
    """`texts` by language, as CommonMark."""

    name: str
    texts: Mapping[str, str]

    def filled(self, locale: str, values: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
        """The text for a user, and the places in it for which nothing is known."""
        text = by_language(self.texts, locale)
        missing = (name for name, otherwise in places(text) if not (name in values or otherwise))
        return fill(text, values), tuple(dict.fromkeys(missing))


@dataclass(frozen=True, slots=True)
class Macro:
    """Commands under one name, as they would be typed behind `!`, done in this order."""

    name: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Templates:
    """All that the settings have. Names are the same in small and capital letters."""

    trigger: str = "!"
    shortcuts: tuple[Template, ...] = ()
    macros: tuple[Macro, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.shortcuts or self.macros)

    def template(self, name: str) -> Template | None:
        return next((each for each in self.shortcuts if _same(each.name, name)), None)

    def macro(self, name: str) -> Macro | None:
        return next((each for each in self.macros if _same(each.name, name)), None)

    @property
    def all(self) -> tuple[Template | Macro, ...]:
        return self.shortcuts + self.macros

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.all)

    def near(self, name: str) -> tuple[str, ...]:
        """Those that may have been meant."""
        return _near(name, self.names)

    def near_word(self, text: str) -> tuple[str, ...]:
        """The words that may have been meant by one that is held, as they are typed."""
        bare = words.undressed(text)
        word = bare[1:].split()[0] if bare[1:].split() else ""
        triggers = dict.fromkeys(VERBS, "!") | dict.fromkeys(self.names, self.trigger)
        return tuple(f"{triggers[name]}{name}" for name in _near(word, tuple(triggers)))

    def may_be_in(self, text: str) -> bool:
        """Whether it is worth a second look: it may hold a command, or the word for a template."""
        return "!" in text or "！" in text or (bool(self) and self.trigger in text)

    def read(self, text: str) -> Said:
        """As `words.read`; a name alone behind the trigger is the word for its template or macro,
        unless it is a command's or begins a note."""
        said = words.read(text)
        if said.sense in (Sense.VERB, Sense.NOTE):
            return said
        bare = (said.text if said.sense is Sense.UNKNOWN else text).strip()
        name = bare[1:] if bare[:1].replace("！", "!") == self.trigger else ""
        named = self.template(name) or self.macro(name)
        return Said(Sense.VERB, named.name, WORD) if named else said


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _near(word: str, known: tuple[str, ...]) -> tuple[str, ...]:
    by_fold = {name.casefold(): name for name in known}
    found = get_close_matches(word.casefold(), by_fold, n=NEAR, cutoff=0.7)
    return tuple(by_fold[each] for each in found)


# --- what is filled in ---------------------------------------------------------------------------


def values(contact: Contact, handoff: Handoff | None, agent: str) -> dict[str, str]:
    """What is known, by the name of its place; what is not known has none. `agent`: who sends it.
    Nothing of it is read as markup."""
    known = {
        "userName": contact.name,
        "userFirstName": contact.name.strip().partition(" ")[0],
        "userEmail": contact.email,
        "agentName": agent,
        "handoffNumber": str(handoff.number) if handoff and handoff.number else "",
        **dict(flat(ATTRIBUTES, contact.attributes)),
    }
    plain = {name: " ".join(value.split()) for name, value in known.items()}
    return {name: _as_words(value) for name, value in plain.items() if value}


def _as_words(value: str) -> str:
    return _NUMBER.sub(r"\1\\\2", _MARKUP.sub(r"\\\g<0>", value))


def flat(path: str, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Lists and what is neither true text nor number have no words."""
    for name, value in given.items():
        if isinstance(value, Mapping):
            yield from flat(f"{path}{name}.", value)
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            yield f"{path}{name}", str(value)


def language_of(contact: Contact, conversation: Conversation) -> str:
    return conversation.locale or contact.locale or "en"


# --- what the settings may say -------------------------------------------------------------------


def fault_in_text(text: str) -> str:
    """Why it can be no template's text; empty: it can."""
    for name, _ in places(text):
        if name not in PLACES and not name.startswith(ATTRIBUTES):
            near = get_close_matches(name, PLACES, n=1)
            meant = f"did you mean {near[0]}?" if near else f"there are {', '.join(PLACES)}"
            return f"{{{{{name}}}}} is nothing that can be filled in; {meant} or attributes.…"
    return ""


def fault_in_step(step: str, known: Mapping[str, str]) -> str:
    """Why it can be no step of a macro; empty: it can. `known`: the templates' names, folded."""
    verb, args = step_of(step)
    if verb not in VERBS and verb != "note":
        near = get_close_matches(verb, [*VERBS, "note"], n=1)
        return f"{verb} is no command" + (f"; did you mean {near[0]}?" if near else "")
    if verb in SHOWING:
        return f"{verb} does nothing to a conversation"
    if verb == WORD and args.casefold() not in known:
        near = get_close_matches(args.casefold(), known, n=1)
        meant = f"; did you mean {known[near[0]]}?" if near else ""
        return f"there is no template of that name{meant}"
    return ""


def fault_in_name(name: str, trigger: str) -> str:
    """Commands win, so nothing may be called like one where both begin alike."""
    taken = trigger == "!" and name.casefold() in VERBS | ALIASES.keys() | BEGINNINGS
    return f"{name} is a command" if taken else ""


def step_of(step: str) -> tuple[str, str]:
    """The verb, and what stands behind it."""
    verb, _, args = step.strip().removeprefix("!").partition(" ")
    known = {**ALIASES, "n": "note"}
    return known.get(verb.casefold(), verb.casefold()), args.strip()
