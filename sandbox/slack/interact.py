"""A person's commands, clicks, shortcuts and menu look-ups, sent to the app as Slack sends them."""

from typing import Any

import orjson

from sandbox.slack import payloads
from sandbox.slack.config import Json
from sandbox.slack.core import Sandbox
from sandbox.slack.errors import ClientError, SlackError
from sandbox.slack.hooks import answered
from sandbox.slack.model import Channel, Message
from sandbox.slack.notify import MENTION
from sandbox.slack.outgoing import Reply
from sandbox.slack.textcode import encode

NOT_A_COMMAND = (
    '{name} is not a valid command. In Slack, all messages that start with the "/" character are '
    "interpreted as commands. If you are trying to send a message and not run a command, try "
    'preceding the "/" with an empty space.'
)
LATE = "{app} took too long to respond. Try again? (operation_timeout)"
TROUBLE = "We had some trouble connecting. Try again? ({reason})"


def known_command(box: Sandbox, name: str) -> Json | None:
    """The command's manifest entry; without a manifest every `/word` is one of the app's."""
    for command in box.subscriptions.commands:
        if command["command"] == name:
            return command
    if box.config.manifest is None and name[1:].replace("-", "").replace("_", "").isalnum():
        return {"command": name}
    return None


async def run_command(box: Sandbox, user: str, channel: Channel, typed: str) -> None:
    """Send a slash command and show its answer; ClientError with what Slack would show."""
    name, _, rest = typed.partition(" ")
    command = known_command(box, name)
    if command is None:
        raise ClientError(NOT_A_COMMAND.format(name=name))
    text = rest.strip()
    if command.get("should_escape"):
        text = _escaped(box, text)
    fields = _command_fields(box, user, channel, name, text)
    reply = await box.delivery.request(fields, "command", name)
    if not reply.accepted:
        raise ClientError(f'{name} failed with the error "{failure(reply)}"')
    body = _command_answer(reply)
    if body:
        _show(box, channel, user, name, body)


def _escaped(box: Sandbox, text: str) -> str:
    """Names as `<@U…|name>`: commands carry the name too, messages do not."""
    users = box.workspace.users
    encoded = encode(box.workspace, text).text
    return MENTION.sub(
        lambda m: f"<@{m[1]}|{users[m[1]].name}>" if m[1] in users else m[0], encoded
    )


def _command_fields(
    box: Sandbox, user: str, channel: Channel, name: str, text: str
) -> dict[str, str]:
    workspace = box.workspace
    return {
        "token": box.config.verification_token, "team_id": workspace.team.id,
        "team_domain": workspace.team.domain, "channel_id": channel.id,
        "channel_name": payloads.channel_ref(channel)["name"], "user_id": user,
        "user_name": workspace.users[user].name, "command": name, "text": text,
        "api_app_id": workspace.app.id, "is_enterprise_install": "false",
        "response_url": box.hooks.new("commands", user, channel.id),
        "trigger_id": box.triggers.new(user),
    }  # fmt: skip


def _command_answer(reply: Reply) -> Json | None:
    text = reply.body.decode(errors="replace").strip()
    if not text:
        return None
    if reply.content_type != "application/json":
        return {"text": text}
    parsed: Any = read_json(reply.body)
    return parsed if isinstance(parsed, dict) else {"text": text}


def _show(box: Sandbox, channel: Channel, user: str, name: str, body: Json) -> None:
    try:
        answered(box.workspace, channel, user, body)
    except SlackError as error:
        if error.error != "no_text":
            box.violations.add({"method": name, "problems": error.messages, "args": body})
            raise ClientError(f'{name} failed with the error "invalid_command_response"') from None


def failure(reply: Reply) -> str:
    """The name Slack gives to an answer that did not come or was not 2xx."""
    if reply.failure == "http_timeout":
        return "operation_timeout"
    return "dispatch_failed" if reply.status == 0 else "http_service_error"


