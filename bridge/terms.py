"""What who opens a handoff asks for beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class OnTimeout(StrEnum):
    """What becomes of a handoff that nobody took in time: the bot has it back, or it waits on."""

    RETURN = "return"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Terms:
    """What who opened a handoff asked for beside it. `messages`: its own texts for the user, by
    occasion and language; `reply_to`: the webhook that is told of it, too; `why`: of rules that
    had fired by then, in words."""

    on_timeout: OnTimeout = OnTimeout.RETURN
    messages: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    reply_to: str = ""
    why: tuple[str, ...] = ()


NO_TERMS = Terms()
