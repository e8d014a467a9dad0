"""What agents ask beside changes of hands: to speak, to look, to take over, to recall, to delete,
and to switch a whole bot off and on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from bridge.commands.addresses import (
    ToBot,
    ToConversation,
    ToHandoff,
    ToMessage,
    ToThread,
)
from bridge.commands.agents import ByAgent, ByAnybody, OfHandoff
from bridge.model import Agent, Author, Micros

OfConversation: TypeAlias = OfHandoff


@dataclass(frozen=True, slots=True)
class Look(ByAgent):
    """A word in the thread that only asks to be shown something: `!help`, `!history`, `!` alone.

    Nothing changes but the word's mark. `verb` and `text` are what the desk shows then.
    """

    verb: str
    text: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Transfer(ByAgent):
    """To a colleague (`agent`), or back into a queue; `word` is a note for who has it next."""

    agent: Agent | None = None
    queue: str = ""
    word: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class TakeOver(ByAgent):
    """A conversation that the bot has, or nobody, goes to `by`."""

    said: str = ""


@dataclass(frozen=True, slots=True)
class Say(ByAnybody):
    """A word to the user in the desk's name; nothing changes hands. `by` is an agent's or a key's
    author."""

    text: str
    said: str = ""
    digest: str = ""
    asker: Agent | None = None


@dataclass(frozen=True, slots=True)
class SendTemplate(ByAgent):
    """A ready-made answer to the user, as an agent's reply. `text`: what its sender made of it;
    empty: as the settings have it, filled in."""

    name: str
    text: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Ask(ByAgent):
    """A question to whoever is in another place of the desk's network, which `place` names."""

    place: str
    text: str
    said: str = ""


@dataclass(frozen=True, slots=True)
class RunAction(ByAgent):
    """An action of one's own is to be done in another system; `text`: what was filled in."""

    name: str
    text: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class RanMacro(ByAgent):
    """What came of the commands under one name, which were commands of their own: all was done, or
    `step` was `refused` (a code) and nothing that follows it was tried."""

    name: str
    step: str = ""
    refused: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Recall:
    """The message is taken back from the user: a reply named by `to`, else the last one of `by` in
    the handoff."""

    key: str
    at: Micros
    to: ToThread | ToHandoff | ToConversation | ToMessage
    by: Agent
    said: str = ""


@dataclass(frozen=True, slots=True)
class DeleteConversation(ByAnybody):
    """Everything that was said is deleted here, and what is known of the user. `by` is an agent's
    or a key's author."""

    asker: Agent | None = None


@dataclass(frozen=True, slots=True)
class SwitchBot:
    """A bot is silent in all its conversations (`on` false), or answers again."""

    key: str
    at: Micros
    to: ToBot
    by: Author
    on: bool
    reason: str = ""
    said: str = ""
    asker: Agent | None = None
    """As in `ByAnybody`."""


DeskCommand: TypeAlias = (
    Look
    | Transfer
    | TakeOver
    | Say
    | SendTemplate
    | Ask
    | RunAction
    | RanMacro
    | Recall
    | DeleteConversation
    | SwitchBot
)
