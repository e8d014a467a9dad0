"""The body of a send (Messenger Platform: Send API reference). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.messenger.plain import plain
from adapters.messenger.sending import MAX_REPLIES, MAX_SENT, is_person
from bridge.model import Author, Button, Conversation, Mode, Role
from bridge.ports import Outgoing
from bridge.texts import by_language

MAX_TITLE = 20
"""Characters of a quick reply; Meta cuts what is longer."""
MAX_PAYLOAD = 1_000
END = "deskbridge:end"
"""The payload of the quick reply that leaves the human."""
BACK: Mapping[str, str] = {
    "en": "Back to assistant",
    "fr": "Vers l’assistant",
    "de": "Zum Assistenten",
    "es": "Al asistente",
}

Body = dict[str, Any]


def text_of(out: Outgoing, *, prefix: bool) -> str:
    """What the user reads. Without a face of their own an agent's name stands before the words;
    what would not fit without its marks, or be nothing (`#`), keeps them."""
    text, author = plain(out.text), out.message.author
    text = text if text.strip() and len(text) <= MAX_SENT else out.text
    if prefix and out.part == 0 and is_person(author) and author.name:
        return f"{author.name[:50]}: {text}"
    return text


def message(
    user: str, what: Body, replies: Sequence[Body], *, key: str, right: Mapping[str, str]
) -> Body:
    """`what` is its text or its attachment; `key` comes back in the echo, be the answer lost or
    not."""
    said: Body = {**what, "metadata": key}
    if replies:
        said["quick_replies"] = list(replies)
    return {"recipient": {"id": user}, **right, "message": said}


def replies_to(conversation: Conversation, out: Outgoing, locale: str) -> list[Body]:
    """Under the last part: what the bot offers, or the way back to it."""
    if out.part + 1 < out.parts:
        return []
    buttons = out.message.buttons[:MAX_REPLIES]
    if not buttons and _may_leave(conversation, out.message.author):
        buttons = (Button(by_language(BACK, locale), END),)
    return [_reply(button) for button in buttons]


def _may_leave(conversation: Conversation, author: Author) -> bool:
    """With the desk's own words, not with each word of an agent's."""
    with_human = conversation.mode is Mode.HUMAN and bool(conversation.bot_id)
    return with_human and author.role is Role.SYSTEM


def _reply(button: Button) -> Body:
    payload = button.value or button.text
    title = button.text
    if len(title) > MAX_TITLE:
        title = title[: MAX_TITLE - 1].rstrip() + "…"
    return {"content_type": "text", "title": title, "payload": payload[:MAX_PAYLOAD]}


def action(user: str, name: str, persona: str = "") -> Body:
    """`mark_seen`, `typing_on`, `typing_off`: alone in a request."""
    body: Body = {"recipient": {"id": user}, "sender_action": name}
    return {**body, "persona_id": persona} if persona else body
