"""What bots and tools suggest to agents, and what agents make of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from bridge.commands.agents import ByAnybody, OnMessage


class Suggested(StrEnum):
    """What it is: words for the user, a summary for agents, or a translation."""

    REPLY = "reply"
    SUMMARY = "summary"
    TRANSLATION = "translation"


@dataclass(frozen=True, slots=True)
class Suggest(ByAnybody):
    """`source`: what agents read that it comes from; none: whoever says it."""

    text: str
    kind: Suggested = Suggested.REPLY
    source: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class UseSuggestion(OnMessage):
    """*Send*: as a reply of the agent's. `text`: what they made of it; empty: as it is."""

    text: str = ""


@dataclass(frozen=True, slots=True)
class DismissSuggestion(OnMessage):
    """Nobody wants it."""


SuggestionCommand: TypeAlias = Suggest | UseSuggestion | DismissSuggestion
