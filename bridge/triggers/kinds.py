"""What each kind of rule finds. Pure: each function makes a `Detect` of what the settings say.

Why a rule fires is told with its own words (a phrase of the settings, a number), never with the
customer's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from bridge import patterns
from bridge.memory import Memory
from bridge.triggers import feelings, sensitive
from bridge.triggers.language import LANGUAGES, Sense
from bridge.triggers.lexicons import LEXICONS, Lexicon, Meaning
from bridge.triggers.rules import Detect, Said
from bridge.triggers.sensitive import NAMES, Sensitive

_QUESTION = re.compile(r"[?？؟]+")


def words(
    phrases: Mapping[str, Sequence[str]], unless: Mapping[str, Sequence[str]] | None = None
) -> Detect:
    """By language: those of each are looked for in every text, whatever it is written in."""
    but = unless or {}
    senses = {each: Sense(each, phrases[each], but.get(each, ())) for each in phrases}

    def detect(said: Said, _memory: Memory) -> str:
        for language, sense in senses.items():
            if found := sense.find(said.cut(language, own=False)):
                return f"“{found}”"
        return ""

    return detect


def pattern(text: str) -> Detect:
    compiled = patterns.made(text)

    def detect(said: Said, _memory: Memory) -> str:
        return "fits its pattern" if said.patience.finds(compiled, said.text) else ""

    return detect


def sentiment(below: float) -> Detect:
    def detect(said: Said, _memory: Memory) -> str:
        found = feelings.score(said.text, said.own_words)
        return f"sounds angry or annoyed ({found:.1f})" if found <= below else ""

    return detect


def repetition(times: int) -> Detect:
    def detect(_said: Said, memory: Memory) -> str:
        again = memory.repeats >= times
        return f"the same was said again, {_counted(memory.repeats, 'time')}" if again else ""

    return detect


def confidence(below: float, times: int) -> Detect:
    """The last answers, one behind the other."""

    def detect(said: Said, memory: Memory) -> str:
        last = memory.doubts[-times:]
        if said.confidence is None or len(last) < times or any(each >= below for each in last):
            return ""
        return f"the assistant was only {said.confidence:.0%} sure"

    return detect


def intent(names: Sequence[str]) -> Detect:
    known = {name.casefold(): name for name in names}

    def detect(said: Said, _memory: Memory) -> str:
        found = known.get(said.intent.casefold()) if said.intent else None
        return f"the assistant understood “{found}”" if found else ""

    return detect


def complexity(characters: int, questions: int, turns: int) -> Detect:
    """Zero: that is not looked at."""

    def detect(said: Said, memory: Memory) -> str:
        asked = len(_QUESTION.findall(said.text))
        if characters and len(said.text) >= characters:
            return f"a long message, {len(said.text)} characters"
        if questions and asked >= questions:
            return f"{asked} questions in one message"
        return f"{memory.turns} messages without an end" if turns and memory.turns >= turns else ""

    return detect


def private(look_for: Sequence[Sensitive]) -> Detect:
    """Says what kind of thing it is, and nothing of it."""
    wanted = tuple(look_for)

    def detect(said: Said, _memory: Memory) -> str:
        found = [NAMES[kind] for kind in sensitive.find(said.text, wanted)]
        return f"contains {' and '.join(found)}" if found else ""

    return detect


def attribute(name: str, values: Sequence[str]) -> Detect:
    """No values: whatever it is, as long as it is something."""
    known = {value.casefold() for value in values}

    def detect(said: Said, _memory: Memory) -> str:
        value = said.attributes.get(name)
        if value is None or value is False or value == "":
            return ""
        told = str(value).casefold()
        return f"{name} is {told}" if told in known else "" if known else f"has {name}"

    return detect


def _meant(why: str, of: Callable[[Lexicon], Meaning]) -> Detect:
    """What the lexicons say, of the languages that the text may be in."""
    meanings = {each: of(LEXICONS[each]) for each in LANGUAGES}
    senses = {
        each: Sense(each, meaning.phrases, meaning.unless, meaning.alone)
        for each, meaning in meanings.items()
    }

    def detect(said: Said, _memory: Memory) -> str:
        found = any(senses[each].find(said.cut(each)) for each in said.languages)
        return why if found else ""

    return detect


def human() -> Detect:
    return _meant("asks for a person", lambda lexicon: lexicon.human)


def legal() -> Detect:
    return _meant("legal language", lambda lexicon: lexicon.legal)


def medical() -> Detect:
    return _meant("medical language", lambda lexicon: lexicon.medical)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
