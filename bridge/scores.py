"""What a user thinks of how they were helped, 1 to 5: as data, as stars and in words. When it is
asked and taken is in `ratings.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rating:
    """What a user thinks of how they were helped, and what they were asked."""

    question: str = ""
    """As the user was asked, in their language; empty: they were not."""
    after: int = 0
    """The place of the last message before the question."""
    score: int = 0
    """1 to 5; zero: none was given."""
    comment: str = ""
    at: int = 0
    """µs since the epoch, UTC: when the score was first given."""
    comment_until: int = 0
    """The next words that the user says until then are the comment, as they wished."""


NO_RATING = Rating()

SCORES: Sequence[Mapping[str, str]] = (
    {"en": "Terrible", "fr": "Très mal", "de": "Sehr schlecht", "es": "Muy mal"},
    {"en": "Bad", "fr": "Mal", "de": "Schlecht", "es": "Mal"},
    {"en": "Okay", "fr": "Moyen", "de": "Mittel", "es": "Regular"},
    {"en": "Good", "fr": "Bien", "de": "Gut", "es": "Bien"},
    {"en": "Great", "fr": "Très bien", "de": "Sehr gut", "es": "Muy bien"},
)
"""Ratings in words, 1 to 5. In Messenger a button takes 20 characters, stars included."""
COMMENT: Mapping[str, str] = {
    "en": "Add a comment",
    "fr": "Ajouter un mot",
    "de": "Kommentar schreiben",
    "es": "Añadir comentario",
}


def stars(score: int) -> str:
    """`★★★★☆`"""
    return "★" * score + "☆" * (len(SCORES) - score)
