"""What the widget is told, as JSON."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.webchat.shape import is_update, message_json, settings_json, status_json
from adapters.webchat.spoken import words_of
from bridge.model import (
    OPEN,
    AgentId,
    Attachment,
    Author,
    Button,
    Conversation,
    MessageId,
    Mode,
    Role,
    Status,
)
from bridge.views import View
from tests.adapters.slack.things import message, view
from tests.bridge.running import configured, in_file

LOOK = """
[webchat]
title = "Northwind"
color = "#0a7d55"
position = "left"
greeting = "Hello!"
greeting_buttons = [{ text = "Where is my parcel?" }]
[webchat.texts.de]
send = "Senden"
[webchat.texts.pt-BR]
send = "Enviar"
"""


def seen(status: Status, assignee: str = "", **more: Any) -> View:
    handoff = replace(view().handoff, status=status, assignee=AgentId(assignee) or None, **more)
    mode = Mode.HUMAN if status in OPEN else Mode.BOT
    conversation = replace(view().conversation, mode=mode, handoff_id=handoff.id)
    return replace(view(), handoff=handoff, conversation=conversation)


def test_a_message_is_told_with_who_when_and_what() -> None:
    said = replace(
        message(),
        id=MessageId("msg_1"),
        seq=3,
        author=Author(Role.AGENT, "U1", "Ana", "https://x.example/a.png"),
        text="Hi",
        buttons=(Button("Yes", "y"), Button("No")),
        attachments=(
            Attachment("a.png", "image/png", 5, "fil_1"),
            Attachment("b.png", "image/png", 5, "slack:secret"),
        ),
        sent_at=1_763_700_000_123_456,
        edited_at=0,
        before=MessageId("msg_0"),
    )
    assert message_json(said) == {
        "id": "msg_1",
        "seq": 3,
        "author": {"kind": "agent", "name": "Ana", "avatar_url": "https://x.example/a.png"},
        "text": "Hi",
        "attachments": [
            {
                "id": "fil_1",
                "name": "a.png",
                "mime": "image/png",
                "size": 5,
                "url": "/webchat/files/fil_1",
            }
        ],
        "buttons": [{"text": "Yes", "value": "y"}, {"text": "No"}],
        "sent_at": "2025-11-21T04:40:00.123Z",
        "edited_at": None,
        "deleted": False,
        "before": "msg_0",
    }
    assert not is_update(said)


def test_what_was_deleted_says_nothing_any_more_and_is_an_update() -> None:
    gone = replace(
        message(), text="secret", deleted=True, edited_at=1, buttons=(Button("x"),), before=None
    )
    told = message_json(gone)
    assert (told["text"], told["buttons"], told["attachments"]) == ("", [], [])
    assert (told["deleted"], told["edited_at"]) == (True, "1970-01-01T00:00:00.000Z")
    assert "before" not in told
    assert is_update(gone)
    assert is_update(replace(message(), edited_at=5))


def test_before_anything_was_said_the_bot_is_there() -> None:
    assert status_json(None, None, has_bot=True) == {"mode": "bot", "has_bot": True, "open": True}


@pytest.mark.parametrize(
    ("shown", "has_bot", "mode"),
    [
        (seen(Status.QUEUED), True, "queued"),
        (seen(Status.ASSIGNED, "U1"), True, "assigned"),
        (seen(Status.SNOOZED), True, "queued"),
        (seen(Status.SNOOZED, "U1"), True, "assigned"),
        (seen(Status.RESOLVED), True, "bot"),
        (seen(Status.RESOLVED), False, "closed"),
    ],
)
def test_the_mode_is_who_answers(shown: View, has_bot: bool, mode: str) -> None:
    assert status_json(shown.conversation, shown.handoff, has_bot=has_bot)["mode"] == mode


def test_paused_is_a_human_without_a_handoff() -> None:
    conversation: Conversation = replace(view().conversation, mode=Mode.HUMAN, handoff_id=None)
    assert status_json(conversation, None, has_bot=True)["mode"] == "paused"
    assert status_json(replace(conversation, mode=Mode.BOT), None, has_bot=False)["mode"] == "bot"


def test_while_somebody_is_there_it_is_told_who() -> None:
    shown = seen(Status.ASSIGNED, "U1", assignee_name="Ana", assignee_avatar="https://x.example/a")
    status = status_json(shown.conversation, shown.handoff, has_bot=True)
    assert status["agent"] == {"name": "Ana", "avatar_url": "https://x.example/a"}
    assert "position" not in status
    ended = seen(Status.RESOLVED, "U1", assignee_name="Ana")
    assert "agent" not in status_json(ended.conversation, ended.handoff, has_bot=True)


def test_while_nobody_is_there_it_is_told_how_many_are_ahead() -> None:
    mine = seen(Status.QUEUED, number=7)
    status = status_json(mine.conversation, mine.handoff, 1, has_bot=True)
    assert (status["mode"], status["position"]) == ("queued", 1)


def test_while_its_queue_is_closed_it_is_told_when_it_opens_unless_the_bot_answers() -> None:
    opens, shown = 1_763_700_000_000_000, seen(Status.QUEUED)
    status = status_json(
        shown.conversation, shown.handoff, 0, has_bot=True, opens_at=opens, usual_wait=90.4
    )
    assert (status["open"], status["opens_at"]) == (False, "2025-11-21T04:40:00.000Z")
    assert status["eta_seconds"] == 90
    assert "ask_email" not in status
    who = (shown.conversation, shown.handoff)
    alone = status_json(*who, has_bot=True, opens_at=opens, reachable=False)
    assert alone["ask_email"]
    assert "ask_email" not in status_json(*who, has_bot=True, reachable=False)
    assert status_json(None, None, has_bot=True, opens_at=opens)["open"]
    assert not status_json(None, None, has_bot=False, opens_at=opens)["open"]


def test_the_widget_is_told_how_it_looks_and_only_what_works(tmp_path: Path) -> None:
    settings = configured(in_file(tmp_path), tmp_path, LOOK)
    told = settings_json(settings, "de-AT", has_bot=True)
    assert told == {
        "title": "Northwind",
        "color": "#0a7d55",
        "position": "left",
        "greeting": "Hello!",
        "greeting_buttons": [{"text": "Where is my parcel?"}],
        "locale": "de-AT",
        "texts": {"send": "Senden"},
        "words": words_of("de"),
        "has_bot": True,
        "max_text": 10_000,
        "reactions": ["👍", "❤️", "😂", "🎉", "😢", "🙏"],
        "files": {"size": 25 * 1024 * 1024, "count": 10},
        "rating": True,
        "sound": True,
    }
    assert settings_json(settings, "pt-BR", has_bot=False)["texts"] == {"send": "Enviar"}
    assert "texts" not in settings_json(settings, "fr", has_bot=False)
