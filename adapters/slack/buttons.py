"""What is pressed about a message, a held or failed one or a suggestion, or about a rule that has
fired. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from adapters.slack import alarms, helping
from adapters.slack.acts import Asked
from adapters.slack.lines import CHOSEN, decided
from adapters.slack.names import safe_name
from bridge.commands import (
    AgentCommand,
    DeskCommand,
    DismissSuggestion,
    FalseAlarm,
    KeepAsNote,
    Recall,
    SendAgain,
    SendHeld,
    SuggestionCommand,
    ToHandoff,
    ToMessage,
    UseSuggestion,
)
from bridge.model import MessageId


@dataclass(frozen=True, slots=True)
class Button:
    """`done`: what the line says afterwards, when it has nothing more to offer; with `{by}`,
    and with `{rule}` where the value has one."""

    make: Callable[[Asked, str], AgentCommand | DeskCommand | SuggestionCommand]
    done: str = ""
    rule: Callable[[str], str] = lambda _value: ""

    def said(self, value: str, name: str) -> str:
        return decided(self.done, name, rule=self.rule(value))


def _send_held(asked: Asked, value: str) -> AgentCommand:
    return SendHeld(asked.key, asked.at, ToMessage(MessageId(value)), asked.by)


def _take_over(asked: Asked, value: str) -> AgentCommand:
    return SendHeld(asked.key, asked.at, ToMessage(MessageId(value)), asked.by, take_over=True)


def _keep_as_note(asked: Asked, value: str) -> AgentCommand:
    return KeepAsNote(asked.key, asked.at, ToMessage(MessageId(value)), asked.by)


def _join(asked: Asked, value: str) -> AgentCommand:
    return SendHeld(asked.key, asked.at, ToMessage(MessageId(value)), asked.by, join=True)


def _recall(asked: Asked, value: str) -> AgentCommand | DeskCommand:
    return Recall(asked.key, asked.at, ToMessage(MessageId(value)), asked.by)


def _use_suggestion(asked: Asked, value: str) -> SuggestionCommand:
    return UseSuggestion(asked.key, asked.at, ToMessage(MessageId(value)), asked.by)


def _dismiss(asked: Asked, value: str) -> SuggestionCommand:
    return DismissSuggestion(asked.key, asked.at, ToMessage(MessageId(value)), asked.by)


def _send_again(asked: Asked, value: str) -> AgentCommand:
    return SendAgain(asked.key, asked.at, ToMessage(MessageId(value)), asked.by)


def _false_alarm(asked: Asked, value: str) -> AgentCommand:
    handoff, firing, rule = alarms.read(value)
    return FalseAlarm(asked.key, asked.at, ToHandoff(handoff), asked.by, firing, rule)


def _rule(value: str) -> str:
    return safe_name(alarms.read(value)[2], "A rule")


BUTTONS: Mapping[str, Button] = {
    "send_held": Button(_send_held, CHOSEN["sent"]),
    "take_over_and_send": Button(_take_over, CHOSEN["sent"]),
    "join_and_send": Button(_join, CHOSEN["sent"] + ", who joined in"),
    "recall": Button(_recall, "🔒 Taken back{by}: the customer has it no more"),
    "keep_as_note": Button(_keep_as_note, CHOSEN["note"]),
    helping.USE: Button(_use_suggestion, CHOSEN["used"]),
    helping.DISMISS: Button(_dismiss, CHOSEN["dismissed"]),
    alarms.FALSE_ALARM: Button(_false_alarm, "⚡ {rule}: noted as a false alarm{by}", _rule),
    "send_again": Button(_send_again, "⚠️ Did not arrive at first, then sent again{by}"),
}
"""What is pressed about a message; everything else is a verb of the table."""
