"""What somebody has pressed, as Slack tells it. What is done about it is in `clicks.py`. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapters.slack import ids
from adapters.slack.heard import Malformed


@dataclass(frozen=True, slots=True)
class Click:
    """`on`: where it was pressed: a message, a modal, the Home tab; `block`: the row of it;
    `blocks`: of the message, all of them."""

    action_id: str
    value: str
    user: str
    action_ts: str
    trigger: str = ""
    on: str = "message"
    view: str = ""
    block: str = ""
    blocks: tuple[Mapping[str, Any], ...] = ()

    @property
    def key(self) -> str:
        return ids.click_key(self.user, self.action_ts, self.action_id)


def read(payload: Mapping[str, Any]) -> Click:
    """The click of a block_actions payload. Raises Malformed."""
    pressed, user = payload.get("actions"), payload.get("user")
    action = pressed[0] if isinstance(pressed, list) and pressed else None
    if not isinstance(action, dict) or not isinstance(user, dict):
        raise Malformed("actions")
    fields = (action.get("action_id"), user.get("id"), action.get("action_ts"))
    if not all(isinstance(each, str) and each for each in fields) or not ids.is_ts(fields[2]):
        raise Malformed("actions")
    action_id, who, when = (str(each) for each in fields)
    view = payload.get("view")
    shown: Mapping[str, Any] = view if isinstance(view, dict) else {}
    return Click(
        action_id,
        _value(action),
        who,
        when,
        str(payload.get("trigger_id") or ""),
        str(shown.get("type") or "message"),
        str(shown.get("id") or ""),
        str(action.get("block_id") or ""),
        _blocks(payload.get("message")),
    )


def _blocks(message: object) -> tuple[Mapping[str, Any], ...]:
    blocks = message.get("blocks") if isinstance(message, dict) else ()
    return tuple(each for each in blocks or () if isinstance(each, dict))


def _value(action: Mapping[str, Any]) -> str:
    chosen = action.get("selected_option")
    return str((chosen if isinstance(chosen, dict) else action).get("value") or "")
