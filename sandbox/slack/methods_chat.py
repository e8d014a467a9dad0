"""chat.* methods."""

import re
from types import MappingProxyType
from typing import Any

import orjson

from sandbox.slack import posting
from sandbox.slack.authorship import app_message, customise, fill_block_ids
from sandbox.slack.config import Json
from sandbox.slack.core import Sandbox
from sandbox.slack.errors import SlackError
from sandbox.slack.limits import check_blocks
from sandbox.slack.method import Method, channel_of, message_of, must_be_member
from sandbox.slack.model import Channel, Message
from sandbox.slack.render import message_json
from sandbox.slack.textcode import link_names, settle
from sandbox.slack.wire import Call

SPLIT_OVER = 4_040
SPLIT_INTO = 4_000
TRUNCATE_OVER = 40_000
MOST_ATTACHMENTS = 100
UPDATE_MAX = 4_000
METADATA_BYTES = 16_384
TS = re.compile(r"^\d{10}\.\d{6}$")
EVENT_TYPE = re.compile(r"^[A-Za-z0-9_.-]{1,255}$")
NO_TEXT = "This content can't be displayed."


def post_message(box: Sandbox, call: Call) -> Json:
    """Post a message. Long text without blocks becomes several messages, of which one is told."""
    channel = channel_of(box, call)
    _may_post(box, channel)
    text, blocks, attachments = _content(box, call)
    metadata = _metadata(call)
    thread_ts = _thread_ts(call)
    parts = _split(text, whole=bool(blocks or attachments))
    first: Message | None = None
    for part in parts:
        draft = app_message(box.workspace, channel, part, blocks)
        draft.attachments, draft.thread_ts = attachments, thread_ts
        _dress(box, call, draft)
        draft.metadata = metadata if first is None else None
        sent = posting.post(box.workspace, channel, draft)
        first = first or sent
    assert first is not None  # noqa: S101 - _split never answers an empty list
    _tell_metadata(box, channel, first)
    return {"channel": channel.id, "ts": first.ts, "message": message_json(box.workspace, first)}


def _may_post(box: Sandbox, channel: Channel) -> None:
    if channel.is_archived:
        raise SlackError("is_archived")
    public = not channel.is_private and box.subscriptions.has("chat:write.public")
    if box.workspace.app.bot_user not in channel.members and not public:
        raise SlackError("not_in_channel")


def _dress(box: Sandbox, call: Call, draft: Message) -> None:
    """Name and picture (ignored without chat:write.customize), and the reply shown in channel."""
    if call.flag("reply_broadcast"):
        draft.broadcast, draft.subtype = True, "thread_broadcast"
    if not box.subscriptions.has("chat:write.customize"):
        return
    icons: Json | None = None
    emoji, url = call.text("icon_emoji"), call.text("icon_url")
    if emoji:
        icons = {"emoji": f":{emoji.strip(':')}:"}
    elif url:
        icons = {"image_36": url, "image_48": url, "image_72": url}
    customise(draft, call.text("username"), icons)


def _content(box: Sandbox, call: Call) -> tuple[str, list[Json] | None, list[Json] | None]:
    """The text as stored, checked blocks, attachments; `no_text` without all three."""
    blocks = blocks_of(box, call)
    attachments = call.json("attachments", "invalid_attachments_format") or None
    raw = call.args.get("text")
    if not isinstance(raw, (str, int, float, type(None))):
        raise SlackError("invalid_arguments", messages=["must be a string [json-pointer:/text]"])
    text = "" if raw is None else str(raw)
    if not text.strip() and not blocks and not attachments:
        raise SlackError("no_text")
    if attachments is not None and len(attachments) > MOST_ATTACHMENTS:
        raise SlackError("too_many_attachments")
    text = stored_text(box, call, text[:TRUNCATE_OVER])
    return text or (NO_TEXT if blocks else ""), blocks, attachments


def stored_text(box: Sandbox, call: Call, text: str) -> str:
    """The text as the workspace keeps it, with names linked where the call asks for it."""
    parse = call.text("parse")
    linked = settle(text, link=parse != "none")
    if parse == "full" or call.flag("link_names"):
        linked = link_names(box.workspace, linked)
    return linked


def blocks_of(box: Sandbox, call: Call) -> list[Json] | None:
    """The `blocks` argument, checked and with ids; None when there is none."""
    blocks = call.json("blocks", "invalid_blocks_format")
    if not blocks:
        return None
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    if box.config.validate:
        refuse(box, call, check_blocks(blocks), "invalid_blocks")
    return fill_block_ids(box.workspace, blocks)


def refuse(box: Sandbox, call: Call, problems: list[str], error: str) -> None:
    """Record violations of Slack's limits and answer them; nothing when there are none."""
    if problems:
        entry = {"method": call.method, "problems": problems, "args": call.args}
        box.violations.add(entry)
        raise SlackError(error, errors=problems, messages=problems)


