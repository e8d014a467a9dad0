"""Rules, what they look at, and which of them fire. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias
from zlib import crc32

from bridge.memory import Memory
from bridge.model import Micros, Priority, Role, replace
from bridge.patterns import Patience
from bridge.triggers.language import Cut, Sense, bare, cut, guess, unquoted, words_of
from bridge.triggers.lexicons import COMMON, LEXICONS

KEPT = 4
"""So many of the last messages of either side are compared with a new one."""
MOST = 24
"""Words of a message that are kept, as numbers."""
ALIKE = 0.5
"""Of all words of two messages together so many are in both of them, when one says the other
again."""
FEWEST = 2
"""Words that a message must have in common with another to say the same."""


@dataclass(frozen=True)
class Said:
    """One message, and who it is from. `confidence` and `intent` are what a bot tells with its
    answer; `attributes`: the user's."""

    role: Role
    text: str
    at: Micros = 0
    channel: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    confidence: float | None = None
    intent: str = ""
    patience: Patience = field(default_factory=Patience, compare=False, repr=False)
    """Of all rules that look for a pattern in it."""

    @cached_property
    def words(self) -> list[str]:
        return words_of(self.text)

    @cached_property
    def own_words(self) -> list[str]:
        """Without those that it quotes."""
        return words_of(unquoted(self.text))

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """Those that it may be in."""
        return guess(self.own_words)

    def cut(self, language: str, *, own: bool = True) -> Cut:
        key = (language, own)
        if key not in self._cuts:
            self._cuts[key] = cut(language, self.own_words if own else self.words)
        return self._cuts[key]

    @cached_property
    def _cuts(self) -> dict[tuple[str, bool], Cut]:
        return {}

    @cached_property
    def sketch(self) -> tuple[int, ...]:
        """A number for each word that says something."""
        language = self.languages[0]
        text, common = self.cut(language), COMMON[language]
        pairs = zip(text.words, text.stems, strict=True)
        told = {each for word, each in pairs if bare(word) not in common}
        return tuple(sorted(crc32(each.encode()) for each in told))[:MOST]


Detect: TypeAlias = Callable[[Said, Memory], str]
"""Why a rule fires, in a few words that repeat nothing of what was said; empty: it does not. The
memory knows of the message already. Raises TimeoutError: nobody knows, it took too long."""


@dataclass(frozen=True, slots=True)
class Does:
    """What follows when a rule fires. `alert`: a channel or a person of the desk's network who is
    told; `labels`, `priority` and `queue` are the handoff's, the open one's or the next."""

    hand_over: bool = False
    approve: bool = False
    """The bot's next answer must be approved."""
    labels: tuple[str, ...] = ()
    priority: Priority | None = None
    queue: str = ""
    alert: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """`of`: whose words it looks at. `cooldown`: µs until it may fire again; zero: not while the
    bot has the conversation. `channels`: empty: all."""

    name: str
    kind: str
    detect: Detect
    does: Does = Does()
    of: frozenset[Role] = frozenset({Role.USER})
    channels: frozenset[str] = frozenset()
    cooldown: Micros = 0


@dataclass(frozen=True, slots=True)
class Looked:
    """The rules that fire and why, those of which nobody knows, since they took too long, and what
    is remembered from now on."""

    fired: Sequence[tuple[Rule, str]]
    unchecked: Sequence[Rule]
    memory: Memory


def look(rules: Sequence[Rule], said: Said, memory: Memory) -> Looked:
    memory = remembered(said, memory)
    fired: list[tuple[Rule, str]] = []
    unchecked: list[Rule] = []
    for rule in _asked(rules, said, memory):
        try:
            if why := rule.detect(said, memory):
                fired.append((rule, why))
        except TimeoutError:
            unchecked.append(rule)
    if fired:
        now = {rule.name: said.at for rule, _ in fired}
        memory = replace(memory, fired={**memory.fired, **now})
    return Looked(fired, unchecked, memory)


def _asked(rules: Sequence[Rule], said: Said, memory: Memory) -> Iterator[Rule]:
    """Those that may fire now."""
    for rule in rules:
        if said.role not in rule.of or (rule.channels and said.channel not in rule.channels):
            continue
        last = memory.fired.get(rule.name)
        if last is not None and not (rule.cooldown and said.at - last >= rule.cooldown):
            continue
        yield rule


def remembered(said: Said, memory: Memory) -> Memory:
    """The message among those before it."""
    by_user = said.role is Role.USER
    before = memory.said if by_user else memory.answered
    again = _says_again(said, before)
    kept = (*before, said.sketch)[-KEPT:]
    memory = replace(memory, repeats=memory.repeats + again)
    if by_user:
        return replace(memory, said=kept, turns=memory.turns + 1)
    if said.confidence is not None:
        memory = replace(memory, doubts=(*memory.doubts, said.confidence)[-2 * KEPT :])
    return replace(memory, answered=kept)


def _says_again(said: Said, before: Sequence[Sequence[int]]) -> bool:
    """The user with about the same words, or that it did not help; the bot with the same ones."""
    if said.role is Role.BOT:
        return len(said.sketch) >= FEWEST and said.sketch in before
    if any(_alike(said.sketch, each) for each in before):
        return True
    languages = said.languages if before else ()
    return any(_STUCK[language].find(said.cut(language)) for language in languages)


def _alike(one: Sequence[int], other: Sequence[int]) -> bool:
    both = len({*one} & {*other})
    return both >= FEWEST and both >= ALIKE * len({*one, *other})


_STUCK = {
    language: Sense(language, lexicon.stuck.phrases, lexicon.stuck.unless)
    for language, lexicon in LEXICONS.items()
}
