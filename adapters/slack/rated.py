"""What a customer thinks of how they were helped, as the desk shows it. Pure."""

from __future__ import annotations

from adapters.slack.blocks import MAX_POST, Block, cut, words
from adapters.slack.names import first_name
from bridge.scores import SCORES, stars
from bridge.views import Figures, LinePost, View


def average(figures: Figures) -> str:
    """`★ 4.7 (9)`; empty: nobody rated."""
    return "" if figures.rating is None else f"★ {figures.rating:.1f} ({figures.rated})"


def rated(view: View, post: LinePost) -> list[Block]:
    """A comment is whole, and no more than text: nobody is called by it."""
    rating, name = view.handoff.rating, first_name(view.contact)
    comment = cut(rating.comment, MAX_POST)
    said = words(f"\n“{comment}”", italic=True) if comment else []
    if post.detail == "comment":
        return [*words(f"{name} adds to the rating:"), *said]
    if not rating.score:
        return words(f"{name} rated the conversation")
    told = f" {name} rated the conversation: {SCORES[rating.score - 1]['en'].lower()}"
    return [*words(f"{stars(rating.score)}{told}"), *said]
