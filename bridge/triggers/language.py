"""Words of four languages: cut from a text, brought to their stems, and found as phrases. Pure.

Stems are Snowball's, so that *refunds* is found by *refund* and *remboursée* by *rembourser*.
Accents are taken off after stemming, since people leave them out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from Stemmer import Stemmer

from bridge.triggers.lexicons import COMMON, listed

LANGUAGES: Mapping[str, str] = {
    "en": "english",
    "fr": "french",
    "de": "german",
    "es": "spanish",
}
MOST_WORDS = 500
"""Of a text that are looked at."""
LONGEST_WORD = 64
"""Characters of a word: there is none in any of the languages that has more of them."""
GAP = "…"
"""In a phrase: up to so many words may stand here, or none."""
GAP_WORDS = 4
POLITE = frozenset(
    listed(
        """please, pls, plz, hi, hello, hey, thanks, the, a, an, now, bitte, hallo, danke, der, die,
        das, ein, eine, einen, svp, s, il, vous, te, plait, bonjour, merci, un, une, le, la, por,
        favor, hola, gracias, una, el"""
    )
)
"""Words that stand around what somebody wants, and are not what they want."""
_WORD = re.compile(r"[^\W_]+")
_PART = re.compile(r"…|=?[^\W_]+")
_QUOTED = re.compile(r"^[^\S\n]*>.*$|“[^“”]*”|„[^„“”]*[“”]|«[^«»]*»|\"[^\"]*\"", re.MULTILINE)
"""None goes beyond the next mark that begins one, so that a text of nothing but such marks is read
once, not once from each of them."""


def words_of(text: str) -> list[str]:
    """In small letters, without what joins them: *don't* is two words, as is *l'avocat*."""
    found = islice(_WORD.finditer(text.casefold()), MOST_WORDS)
    return [each[0][:LONGEST_WORD] for each in found]


def unquoted(text: str) -> str:
    """Without what others said: words in quotation marks, and lines behind `>`."""
    return _QUOTED.sub(" ", text)


@lru_cache(maxsize=len(LANGUAGES))
def _stemmer(language: str) -> Stemmer:
    return Stemmer(LANGUAGES[language], 0)


@lru_cache(maxsize=20_000)
def stem(language: str, word: str) -> str:
    """`word` in small letters.

    >>> stem("fr", "remboursée") == stem("fr", "rembourser")
    True
    """
    return bare(_stemmer(language).stemWord(word))


def bare(word: str) -> str:
    """Without accents."""
    if word.isascii():
        return word
    parts = unicodedata.normalize("NFKD", word)
    return "".join(part for part in parts if not unicodedata.combining(part))


def guess(words: Sequence[str]) -> tuple[str, ...]:
    """The languages that the words may be of, by those that every text has; none that is certain:
    all of them."""
    found = set(map(bare, words))
    counted = {language: len(found & COMMON[language]) for language in LANGUAGES}
    most = max(counted.values())
    return tuple(language for language, number in counted.items() if number == most)


@dataclass(frozen=True, slots=True)
class Cut:
    """A text in words, and each of them as its stem in one language."""

    words: Sequence[str]
    stems: Sequence[str]

    def __len__(self) -> int:
        return len(self.words)

    def has(self, wanted: str, at: int) -> bool:
        """Whether this stem, or behind `=` this very word, stands at this place."""
        if at >= len(self.words):
            return False
        return wanted == self.stems[at] or wanted == f"={self.words[at]}"


def cut(language: str, words: Sequence[str]) -> Cut:
    return Cut(words, [stem(language, word) for word in words])


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase, and which words are it."""

    phrase: str
    place: range

    def meets(self, other: Found) -> bool:
        mine, theirs = self.place, other.place
        return mine.start < theirs.stop and theirs.start < mine.stop


class Phrases:
    """Phrases of one language, found by their stems. Immutable."""

    def __init__(self, language: str, phrases: Iterable[str]) -> None:
        self._language = language
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for text in phrases:
            if parts := tuple(self._parts(text)):
                self._by_first.setdefault(parts[0], []).append((parts, text))

    def _parts(self, text: str) -> Iterator[str]:
        for part in _PART.findall(text.casefold().replace("...", GAP)):
            exact = part == GAP or part.startswith("=")
            yield part if exact else stem(self._language, part)

    def find(self, text: Cut) -> Iterator[Found]:
        for start in range(len(text)):
            for first in (text.stems[start], f"={text.words[start]}"):
                for parts, phrase in self._by_first.get(first, ()):
                    if end := _end(parts, text, 1, start + 1):
                        yield Found(phrase, range(start, end))

    def whole(self, text: Cut) -> bool:
        """Whether the text is one of them, and nothing else but what is only polite."""
        polite = [bare(word) in POLITE for word in text.words]
        return any(
            all(polite[: found.place.start]) and all(polite[found.place.stop :])
            for found in self.find(text)
        )


def _end(parts: Sequence[str], text: Cut, n: int, at: int) -> int:
    """Behind the phrase from its n-th part on, if that stands at this place; zero: it does not."""
    if n == len(parts):
        return at
    if parts[n] != GAP:
        return _end(parts, text, n + 1, at + 1) if text.has(parts[n], at) else 0
    ends = (_end(parts, text, n + 1, at + skipped) for skipped in range(GAP_WORDS + 1))
    return next(filter(None, ends), 0)


class Sense:
    """Phrases of one language that mean something, but for those that only look like it."""

    def __init__(
        self,
        language: str,
        phrases: Iterable[str],
        unless: Iterable[str] = (),
        alone: Iterable[str] = (),
    ) -> None:
        self._phrases = Phrases(language, phrases)
        self._unless = Phrases(language, unless)
        self._alone = Phrases(language, alone)

    def find(self, text: Cut) -> str:
        """The first phrase that is meant; empty: none."""
        but = list(self._unless.find(text))
        for found in self._phrases.find(text):
            if not any(found.meets(other) for other in but):
                return found.phrase
        return " ".join(text.words) if self._alone.whole(text) else ""
