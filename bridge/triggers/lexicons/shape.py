"""What is known of a language's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product


def listed(text: str) -> tuple[str, ...]:
    """What stands between commas."""
    return tuple(part for each in text.split(",") if (part := " ".join(each.split())))


@dataclass(frozen=True, slots=True)
class Meaning:
    """Phrases that mean something, and those that only look like it (`unless`). `alone`: mean it
    when nothing else is said."""

    phrases: tuple[str, ...]
    unless: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()


def meaning(phrases: str, unless: str = "", alone: str = "") -> Meaning:
    return Meaning(listed(phrases), listed(unless), listed(alone))


def reaching(
    ways: str, whom: str, more: str = "", *, behind: str = "", unless: str = "", alone: str = ""
) -> Meaning:
    """Each way before each of whom, with some words between them; `behind`: ways that stand behind
    them."""
    made = [f"{way} … {who}" for way, who in product(listed(ways), listed(whom))]
    made += [f"{who} … {way}" for way, who in product(listed(behind), listed(whom))]
    return Meaning((*made, *listed(more)), listed(unless), listed(alone))


@dataclass(frozen=True, slots=True)
class Lexicon:
    """`common`: small words that most sentences have. `feelings`: phrases by weight, -3 for anger
    to 2 for joy; `no_feelings`: what only looks like one; `denials`: words that turn what follows
    into its opposite. `stuck`: that what was said before did not help."""

    common: str
    denials: str
    human: Meaning
    legal: Meaning
    medical: Meaning
    stuck: Meaning
    feelings: Mapping[int, str]
    no_feelings: str = ""
