"""Words of four languages that mean something to rules, a file for each."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.triggers.lexicons.de import DE
from bridge.triggers.lexicons.en import EN
from bridge.triggers.lexicons.es import ES
from bridge.triggers.lexicons.fr import FR
from bridge.triggers.lexicons.shape import Lexicon, Meaning, listed

LEXICONS: Mapping[str, Lexicon] = {"en": EN, "fr": FR, "de": DE, "es": ES}
COMMON: Mapping[str, frozenset[str]] = {
    language: frozenset(listed(lexicon.common)) for language, lexicon in LEXICONS.items()
}
"""By language; without accents."""

__all__ = ["COMMON", "LEXICONS", "Lexicon", "Meaning", "listed"]
