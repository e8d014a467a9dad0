"""Interaction payloads: what the app is sent when a person clicks, submits or picks."""

from typing import Any

from sandbox.slack.config import Json
from sandbox.slack.core import Sandbox
from sandbox.slack.model import Channel, Message
from sandbox.slack.render import message_json

OPTION_KEYS = ("selected_option", "selected_options")
STATE_KEYS = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "channels_select": ("selected_channel", "initial_channel"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
}


def base(box: Sandbox, kind: str, user: str) -> Json:
    """The fields that every payload has."""
    workspace = box.workspace
    person = workspace.users[user]
    return {
        "type": kind,
        "team": {"id": workspace.team.id, "domain": workspace.team.domain},
        "user": {"id": user, "username": person.name, "name": person.name,
                 "team_id": person.team_id},
        "api_app_id": workspace.app.id,
        "token": box.config.verification_token,
        "is_enterprise_install": False,
        "enterprise": None,
    }  # fmt: skip


def channel_ref(channel: Channel) -> Json:
    """A channel as payloads name it."""
    names = {"group": "privategroup", "im": "directmessage"}
    return {"id": channel.id, "name": names.get(channel.kind, channel.name)}


def in_message(box: Sandbox, message: Message) -> Json:
    """`container`, `channel` and `message` of an interaction with a message."""
    channel = box.workspace.channels[message.channel]
    ephemeral = message.ephemeral_to is not None
    container: Json = {
        "type": "message", "message_ts": message.ts, "channel_id": channel.id,
        "is_ephemeral": ephemeral,
    }  # fmt: skip
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    out: Json = {"container": container, "channel": channel_ref(channel)}
    if not ephemeral:
        out["message"] = message_json(box.workspace, message)
    return out


def in_view(view: Json) -> Json:
    """`container` and `view` of an interaction with a modal or Home tab."""
    return {"container": {"type": "view", "view_id": view["id"]}, "view": view}


def find_element(
    blocks: list[Json], block_id: str | None, action_id: str
) -> tuple[str, Json] | None:
    """The block_id and element with that action_id (in that block, when one is named)."""
    for block in blocks:
        if block_id and block.get("block_id") != block_id:
            continue
        parts = [block.get("accessory"), block.get("element"), *block.get("elements", [])]
        for part in parts:
            if isinstance(part, dict) and part.get("action_id") == action_id:
                return str(block.get("block_id")), part
    return None


def complete_action(box: Sandbox, block_id: str, element: Json, given: Json) -> Json:
    """An entry of `actions[]`: what the person chose, with what the element itself says."""
    stamp = f"{box.config.clock.time():.6f}"
    kind = element["type"]
    out: Json = {"type": kind, "action_id": element["action_id"], "block_id": block_id}
    for key in ("text", "value", "style", "placeholder"):
        if key in element:
            out[key] = element[key]
    out |= {key: value for key, value in given.items() if key not in {"type", "option"}}
    option = given.get("option")
    if option is not None:
        out["selected_option"] = option_with_value(element, str(option))
    out["action_ts"] = stamp
    return out


def option_with_value(element: Json, value: str) -> Json:
    """The option of a menu that has this value (an option made of it when none has)."""
    groups = element.get("option_groups") or [{"options": element.get("options") or []}]
    for group in groups:
        for option in group["options"]:
            if option.get("value") == value:
                found: Json = option
                return found
    return {"text": {"type": "plain_text", "text": value}, "value": value}


def state_values(blocks: list[Json]) -> dict[str, dict[str, Json]]:
    """What `state.values` holds before anybody touched anything: the initial values."""
    values: dict[str, dict[str, Json]] = {}
    for block in blocks:
        parts = [block.get("accessory"), block.get("element"), *block.get("elements", [])]
        for part in parts:
            entry = _initial(part)
            if entry is not None:
                values.setdefault(block.get("block_id", ""), {})[part["action_id"]] = entry
    return values


def _initial(part: Any) -> Json | None:
    if not isinstance(part, dict) or "action_id" not in part:
        return None
    keys = STATE_KEYS.get(part.get("type", ""))
    if keys is None:
        return None
    empty: Any = [] if keys[0].endswith("s") and "options" in keys[0] else None
    return {"type": part["type"], keys[0]: part.get(keys[1], empty)}