def _metadata(call: Call) -> Json | None:
    metadata: Any = call.json("metadata", "invalid_metadata_format")
    if metadata is None:
        return None
    if not isinstance(metadata, dict):
        raise SlackError("invalid_metadata_format")
    kind, payload = metadata.get("event_type"), metadata.get("event_payload")
    if not isinstance(kind, str) or not EVENT_TYPE.match(kind) or not isinstance(payload, dict):
        raise SlackError("invalid_metadata_schema")
    if len(orjson.dumps(payload)) > METADATA_BYTES:
        raise SlackError("metadata_too_large")
    return {"event_type": kind, "event_payload": payload}


def _thread_ts(call: Call) -> str | None:
    """The ts of the wanted thread; whether there is such a thread is not asked (as in Slack)."""
    value = call.args.get("thread_ts")
    if value is None:
        return None
    if not TS.match(str(value)):
        raise SlackError("invalid_thread_ts")
    return str(value)


def _split(text: str, *, whole: bool) -> list[str]:
    if whole or len(text) <= SPLIT_OVER:
        return [text]
    return [text[start : start + SPLIT_INTO] for start in range(0, len(text), SPLIT_INTO)]


def _tell_metadata(box: Sandbox, channel: Channel, message: Message) -> None:
    if message.metadata is None:
        return
    app = box.workspace.app
    event: Json = {
        "type": "message_metadata_posted", "app_id": app.id, "bot_id": app.bot_id,
        "user_id": app.bot_user, "team_id": box.workspace.team.id, "channel_id": channel.id,
        "metadata": message.metadata, "message_ts": message.ts, "event_ts": message.ts,
    }  # fmt: skip
    box.workspace.emit(event, channel)


def update(box: Sandbox, call: Call) -> Json:
    """Change one of the app's messages. Text without blocks removes the blocks."""
    channel = channel_of(box, call)
    message = message_of(channel, call.need("ts"))
    if message.bot_id != box.workspace.app.bot_id:
        raise SlackError("cant_update_message")
    if len(call.text("text") or "") > UPDATE_MAX:
        raise SlackError("msg_too_long")
    text, blocks, attachments = _content(box, call)
    metadata = _metadata(call)

    def change(target: Message) -> None:
        target.text, target.blocks, target.attachments = text, blocks, attachments
        target.metadata = metadata or target.metadata

    posting.edit(box.workspace, message, change, mark=None if blocks else box.workspace.app.bot_id)
    shown = message_json(box.workspace, message)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": shown}


def delete(box: Sandbox, call: Call) -> Json:
    """Delete one of the app's messages."""
    channel = channel_of(box, call)
    message = message_of(channel, call.need("ts"))
    if message.bot_id != box.workspace.app.bot_id:
        raise SlackError("cant_delete_message")
    posting.delete(box.workspace, message)
    return {"channel": channel.id, "ts": message.ts}


def post_ephemeral(box: Sandbox, call: Call) -> Json:
    """Show a message to one member; inside a thread only if the thread has replies."""
    channel = channel_of(box, call)
    _may_post(box, channel)
    user = call.need("user")
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    text, blocks, attachments = _content(box, call)
    thread_ts = _thread_ts(call)
    draft = app_message(box.workspace, channel, text, blocks)
    draft.attachments, draft.thread_ts = attachments, thread_ts
    _dress(box, call, draft)
    root = posting.thread_root(channel, thread_ts)
    if thread_ts is None or (root is not None and root.replies):
        posting.post_ephemeral(box.workspace, channel, user, draft)
    return {"message_ts": draft.ts}


def get_permalink(box: Sandbox, call: Call) -> Json:
    """The address of a message."""
    channel = channel_of(box, call)
    message = message_of(channel, call.need("message_ts"))
    link = f"{box.workspace.base_url}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def me_message(box: Sandbox, call: Call) -> Json:
    """A `/me` message of the app."""
    channel = channel_of(box, call)
    must_be_member(box, channel)
    draft = app_message(box.workspace, channel, settle(call.need("text")))
    draft.subtype = "me_message"
    posting.post(box.workspace, channel, draft)
    return {"channel": channel.id, "ts": draft.ts}


METHODS = MappingProxyType(
    {
        "chat.postMessage": Method(post_message, ("chat:write",)),
        "chat.update": Method(update, ("chat:write",)),
        "chat.delete": Method(delete, ("chat:write",)),
        "chat.postEphemeral": Method(post_ephemeral, ("chat:write",)),
        "chat.getPermalink": Method(get_permalink),
        "chat.meMessage": Method(me_message, ("chat:write",)),
    }
)
