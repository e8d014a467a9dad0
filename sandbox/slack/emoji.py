"""The emoji names this workspace knows, and the characters that typed ones stand for.

Slack's names come from the tables; where Slack has no name of its own, the character's Unicode
name is it. An app that reacts with a name outside gets `invalid_name`, as a misspelt one gets
from Slack.
"""

import re
import unicodedata
from collections.abc import Iterator
from types import MappingProxyType

from sandbox.slack.emoji_table import COUNTRIES, GENDERED, REST, SECTIONS, SHORT_FLAGS, WORK

FLAGS = "Flags"
REGIONAL_A = 0x1F1E6
JOINER, MALE, FEMALE = "\u200d", "♂️", "♀️"
ADULT, MAN, WOMAN = "🧑", "👨", "👩"
Pair = tuple[str, str]


def _pairs(table: str) -> list[Pair]:
    words = table.split()
    return list(zip(words[::2], words[1::2], strict=True))


def _people() -> Iterator[Pair]:
    """Work and deeds that Unicode joins of two characters."""
    for entry in WORK.split():
        anybody, name, tool = entry.split("=")
        yield anybody, ADULT + JOINER + tool
        yield f"male-{name}", MAN + JOINER + tool
        yield f"female-{name}", WOMAN + JOINER + tool
    for entry in GENDERED.split():
        name, base = entry.split("=")
        yield f"man-{name}", base + JOINER + MALE
        yield f"woman-{name}", base + JOINER + FEMALE


def _flag(country: str) -> str:
    return "".join(chr(REGIONAL_A + ord(letter) - ord("A")) for letter in country)


def _flags() -> Iterator[Pair]:
    for country in COUNTRIES.split():
        yield f"flag-{country.lower()}", _flag(country)
    for name in SHORT_FLAGS.split():
        yield name, _flag({"uk": "GB"}.get(name, name.upper()))


def _clocks() -> Iterator[Pair]:
    for number in range(12):
        yield f"clock{number + 1}", chr(0x1F550 + number)
        yield f"clock{number + 1}30", chr(0x1F55C + number)


def _named(section: str, known: set[str]) -> Iterator[Pair]:
    """The characters of the section's ranges that have no other name."""
    for title, first, last in REST:
        codes = range(first, last + 1) if title == section else ()
        for char in map(chr, codes):
            name = unicodedata.name(char, "")
            if name and char not in known and char + "\ufe0f" not in known:
                yield name.lower().replace(" ", "_"), char


def _sections() -> dict[str, dict[str, str]]:
    told = {title: _pairs(table) for title, table in SECTIONS}
    told["Smileys & people"] += _people()
    told["Travel & places"] += _clocks()
    known = {char for pairs in told.values() for _, char in pairs}
    found = {title: dict([*pairs, *_named(title, known)]) for title, pairs in told.items()}
    return {**found, FLAGS: dict(_flags())}


BY_SECTION = MappingProxyType(_sections())
BY_NAME = MappingProxyType(
    {name: char for section in BY_SECTION.values() for name, char in section.items()}
)
BY_CHARACTER = MappingProxyType({char: name for name, char in reversed(list(BY_NAME.items()))})
SKIN_TONE = re.compile(r"::skin-tone-[2-6]$")
TONES = "🏻🏼🏽🏾🏿"


def _pattern() -> re.Pattern[str]:
    """Flags and single characters as classes: an alternation of all takes long to compile."""
    singles = "".join(char for char in BY_CHARACTER if len(char) == 1)
    flags = set(BY_SECTION[FLAGS].values())
    longer = [char for char in BY_CHARACTER if len(char) > 1 and char not in flags]
    joined = "|".join(re.escape(char) for char in sorted(longer, key=len, reverse=True))
    return re.compile(f"(?:{joined}|[🇦-🇿]{{2}}|[{singles}])([{TONES}]?)")


CHARACTERS = _pattern()


def spelt(text: str) -> str:
    """The text with emoji characters as `:name:`, as Slack keeps what people type."""
    return CHARACTERS.sub(_spelt, text)


def _spelt(hit: re.Match[str]) -> str:
    tone = hit[1]
    name = BY_CHARACTER.get(hit[0].removesuffix(tone) if tone else hit[0])
    if name is None:
        return hit[0]
    return f":{name}::skin-tone-{TONES.index(tone) + 2}:" if tone else f":{name}:"


def canonical(name: str) -> str | None:
    """The stored name of a reaction (aliases folded), or None for an unknown emoji."""
    bare = SKIN_TONE.sub("", name.strip(":"))
    character = BY_NAME.get(bare)
    if character is None:
        return None
    return BY_CHARACTER[character] + name.strip(":")[len(bare) :]
