"""What people do in channels: write, edit, delete, react, upload, join."""

import uuid

from sandbox.slack import interact, membership, posting
from sandbox.slack.config import Json
from sandbox.slack.core import Sandbox
from sandbox.slack.emoji import canonical
from sandbox.slack.errors import ClientError
from sandbox.slack.model import Channel, File, Message
from sandbox.slack.textcode import encode
from sandbox.slack.ui_render import client_channel
from sandbox.slack.uploads import tell_shared

LONGEST = 12_000


def person(box: Sandbox, body: Json) -> str:
    """The acting person's id; ClientError for a stranger to the workspace."""
    user = str(body.get("as", ""))
    if user not in box.workspace.users:
        raise ClientError("Who are you?")
    return user


def open_channel(box: Sandbox, user: str, channel_id: object) -> Channel:
    """A channel the person is in; ClientError otherwise."""
    channel = box.workspace.channels.get(str(channel_id))
    if channel is None or user not in channel.members:
        raise ClientError("You are not in this channel.")
    return channel


async def send_message(box: Sandbox, body: Json) -> Json:
    """What the composer sends: a command, or a message."""
    user = person(box, body)
    channel = open_channel(box, user, body.get("channel"))
    typed = str(body.get("text") or "")
    if typed.startswith("/"):
        return await _slash(box, user, channel, typed, in_thread=bool(body.get("thread_ts")))
    if channel.im_user is not None and box.workspace.app.read_only:
        raise ClientError("Sending messages to this app has been turned off.")
    files = [box.workspace.files[str(file_id)] for file_id in body.get("files") or ()]
    if channel.is_archived:
        raise ClientError("This channel is archived.")
    if not typed.strip() and not files:
        raise ClientError("There is nothing to send.")
    if len(typed) > LONGEST:
        raise ClientError("Your message is too long.")
    message = _write(box, channel, user, body, files)
    return {"ts": message.ts}


async def _slash(box: Sandbox, user: str, channel: Channel, typed: str, *, in_thread: bool) -> Json:
    name = typed.partition(" ")[0]
    if name == "/me" and len(typed) > len("/me "):
        posting.post(box.workspace, channel, _draft(box, channel, user, typed[4:], "me_message"))
        return {}
    if in_thread and interact.known_command(box, name) is not None:
        raise ClientError(f"{name} is not supported in threads. Sorry!")
    await interact.run_command(box, user, channel, typed)
    return {}


def _draft(box: Sandbox, channel: Channel, user: str, typed: str, subtype: str | None) -> Message:
    encoded = encode(box.workspace, typed.strip())
    stamp = box.workspace.next_ts(channel)
    draft = Message(stamp, channel.id, encoded.text, user=user, subtype=subtype)
    draft.blocks = encoded.blocks or None
    draft.client_msg_id = str(uuid.uuid4())
    return draft


def _write(box: Sandbox, channel: Channel, user: str, body: Json, files: list[File]) -> Message:
    """Post a person's message, with its files, in channel or thread."""
    typed = str(body.get("text") or "")
    broadcast = bool(body.get("broadcast"))
    subtype = "file_share" if files else "thread_broadcast" if broadcast else None
    draft = _draft(box, channel, user, typed, subtype)
    draft.thread_ts, draft.broadcast = body.get("thread_ts"), broadcast
    draft.files = files or None
    channel.last_read[user] = draft.ts
    message = posting.post(box.workspace, channel, draft)
    tell_shared(box.workspace, channel, files)
    return message


def _message(box: Sandbox, body: Json, *, own: bool) -> tuple[str, Message]:
    user = person(box, body)
    open_channel(box, user, body.get("channel"))
    message = box.workspace.message(str(body.get("channel")), str(body.get("ts")))
    if message is None:
        raise ClientError("This message is gone.")
    if own and message.user != user:
        raise ClientError("You can change your own messages only.")
    return user, message


def edit(box: Sandbox, body: Json) -> Json:
    """Change one's own message."""
    user, message = _message(box, body, own=True)
    encoded = encode(box.workspace, str(body.get("text") or "").strip())
    if not encoded.text and not message.files:
        raise ClientError("There is nothing to save.")

    def change(target: Message) -> None:
        target.text, target.blocks = encoded.text, encoded.blocks or None

    posting.edit(box.workspace, message, change, mark=user)
    return {}


def delete(box: Sandbox, body: Json) -> Json:
    """Delete one's own message; an admin deletes anybody's."""
    admin = box.workspace.users[person(box, body)].is_admin
    _, message = _message(box, body, own=not admin)
    posting.delete(box.workspace, message)
    return {}


def react(box: Sandbox, body: Json) -> Json:
    """Add or take back one's reaction."""
    user, message = _message(box, body, own=False)
    name = canonical(str(body.get("name", "")))
    if name is None:
        raise ClientError("There is no such emoji.")
    posting.react(box.workspace, message, user, name, on=bool(body.get("on", True)))
    return {}


def join(box: Sandbox, body: Json) -> Json:
    """Join (or with `on: false` leave) a channel."""
    user = person(box, body)
    channel = box.workspace.channels.get(str(body.get("channel")))
    if channel is None:
        raise ClientError("There is no such channel.")
    change = membership.join if body.get("on", True) else membership.leave
    change(box.workspace, channel, user)
    return {}


def read(box: Sandbox, body: Json) -> Json:
    """Mark a channel as read up to now."""
    user = person(box, body)
    channel = open_channel(box, user, body.get("channel"))
    mark_read(channel, user)
    return {}


def mark_read(channel: Channel, user: str) -> None:
    """Everything in the channel is read by this person."""
    latest = channel.last_micros
    channel.last_read[user] = f"{latest // 1_000_000}.{latest % 1_000_000:06d}"


def presence(box: Sandbox, body: Json) -> Json:
    """Be active or away."""
    wanted = body.get("presence")
    if wanted not in {"active", "away"}:
        raise ClientError("Presence is active or away.")
    membership.set_presence(box.workspace, box.workspace.users[person(box, body)], wanted)
    return {}


def open_home(box: Sandbox, body: Json) -> Json:
    """Open the app's Home tab: the app is told by `app_home_opened`."""
    user = person(box, body)
    im = box.workspace.im_with(user)
    event: Json = {
        "type": "app_home_opened", "user": user, "channel": im.id,
        "tab": body.get("tab", "home"), "event_ts": box.workspace.next_ts(im),
    }  # fmt: skip
    view = box.views.home(user)
    if view is not None:
        event["view"] = view
    box.workspace.emit(event, None)
    return {"channel": client_channel(box.workspace, im, user)}
