"""Buttons: each is one command, and what came of it is told to who pressed. Pure but for the
asking.

A button's `value` is the id of what it is about: a handoff on cards and end lines, a message on the
lines about held and failed ones. The click is known by who, when and what, so that Slack may tell
of it twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.slack import ids, replies
from adapters.slack.acts import Acts, Asked, plain, refusal_of
from adapters.slack.blocks import Body
from adapters.slack.heard import Malformed
from adapters.slack.lines import settled
from adapters.slack.members import Members
from adapters.slack.names import safe_name
from adapters.slack.pickers import read_choice
from bridge.commands import (
    AgentCommand,
    Assign,
    KeepAsNote,
    Reopen,
    Resolve,
    SendAgain,
    SendHeld,
    ToHandoff,
    ToMessage,
    Wake,
)
from bridge.model import HandoffId, MessageId
from bridge.ports import Receive


@dataclass(frozen=True, slots=True)
class Click:
    action_id: str
    value: str
    user: str
    action_ts: str

    @property
    def key(self) -> str:
        return ids.click_key(self.user, self.action_ts, self.action_id)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`replace`: it takes the place of the message that was pressed; else only who pressed sees
    it."""

    body: Body
    replace: bool = False


@dataclass(frozen=True, slots=True)
class Button:
    """`done`: what the line says afterwards, when the line has nothing more to offer."""

    make: Callable[[Asked, str], AgentCommand]
    done: str = ""


def _assign_me(asked: Asked, value: str) -> AgentCommand:
    return Assign(asked.key, asked.at, ToHandoff(HandoffId(value)), asked.by, asked.by)


def _resolve(asked: Asked, value: str) -> AgentCommand:
    return Resolve(asked.key, asked.at, ToHandoff(HandoffId(value)), asked.by)


def _reopen(asked: Asked, value: str) -> AgentCommand:
    return Reopen(asked.key, asked.at, ToHandoff(HandoffId(value)), asked.by)


def _wake(asked: Asked, value: str) -> AgentCommand:
    return Wake(asked.key, asked.at, ToHandoff(HandoffId(value)), asked.by)


def _send_held(asked: Asked, value: str) -> AgentCommand:
    return SendHeld(asked.key, asked.at, ToMessage(MessageId(value)), asked.by)


def _take_over(asked: Asked, value: str) -> AgentCommand:
    return SendHeld(asked.key, asked.at, ToMessage(MessageId(value)), asked.by, take_over=True)


def _keep_as_note(asked: Asked, value: str) -> AgentCommand:
    return KeepAsNote(asked.key, asked.at, ToMessage(MessageId(value)), asked.by)


def _send_again(asked: Asked, value: str) -> AgentCommand:
    return SendAgain(asked.key, asked.at, ToMessage(MessageId(value)), asked.by)


BUTTONS: Mapping[str, Button] = {
    "assign_me": Button(_assign_me),
    "resolve": Button(_resolve),
    "reopen": Button(_reopen),
    "wake": Button(_wake),
    "send_held": Button(_send_held, "✋ Held at first, then sent by {name}"),
    "take_over_and_send": Button(_take_over, "✋ Held at first, then sent by {name}"),
    "keep_as_note": Button(_keep_as_note, "🔒 Kept as a note by {name}"),
    "send_again": Button(_send_again, "⚠️ Did not arrive at first; {name} sent it again"),
}


def read(payload: Mapping[str, Any]) -> Click:
    """The click of a block_actions payload. Raises Malformed."""
    actions, user = payload.get("actions"), payload.get("user")
    action = actions[0] if isinstance(actions, list) and actions else None
    if not isinstance(action, dict) or not isinstance(user, dict):
        raise Malformed("actions")
    fields = (action.get("action_id"), user.get("id"), action.get("action_ts"))
    if not all(isinstance(each, str) and each for each in fields) or not ids.is_ts(fields[2]):
        raise Malformed("actions")
    action_id, who, when = (str(each) for each in fields)
    return Click(action_id, str(action.get("value") or ""), who, when)


class Clicks:
    def __init__(self, receive: Receive, acts: Acts, members: Members) -> None:
        self._receive = receive
        self._acts = acts
        self._members = members

    async def press(self, click: Click) -> Outcome | None:
        """None: nothing to say, the card will show it. Raises MembershipUnknown and StoreError."""
        choice = read_choice(click.action_id, click.value)
        button = BUTTONS.get(click.action_id)
        if choice is None and button is None:
            return None
        by = await self._members.agent(click.user)
        if not by.member:
            return Outcome(plain(replies.NOT_MEMBER))
        asked = Asked(click.key, ids.micros_of(click.action_ts), by)
        if choice is not None:
            return Outcome(await self._acts.choose(asked, choice), replace=True)
        return await self._do(asked, button, click.value) if button else None

    async def _do(self, asked: Asked, button: Button, value: str) -> Outcome | None:
        refused = refusal_of(await self._receive(button.make(asked, value)))
        if refused is not None:
            return Outcome(plain(replies.refusal(refused)))
        if not button.done:
            return None
        return Outcome(settled(button.done.format(name=safe_name(asked.by.name))), replace=True)
