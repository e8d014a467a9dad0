"""How a text feels: angry, calm, or pleased, by the words in it. Pure.

Phrases have weights (`lexicons`), a denial before one turns it, and who shouts means it more. The
sum is brought between -1 and 1, so that a long letter is not angrier than a short one for its
length alone. It hears moods, not facts: that something is broken is hardly a mood.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from math import sqrt

from bridge.triggers.language import LANGUAGES, Cut, Found, Phrases, bare, cut, guess
from bridge.triggers.lexicons import LEXICONS, Lexicon, listed

NEAR = 2
"""So many words before a phrase may deny it; of a pleased one only those that add to it."""
ADDING = frozenset(
    listed(
        """so, very, really, at, all, that, too, sehr, ganz, besonders, wirklich, du, tout, tres,
        vraiment, si, muy, nada, del, todo, tan, realmente"""
    )
)
FACT = -1
"""The weight of what is wrong, and is no mood: however many there are, they count once."""
SOFT = 8.0
"""The larger, the more it takes to be sure."""
SHOUT = 1.4
_MARKS = re.compile(r"[!?¡¿]{2,}")
_LONG = re.compile(r"[^\W\d_]{4,}")
_CAPITALS = 3
"""So many long words, and most of them in capitals, are shouted."""


class Feelings:
    """Of one language. Immutable."""

    def __init__(self, language: str, lexicon: Lexicon) -> None:
        self.language = language
        weights = {text: n for n, phrases in lexicon.feelings.items() for text in listed(phrases)}
        self._weights: Mapping[str, int] = weights
        self._phrases = Phrases(language, weights)
        self._not = Phrases(language, listed(lexicon.no_feelings))
        self._denials = frozenset(listed(lexicon.denials))
        self._denying = frozenset(
            text for text in weights if not self._denials.isdisjoint(text.split())
        )

    def sum(self, text: Cut) -> float:
        weights = list(self._weighed(text))
        return sum(each for each in weights if each != FACT) + (FACT if FACT in weights else 0)

    def _weighed(self, text: Cut) -> Iterator[int]:
        """The longer of two phrases at one place is the one that is meant."""
        taken = list(self._not.find(text))
        found = sorted(self._phrases.find(text), key=lambda each: -len(each.place))
        for each in found:
            if not any(each.meets(other) for other in taken):
                taken.append(each)
                yield self._weight(text, each)

    def _weight(self, text: Cut, found: Found) -> int:
        """What is denied is not its opposite: who is not angry is not pleased for that. Who is not
        pleased is cross."""
        weight, start = self._weights[found.phrase], found.place.start
        before = [bare(word) for word in text.words[max(start - NEAR, 0) : start]]
        denied = not self._denials.isdisjoint(before) and found.phrase not in self._denying
        if not denied:
            return weight
        if weight <= 1:
            return 0
        adds = before[-1] in self._denials or before[-1] in ADDING
        return -weight if adds else weight


_EVERY = tuple(Feelings(language, LEXICONS[language]) for language in LANGUAGES)


def score(text: str, words: list[str]) -> float:
    """-1, furious, to 1, delighted. `words`: those of the text, without what it quotes.

    >>> score("THIS IS A SCAM!!", ["this", "is", "a", "scam"]) < -0.7
    True
    """
    likely = guess(words)
    sums = [each.sum(cut(each.language, words)) for each in _EVERY if each.language in likely]
    total = min(sums)
    if total < 0 and _is_shouted(text):
        total *= SHOUT
    return total / sqrt(total * total + SOFT)


def _is_shouted(text: str) -> bool:
    long = _LONG.findall(text)
    loud = sum(word.isupper() for word in long)
    return bool(_MARKS.search(text)) or (loud >= _CAPITALS and 2 * loud > len(long))