def read_json(body: bytes) -> Any:
    """The JSON in an answer; None for none or broken."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


async def send(box: Sandbox, payload: Json) -> Reply:
    """Send an interaction payload; ClientError when the app does not take it."""
    fields = {"payload": orjson.dumps(payload).decode()}
    reply = await box.delivery.request(fields, payload["type"], _label(payload))
    if not reply.accepted:
        late = reply.failure == "http_timeout"
        words = LATE.format(app=box.workspace.app.name) if late else TROUBLE
        raise ClientError(words.format(reason=failure(reply)))
    return reply


def _label(payload: Json) -> str:
    actions = payload.get("actions") or [{}]
    view = payload.get("view") or {}
    label = payload.get("callback_id") or actions[0].get("action_id") or view.get("callback_id")
    return str(label or payload.get("action_id") or "")


def seen_message(box: Sandbox, user: str, channel_id: str, ts: str) -> Message:
    """The message (or this person's ephemeral one) that they see there."""
    channel = box.workspace.channels.get(channel_id)
    found = channel.ephemerals.get((user, ts)) if channel else None
    found = found or box.workspace.message(channel_id, ts)
    if found is None:
        raise ClientError("This message is gone.")
    return found


def _element(blocks: list[Json] | None, body: Json) -> tuple[str, Json]:
    found = payloads.find_element(blocks or [], body.get("block_id"), str(body["action_id"]))
    if found is None:
        raise ClientError("This control is not there any more.")
    return found


async def act(box: Sandbox, user: str, body: Json) -> None:
    """A click or choice in a message, modal or Home tab (block_actions)."""
    payload = payloads.base(box, "block_actions", user)
    if body.get("view_id"):
        element = _act_in_view(box, user, body, payload)
    else:
        message = seen_message(box, user, str(body.get("channel")), str(body.get("ts")))
        element = _act_in_message(box, user, body, payload, message)
    block_id, part = element
    action = payloads.complete_action(box, block_id, part, body.get("action") or {})
    payload["actions"] = [action]
    keys = payloads.STATE_KEYS.get(part["type"])
    if keys is not None:
        values = payload["state"]["values"].setdefault(block_id, {})
        values[part["action_id"]] = {"type": part["type"], keys[0]: action.get(keys[0])}
    await send(box, payload)


def _act_in_view(box: Sandbox, user: str, body: Json, payload: Json) -> tuple[str, Json]:
    view = box.views.find(str(body["view_id"]))
    if view is None:
        raise ClientError("This view is gone.")
    view["state"]["values"] = merged_values(view, body.get("values"))
    payload |= payloads.in_view(view)
    payload["state"] = view["state"]
    payload["trigger_id"] = box.triggers.new(user, view["id"])
    return _element(view["blocks"], body)


def merged_values(view: Json, typed: Json | None) -> Json:
    """The state of a view: initial values, then what was known, then what the client sends."""
    values: Json = payloads.state_values(view["blocks"])
    for source in (view["state"]["values"], typed or {}):
        for block_id, entries in source.items():
            values.setdefault(block_id, {}).update(entries)
    return values


def _act_in_message(
    box: Sandbox, user: str, body: Json, payload: Json, message: Message
) -> tuple[str, Json]:
    found = _element(message.blocks, body)
    payload |= payloads.in_message(box, message)
    values = payloads.state_values(message.blocks or [])
    payload["state"] = {"values": values}
    payload["response_url"] = box.hooks.new("actions", user, message.channel, message)
    payload["trigger_id"] = box.triggers.new(user)
    return found


async def shortcut(box: Sandbox, user: str, body: Json) -> None:
    """A message shortcut (with channel and ts) or a global one."""
    message_ts = body.get("ts")
    payload = payloads.base(box, "message_action" if message_ts else "shortcut", user)
    payload["callback_id"] = str(body["callback_id"])
    payload["action_ts"] = f"{box.config.clock.time():.6f}"
    payload["trigger_id"] = box.triggers.new(user)
    if message_ts:
        message = seen_message(box, user, str(body.get("channel")), str(message_ts))
        place = payloads.in_message(box, message)
        payload |= {"channel": place["channel"], "message": place.get("message", {})}
        payload["message_ts"] = message.ts
        payload["response_url"] = box.hooks.new("actions", user, message.channel, message)
    await send(box, payload)


async def options(box: Sandbox, user: str, body: Json) -> Json:
    """What an external menu offers for what was typed (block_suggestion)."""
    payload = payloads.base(box, "block_suggestion", user)
    if body.get("view_id"):
        view = box.views.find(str(body["view_id"]))
        if view is None:
            raise ClientError("This view is gone.")
        payload |= payloads.in_view(view)
    else:
        message = seen_message(box, user, str(body.get("channel")), str(body.get("ts")))
        payload |= payloads.in_message(box, message)
    payload |= {key: str(body.get(key, "")) for key in ("block_id", "action_id", "value")}
    reply = await send(box, payload)
    answer = read_json(reply.body)
    if not isinstance(answer, dict) or not ({"options", "option_groups"} & set(answer)):
        raise ClientError("No results could be loaded.")
    return {"options": answer.get("options") or [], "option_groups": answer.get("option_groups")}
