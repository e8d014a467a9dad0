"""What rules remember of a conversation while it is with its bot. Pure data, and small: it is
written with the conversation. Of what somebody said it holds numbers only, made of the words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Firing:
    """That a rule has fired, and what it wishes for the handoff. `id`: its event; `why`: in words
    that repeat nothing of what was said."""

    rule: str
    kind: str
    why: str
    id: str = ""
    labels: tuple[str, ...] = ()
    priority: str = ""
    queue: str = ""


@dataclass(frozen=True, slots=True)
class Memory:
    """Since the bot has had the conversation, or since the user's visit began.

    `fired`: by rule, when it last did (µs). `turns`: how many messages the user wrote. `said` and
    `answered`: of the last messages of user and bot, a number for each word; `repeats`: how often
    either said the same again. `doubts`: how sure the bot was of its last answers, 0 to 1.
    `wishes`: of rules that fired while there was no handoff, for the next one.
    """

    fired: Mapping[str, int] = field(default_factory=dict)
    turns: int = 0
    said: tuple[tuple[int, ...], ...] = ()
    answered: tuple[tuple[int, ...], ...] = ()
    repeats: int = 0
    doubts: tuple[float, ...] = ()
    wishes: tuple[Firing, ...] = ()


NO_MEMORY = Memory()
