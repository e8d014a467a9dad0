"""Who gets a desktop notification: mentions, direct messages, and threads one takes part in."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from sandbox.slack.config import Json
from sandbox.slack.model import Channel, Message
from sandbox.slack.ui_render import plain
from sandbox.slack.workspace import Workspace

MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
GROUP = re.compile(r"<!subteam\^(S[A-Z0-9]+)(?:\|[^>]*)?>")
EVERYBODY = re.compile(r"<!(?:here|channel|everyone)(?:\|[^>]*)?>")


def mentioned(workspace: Workspace, channel: Channel, message: Message) -> frozenset[str]:
    """The members that a message's text or rich text mentions, as far as it is remembered."""
    if message.mentions is None:
        message.mentions = _mentioned(workspace, channel, message)
    return message.mentions


def _mentioned(workspace: Workspace, channel: Channel, message: Message) -> frozenset[str]:
    words = "\n".join([message.text, *_markup(message.blocks)])
    if "<" not in words:
        return frozenset()
    found = set(MENTION.findall(words))
    for group_id in GROUP.findall(words):
        group = workspace.groups.get(group_id)
        found.update(group.users if group else ())
    if EVERYBODY.search(words):
        found.update(channel.members)
    return frozenset(user for user in found if user in channel.members)


def _markup(value: object) -> list[str]:
    """Every mention inside blocks, written as mrkdwn."""
    words: list[str] = []
    open_ends = [value]
    while open_ends:
        part = open_ends.pop()
        if isinstance(part, list):
            open_ends += part
        elif isinstance(part, dict):
            mark = MARKS.get(part.get("type", ""))
            if mark is not None:
                words.append(mark(part))
            else:
                open_ends += [inner for inner in part.values() if isinstance(inner, (list, dict))]
    return words


MARKS: Mapping[str, Callable[[Json], str]] = MappingProxyType(
    {
        "user": lambda part: f"<@{part.get('user_id')}>",
        "usergroup": lambda part: f"<!subteam^{part.get('usergroup_id')}>",
        "broadcast": lambda part: f"<!{part.get('range')}>",
        "mrkdwn": lambda part: str(part.get("text", "")),
    }
)


def notify(workspace: Workspace, channel: Channel, message: Message, root: Message | None) -> None:
    """Count mentions and tell the clients of those whom Slack would notify."""
    named = mentioned(workspace, channel, message)
    for user in named:
        channel.mentions.setdefault(user, []).append(message.ts)
    targets = set(named) | _followers(workspace, channel, root)
    if channel.im_user is not None:
        targets |= {channel.im_user}
    targets -= {message.user or "", workspace.app.bot_user}
    for user in targets:
        _push(workspace, channel, message, user)


def _followers(workspace: Workspace, channel: Channel, root: Message | None) -> set[str]:
    """Who wrote in the thread or was mentioned by its root."""
    if root is None:
        return set()
    writers = {root.user or "", *(root.reply_users or ())}
    people = {user for user in writers if user in workspace.users}
    return people | mentioned(workspace, channel, root)


def follows(workspace: Workspace, root: Message, user: str) -> bool:
    """True when a thread with replies is one of this person's."""
    channel = workspace.channels[root.channel]
    return bool(root.replies) and user in _followers(workspace, channel, root)


def _push(workspace: Workspace, channel: Channel, message: Message, user: str) -> None:
    def render() -> Json:
        where = "Direct message" if channel.im_user else f"#{channel.name}"
        title = f"Thread in {where}" if message.is_reply else where
        text = plain(message.blocks[0]) if message.blocks else message.text
        place = {"channel": channel.id, "thread_ts": message.thread_ts, "ts": message.ts}
        return {"type": "notify", "user": user, **place, "title": title, "text": text}

    workspace.feed.push(render, user=user)
