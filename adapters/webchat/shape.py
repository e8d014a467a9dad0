"""What the widget is told, as JSON: messages, the state of the conversation, settings. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from adapters.webchat.spoken import words_of
from bridge import reactions
from bridge.filing import MAX_FILE, MAX_FILES, is_kept
from bridge.model import (
    SECOND,
    Attachment,
    Button,
    Conversation,
    Handoff,
    Message,
    Micros,
    Mode,
    Status,
)
from bridge.ratings import may_rate
from bridge.scores import Rating
from bridge.settings import Settings


def message_json(message: Message) -> dict[str, Any]:
    """A message that may leave (`Message.leaves`); what was deleted says nothing any more."""
    gone = message.deleted
    shape: dict[str, Any] = {
        "id": message.id,
        "seq": message.seq,
        "author": {
            "kind": str(message.author.role),
            "name": message.author.name,
            "avatar_url": message.author.avatar_url,
        },
        "text": "" if gone else message.text,
        "attachments": [] if gone else attachments_json(message),
        "buttons": [] if gone else [button_json(one) for one in message.buttons],
        "sent_at": iso(message.sent_at),
        "edited_at": iso(message.edited_at) if message.edited_at else None,
        "deleted": gone,
    }
    if seen := [] if gone else reactions.shown(message):
        shape["reactions"] = [{"emoji": each.emoji, "by": str(each.role)} for each in seen]
    if message.before:
        shape["before"] = message.before
    return shape


def is_update(message: Message) -> bool:
    """Whether this is a change of something that was shown before."""
    return message.deleted or message.edited_at > 0 or bool(message.reactions)


def button_json(button: Button) -> dict[str, str]:
    return {"text": button.text, "value": button.value} if button.value else {"text": button.text}


def attachments_json(message: Message) -> list[dict[str, Any]]:
    """What is here of it; what is still elsewhere has no address to be told."""
    return [attachment_json(file) for file in message.attachments if is_kept(file)]


def attachment_json(file: Attachment) -> dict[str, Any]:
    """`url` is for who sends the session's token with it."""
    told = {"id": file.ref, "name": file.name, "mime": file.mime, "size": file.size}
    return {**told, "url": f"/webchat/files/{file.ref}"}


def iso(at: Micros) -> str:
    """`2026-11-21T03:44:13.120Z`"""
    seconds, micros = divmod(at, SECOND)
    moment = datetime.fromtimestamp(seconds, UTC).isoformat()[:19]  # strftime costs six times that
    return f"{moment}.{micros // 1000:03d}Z"


def status_json(
    conversation: Conversation | None,
    handoff: Handoff | None,
    ahead: int | None = None,
    *,
    has_bot: bool,
    usual_wait: float | None = None,
    reachable: bool = True,
    opens_at: Micros = 0,
    now: Micros = 0,
) -> dict[str, Any]:
    """Who answers the visitor now. `ahead`: how many wait before one who waits; without a measured
    rate there is no estimate of the wait. `opens_at`: when the queue opens that is closed; who is
    with the bot does not wait for it; who is not `reachable` elsewhere may leave an e-mail
    meanwhile."""
    status: dict[str, Any] = {"mode": "bot", "has_bot": has_bot, "open": True}
    if conversation:
        status["mode"] = mode_of(conversation, handoff, has_bot=has_bot)
    if opens_at and (status["mode"] != "bot" or not has_bot):
        status |= {"open": False, "opens_at": iso(opens_at)}
        if status["mode"] == "queued" and not reachable:
            status["ask_email"] = True
    if conversation is None:
        return status
    if handoff and handoff.is_open and handoff.assignee:
        status["agent"] = {
            "name": handoff.assignee_name,
            "avatar_url": handoff.assignee_avatar,
        }
    if handoff and not handoff.is_open and may_rate(handoff.rating, now):
        status["rating"] = rating_json(handoff.rating)
    if ahead is not None:
        status["position"] = ahead
        if usual_wait is not None:
            status["eta_seconds"] = round(usual_wait)
    return status


def rating_json(rating: Rating) -> dict[str, Any]:
    """`after`: the place of the message below which the visitor is asked; `score`: 0, none yet."""
    return {name: getattr(rating, name) for name in ("question", "after", "score", "comment")}


def mode_of(conversation: Conversation, handoff: Handoff | None, *, has_bot: bool) -> str:
    """`bot`, `queued`, `assigned`, `paused`, or `closed`: ended, and no bot to go back to."""
    if handoff and handoff.is_open:
        taken = handoff.status is Status.ASSIGNED or handoff.assignee
        return "assigned" if taken else "queued"
    if conversation.mode is Mode.HUMAN:
        return "paused"
    return "bot" if has_bot or handoff is None else "closed"


def settings_json(settings: Settings, locale: str, *, has_bot: bool) -> dict[str, Any]:
    """What the widget is told about itself. Only what works is offered."""
    look = settings.webchat
    language = re.split("[-_]", locale, maxsplit=1)[0]
    texts = look.texts.get(locale) or look.texts.get(language) or {}
    told = {
        "title": look.title,
        "subtitle": look.subtitle,
        "locale": locale,
        "color": look.color,
        "greeting": look.greeting,
        "greeting_buttons": [{"text": button.text} for button in look.greeting_buttons],
        "texts": texts,
    }
    return {
        **{name: value for name, value in told.items() if value},
        "position": look.position,
        "words": words_of(locale),
        "has_bot": has_bot,
        "max_text": 10_000,
        "reactions": list(reactions.OFFERED),
        "files": {"size": MAX_FILE, "count": MAX_FILES},
        "rating": True,
        "sound": True,
    }
