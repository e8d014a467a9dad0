"""Markers in the transcript: where a user came back after a silence, and to which page. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

from bridge.commands import UserSaid
from bridge.model import SECOND, Micros, Visibility
from bridge.turn import DESKBRIDGE, Turn

MINUTE: Micros = 60 * SECOND
HOUR: Micros = 60 * MINUTE
DAY: Micros = 24 * HOUR


def mark_visit(turn: Turn, command: UserSaid) -> None:
    """A line of ours before the first words of a new visit; agents read it, users never do."""
    last = turn.conversation.user_at
    if last and turn.at - last >= turn.policy.visit_gap:
        path = urlsplit(command.to.page_url).path
        where = f" · on {path}" if path else ""
        text = f"New visit, {_length(turn.at - last)} later{where}"
        turn.say(DESKBRIDGE, text, visibility=Visibility.INTERNAL)


def _length(span: Micros) -> str:
    if span < HOUR:
        return f"{span // MINUTE} min"
    return f"{span // HOUR} h" if span < 2 * DAY else f"{span // DAY} days"
