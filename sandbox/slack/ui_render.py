"""Messages, people and channels as the workspace's own page shows them; addresses are relative."""

from bisect import bisect_right

from sandbox.slack.config import Json
from sandbox.slack.model import Channel, File, Message, User
from sandbox.slack.workspace import Workspace


def client_message(workspace: Workspace, message: Message) -> Json:
    """A message for the page."""
    hidden = message.tombstone
    name, avatar, emoji = _face(workspace, message)
    return {
        "ts": message.ts,
        "thread_ts": message.thread_ts,
        "channel": message.channel,
        "user": message.user,
        "bot_id": message.bot_id,
        "username": name,
        "avatar": avatar,
        "icon_emoji": emoji,
        "subtype": "tombstone" if hidden else message.subtype,
        "text": "This message was deleted." if hidden else message.text,
        "blocks": None if hidden else message.blocks,
        "files": []
        if hidden
        else [client_file(file) for file in message.files or () if not file.deleted],
        "reactions": [
            {"name": key, "users": users} for key, users in (message.reactions or {}).items()
        ],
        "edited": message.edited is not None and not hidden,
        "reply_count": len(message.replies or ()),
        "latest_reply": message.replies[-1] if message.replies else None,
        "reply_users": list(message.reply_users or ()),
        "deleted": message.deleted,
        "ephemeral": message.ephemeral_to is not None,
        "broadcast": message.broadcast,
    }


def _face(workspace: Workspace, message: Message) -> tuple[str, str | None, str | None]:
    """Name, avatar and icon emoji of the author."""
    icons = message.icons or {}
    if message.bot_id is None:
        author = workspace.users.get(message.user or "")
        return (author.display_name if author else "Unknown"), f"avatars/{message.user}.svg", None
    name = message.username or workspace.app.name
    emoji = icons.get("emoji")
    picture = icons.get("image_72") or f"avatars/{workspace.app.bot_user}.svg"
    return name, (None if emoji else picture), emoji


def client_file(file: File) -> Json:
    """A file for the page; its address works without a token."""
    address = f"ui/file/{file.id}/{file.name}"
    return {
        "id": file.id, "name": file.name, "mimetype": file.mimetype, "size": file.size,
        "url": address,
    }  # fmt: skip


def client_user(user: User) -> Json:
    """A person for the page."""
    return {
        "id": user.id, "name": user.display_name, "real_name": user.real_name,
        "avatar": f"avatars/{user.id}.svg", "color": user.color, "is_bot": user.is_bot,
        "is_guest": user.is_restricted, "is_admin": user.is_admin, "is_stranger": user.is_stranger,
        "presence": user.presence, "title": user.title,
    }  # fmt: skip


def client_channel(workspace: Workspace, channel: Channel, user: str) -> Json:
    """A channel for the page, with what the person has not read."""
    read = channel.last_read.get(user, "")
    mentions = channel.mentions.get(user, [])
    return {
        "id": channel.id, "name": _title(workspace, channel), "is_private": channel.is_private,
        "is_im": channel.im_user is not None, "is_archived": channel.is_archived,
        "topic": channel.topic, "members": list(channel.members),
        "unread": len(channel.timeline) - bisect_right(channel.timeline, read),
        "mentions": len(mentions) - bisect_right(mentions, read),
    }  # fmt: skip


def _title(workspace: Workspace, channel: Channel) -> str:
    return workspace.app.name if channel.im_user is not None else channel.name


def plain(block: Json) -> str:
    """The words of a block, as a desktop notification shows its first one."""
    if block.get("type") == "rich_text":
        return "".join(_rich(element) for element in block.get("elements", ()))
    text = block.get("text")
    if isinstance(text, dict):
        return str(text.get("text", ""))
    words = [str(e["text"]) for e in block.get("elements", ()) if isinstance(e.get("text"), str)]
    return " ".join(words)


def _rich(element: Json) -> str:
    inner = element.get("elements")
    if isinstance(inner, list):
        return "".join(_rich(child) for child in inner)
    if element.get("type") == "emoji":
        return f":{element.get('name')}:"
    return str(element.get("text") or element.get("url") or "")
